import type { LayerValues, LiveFrame } from 'pellucid';
import { Newest } from './ask.ts';
import { phase } from './engine.ts';
import { newest } from './live.ts';
import { Signal } from './signal.ts';

/** What every layer puts out for the present drawing. */
export interface Values {
    frame: LiveFrame;
    layers: readonly LayerValues[];
}

/** Follows the drawing while anybody uses it; null on an empty board. */
export const layerValues = new Signal<Values | null>(null);
/** Why there are none. */
export const valuesFailure = new Signal('');

const asking = new Newest<LiveFrame, LayerValues[]>(
    async (frame) => {
        if (phase.value.name !== 'ready') throw new Error('the network is not there yet');
        return phase.value.model.values(frame.input.data);
    },
    (answer, frame) => {
        if (users === 0 || newest.value === null) return;
        valuesFailure.value = answer instanceof Error ? answer.message : '';
        if (!(answer instanceof Error)) layerValues.value = { frame, layers: answer };
    },
);

let users = 0;
let end = () => {};

function follow(): void {
    if (newest.value) asking.ask(newest.value);
    else layerValues.value = null;
}

/** To be called by who shows values, and the returned function when it no longer does. */
export function useValues(): () => void {
    if (users++ === 0) {
        end = newest.subscribe(follow);
        follow();
    }
    return () => {
        if (--users > 0) return;
        end();
        layerValues.value = null;
    };
}
