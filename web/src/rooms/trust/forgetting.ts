import type { Explanation, Model } from 'pellucid';
import { cardOf } from '../../state/ask.ts';
import { attachStrokes, needsStrokes, whenNeedsAreThere } from '../../state/belongings.ts';
import { sheet } from '../../state/drawing.ts';
import { settingOf } from '../../core/judging.ts';
import { judgedTarget, settingText, type About } from '../../state/judge.ts';
import type { View } from '../../state/views.ts';

/** The metric's own answer: maps and likeness at every stage. */
export async function forget(
    view: View,
    { frame, model, modelId }: About,
    seed: number,
    signal: AbortSignal,
): Promise<Explanation> {
    const card = cardOf(view.method);
    if (card) await whenNeedsAreThere(card, model, modelId);
    if (needsStrokes(card, view.params)) await attachStrokes(model, sheet.toDrawing());
    return model.explain('model_randomisation', frame.input.data, {
        target: judgedTarget('model_randomisation', model),
        params: { method: view.method, method_params: settingOf(settingText(view)).params, seed },
        signal,
    });
}

/** The layers with weights, from the top down: the order in which they forget. `count`: how many the metric had. */
export function namesOf({ layers }: Model, count: number): string[] {
    const names = layers
        .filter(({ parameters }) => parameters > 0)
        .map(({ name }) => name)
        .reverse();
    return names.length === count ? names : Array.from({ length: count }, (_, k) => `layer ${count - k}`);
}

/** A rank correlation in words; a map whose signs have turned is no other map. */
export function likeness(rank: number): string {
    const like = rank < 0 ? 'the reverse of' : 'like';
    const size = Math.abs(rank);
    return size >= 0.7
        ? rank < 0
            ? 'almost the reverse of'
            : 'almost the same as'
        : size >= 0.4
          ? `much ${like}`
          : size >= 0.2
            ? `a little ${like}`
            : 'no longer like';
}
