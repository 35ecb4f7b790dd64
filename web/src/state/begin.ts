import type { LiveFrame, MethodCard, TargetText } from 'pellucid';
import { fullParams } from './ask.ts';
import { attachStrokes, needsStrokes, whenNeedsAreThere } from './belongings.ts';
import { drawingFromText } from './drawing-text.ts';
import { packed, sheet } from './drawing.ts';
import { changes, changesToText, pageModel } from './changes.ts';
import { chosenModel, modelOf, phase } from './engine.ts';
import type { Source } from './live.ts';
import { runKey, startRun, type Run } from './run.ts';
import { target, targetText } from './target.ts';
import type { View } from './views.ts';

const modelFor = (source?: Source): string => source?.model ?? chosenModel.value;

/** What a run for that would be known by now. */
export function keyOf(view: View, card: MethodCard, source?: Source, own?: TargetText): string {
    const layers = phase.value.name === 'ready' ? phase.value.model.layers : [];
    const changed = source?.model ? '' : changesToText(changes.value);
    return `${runKey(
        view,
        own ?? targetText(target.value, card, layers),
        modelFor(source),
    )} ${changed} ${source?.drawing ?? ''}`;
}

/** Begins a run of a method on what is looked at; methods that look at no drawing get an empty sheet. */
export async function begin(view: View, card: MethodCard, source?: Source, own?: TargetText): Promise<Run> {
    const modelId = modelFor(source);
    const key = keyOf(view, card, source, own);
    const model = await (source?.model ? modelOf(modelId) : pageModel());
    await whenNeedsAreThere(card, model, modelId);
    const strokes = (source?.drawing ? drawingFromText(source.drawing) : null) ?? sheet.strokes;
    const { height, width, channels } = model.input;
    const empty = !strokes.some(({ eraser }) => !eraser);
    if (needsStrokes(card, view.params)) await attachStrokes(model, packed(strokes));
    const frame: LiveFrame = await model.live(
        empty ? new Float32Array(height * width * channels) : packed(strokes),
        [],
    );
    return startRun({
        key,
        card,
        view,
        model,
        modelId,
        frame,
        params: fullParams(view),
        target: own ?? targetText(target.value, card, model.layers),
    });
}
