import type { LiveFrame, MethodCard, TargetText } from 'pellucid';
import { pageModel } from './changes.ts';
import { cardOf, fullParams, Newest } from './ask.ts';
import { attachStrokes, needsStrokes, whenNeedsAreThere } from './belongings.ts';
import { drawingFromText } from './drawing-text.ts';
import { packed, sheet } from './drawing.ts';
import { chosenModel, modelOf, phase } from './engine.ts';
import type { Answer, Source } from './live.ts';
import { preview } from './preview.ts';
import { pictures, withPictures } from './pictures.ts';
import { target, targetText } from './target.ts';
import type { View } from './views.ts';

interface Ask {
    view: View;
    card: MethodCard;
    quick: boolean;
}

/** The pen rests when nothing has changed for this long. */
const restMs = 160;

/**
 * Answers beside the page's own frames: of another network, of a drawing of its own, or of a method that looks at no
 * drawing. Each is asked for as soon as the one before has come, and in full when the pen rests.
 */
export function watchAside(
    view: View,
    source: Source,
    ownTarget: TargetText | undefined,
    inView: () => boolean,
    listener: (answer: Answer) => void,
): () => void {
    let ended = false;
    let rest: ReturnType<typeof setTimeout> | undefined;
    const own = source.drawing ? drawingFromText(source.drawing) : null;
    const card = cardOf(view.method);
    const still = own !== null || card?.subject === 'model' || card?.subject === 'data';

    const work = async ({ card: asked, quick }: Ask): Promise<Answer> => {
        const id = source.model ?? chosenModel.value;
        const model = await (source.model ? modelOf(id) : pageModel());
        await whenNeedsAreThere(asked, model, id);
        const strokes = own ?? sheet.strokes;
        const { height, width, channels } = model.input;
        const empty = !strokes.some(({ eraser }) => !eraser);
        const { params, words } = quick ? preview(asked, view.params) : { params: view.params, words: null };
        const request = {
            method: asked.id,
            target: ownTarget ?? targetText(target.value, asked, model.layers),
            params: quick ? withPictures(params, asked) : fullParams(view),
        };
        if (needsStrokes(asked, view.params)) await attachStrokes(model, packed(strokes));
        const frame: LiveFrame = await model.live(
            empty ? new Float32Array(height * width * channels) : own ? packed(own) : sheet.toDrawing(),
            [request],
        );
        return { explanation: frame.explanations[0]!, frame, shortened: words };
    };
    const newest = new Newest<Ask, Answer>(work, (answer) => {
        if (ended) return;
        if (answer instanceof Error) console.error(answer);
        else listener(answer);
    });
    const ask = (quick: boolean) => {
        const asked = cardOf(view.method);
        if (ended || !asked || phase.value.name !== 'ready' || !inView()) return;
        if (!still && sheet.empty) return;
        newest.ask({ view, card: asked, quick });
    };
    const changed = () => {
        clearTimeout(rest);
        const pace = cardOf(view.method)?.pace;
        if (pace === 'asked') return;
        if (pace === 'frame' && !still) ask(true);
        rest = setTimeout(() => ask(false), still ? 0 : restMs);
    };
    const ends = [
        ...(still ? [] : [sheet.version.subscribe(changed)]),
        ...(ownTarget === undefined ? [target.subscribe(changed)] : []),
        phase.subscribe(changed),
        pictures.subscribe(changed),
    ];
    changed();
    return () => {
        ended = true;
        clearTimeout(rest);
        for (const end of ends) end();
    };
}
