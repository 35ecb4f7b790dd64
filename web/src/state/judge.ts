import type { LiveFrame, Model, Params, TargetText } from 'pellucid';
import { numbersOf } from '../core/items.ts';
import { settingOf } from '../core/judging.ts';
import { cardOf } from './ask.ts';
import { attachStrokes, needsStrokes, whenNeedsAreThere } from './belongings.ts';
import { sheet } from './drawing.ts';
import { phase } from './engine.ts';
import { target, targetText } from './target.ts';
import { parse } from './tray.ts';
import { reduced, type View } from './views.ts';

/** What is judged about: a drawing, as a network got it. */
export interface About {
    frame: LiveFrame;
    model: Model;
    modelId: string;
}

/** "a=1,b=ink" as parameters. */
export const paramsOf = (text: string): Params =>
    Object.fromEntries(
        text
            .split(',')
            .filter((part) => part.includes('='))
            .map((part) => [part.slice(0, part.indexOf('=')), parse(part.slice(part.indexOf('=') + 1))]),
    );

/** A view as the command names it: "rise:samples=500". */
export function settingText(view: View): string {
    const card = cardOf(view.method);
    const params = Object.entries(card ? reduced(view, card).params : view.params)
        .map(([name, value]) => `${name}=${String(value)}`)
        .join(',');
    return params === '' ? view.method : `${view.method}:${params}`;
}

/** The view of a setting. */
export const viewOfSetting = (text: string): View => {
    const { id, params } = settingOf(text);
    return { method: id, params: paramsOf(params) };
};

/** The question about digits, whatever part of the network is asked about elsewhere: tests are about answers. */
export const judgedTarget = (method: string, model: Model): TargetText => {
    const card = cardOf(method);
    return card ? targetText({ ...target.value, part: null }, card, model.layers) : 'predicted';
};

/** By network and answer: the drawing that stands beside the person's in the pointing game. */
const companions = new Map<string, Promise<Float32Array>>();

/** The first of the built-in pen digits that the network takes for something else. */
export function companionOf({ frame, model, modelId }: About): Promise<Float32Array> {
    const { predicted } = frame.prediction;
    const key = `${modelId} ${predicted}`;
    const known = companions.get(key);
    if (known) return known;
    const found = (async () => {
        if (phase.value.name !== 'ready') throw new Error('the program is not there yet');
        const { pellucid } = phase.value;
        let input = new Float32Array();
        for (let step = 1; step < 10; step++) {
            const { drawing } = await pellucid.penDigit((predicted + step) % 10);
            input = (await pellucid.normalise(drawing)).input.data as Float32Array<ArrayBuffer>;
            if ((await model.predict(input)).predicted !== predicted) break;
        }
        return input;
    })();
    companions.set(key, found);
    found.catch(() => companions.delete(key));
    return found;
}

/** Whether a test can judge a map as it is, without asking the method again. */
export const takesMaps = (metric: string): boolean =>
    cardOf(settingOf(metric).id)?.params.some(({ name }) => name === 'attribution') ?? false;

interface JudgeOptions {
    signal: AbortSignal;
    /** Instead of the page's question. */
    target?: TargetText | undefined;
    /** The map that is judged, where the test takes one. */
    map?: Float32Array | undefined;
}

/** What a test says of a method's map of this drawing, by the names of its numbers. */
export async function judge(
    metric: string,
    method: string,
    about: About,
    { signal, target: own, map }: JudgeOptions,
): Promise<Record<string, number>> {
    const [test, lens] = [settingOf(metric), settingOf(method)];
    const [card, judged] = [cardOf(test.id), cardOf(lens.id)];
    if (!card || !judged) throw new Error(`the package has no method called ${card ? lens.id : test.id}`);
    const { frame, model, modelId } = about;
    await whenNeedsAreThere(judged, model, modelId);
    const params: Params = { ...paramsOf(test.params), method: lens.id, method_params: lens.params };
    if (params['companion'] === 'next') params['companion'] = await companionOf(about);
    if (map !== undefined && takesMaps(metric)) params['attribution'] = map;
    if (needsStrokes(judged, paramsOf(lens.params))) await attachStrokes(model, sheet.toDrawing());
    signal.throwIfAborted();
    const answer = await model.explain(test.id, frame.input.data, {
        target: own ?? judgedTarget(test.id, model),
        params,
        signal,
    });
    return Object.fromEntries(numbersOf(card, answer).map(({ output, value }) => [output.name, value]));
}
