import type { Explanation, Params, Received } from 'pellucid';
import { fullParams } from './ask.ts';
import { phase } from './engine.ts';

/** What is walked through: a method's answer for one drawing. */
export interface Walked {
    method: string;
    target: string;
    params: Params;
    input: Float32Array;
}

function model() {
    if (phase.value.name !== 'ready') throw new Error('the network is not there yet');
    return phase.value.model;
}

/** The same answer, with the relevance of every layer. */
export const withLayers = async (walked: Walked): Promise<Explanation> =>
    model().explain(walked.method, walked.input, { target: walked.target, params: fullParams(walked), layers: true });

export const receivedBy = async (walked: Walked, unit: string): Promise<Received> =>
    model().received(walked.method, walked.input, unit, { target: walked.target, params: fullParams(walked) });
