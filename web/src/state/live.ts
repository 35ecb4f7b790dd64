import type { Explanation, ExplainRequest, LiveFrame, MethodCard, Model, Params, TargetText } from 'pellucid';
import { watchAside } from './aside.ts';
import { cardOf, fullParams } from './ask.ts';
import { attachStrokes, needsAreSettled, needsStrokes } from './belongings.ts';
import { Budget } from './budget.ts';
import { preview } from './preview.ts';
import { sheet } from './drawing.ts';
import { phase } from './engine.ts';
import { pictures, withPictures } from './pictures.ts';
import { Run } from './run.ts';
import { Signal } from './signal.ts';
import { target, targetText } from './target.ts';
import { viewKey, type View } from './views.ts';

/** What an element gets for each answer. */
export interface Answer {
    explanation: Explanation | Error;
    frame: LiveFrame;
    /** In words, how the computation was shortened; null for the full one. */
    shortened: string | null;
    /** What computes it, where that takes its time. */
    run?: Run;
}

/** What answers, where that is not the page's network, or not the page's drawing. */
export interface Source {
    model: string | null;
    /** As text (drawing-text.ts). */
    drawing: string | null;
}

interface Watcher {
    key: string;
    view: View;
    /** Instead of the page's target, for views that choose their own. */
    ownTarget: TargetText | undefined;
    /** Out of view nothing is computed; what comes into view asks for itself. */
    inView: () => boolean;
    listener: (answer: Answer) => void;
}

/** One question to the core, for all watchers that ask it. */
interface Question {
    key: string;
    view: View;
    request: ExplainRequest & { params: Params; target?: TargetText };
    shortened: string | null;
    watchers: Watcher[];
}

/** The pen rests when nothing has changed for this long; then what was shortened is computed in full. */
const restMs = 140;

/** The newest answered frame; null on an empty board. */
export const newest = new Signal<LiveFrame | null>(null);
/** For measurements: everything in view shows the drawing as it was when `asked` (as performance.now() counts). */
export interface FrameDetail {
    asked: number;
    views: number;
    /** In the core and on the way there and back. */
    milliseconds: number;
}

const watchers = new Set<Watcher>();
let budget = new Budget(1);
let stale = false;
/** A frame is asked for when the browser begins one of its own, so that the answer is there for its next. */
let scheduled = 0;
/** Frames under way. The second is asked for while the first is answered and painted. */
let underWay = 0;
const mostUnderWay = 2;
let asks = 0;
let answered = 0;
let rest: ReturnType<typeof setTimeout> | undefined;
let refinement: AbortController | undefined;
/** A long computation for the resting drawing. */
let running: Run | undefined;

/** Asks for a view at every frame, until the returned function is called. */
export function watch(
    view: View,
    listener: Watcher['listener'],
    {
        target: ownTarget,
        inView = () => true,
        source,
    }: { target?: TargetText; inView?: () => boolean; source?: Source } = {},
): () => void {
    if (isAside(cardOf(view.method), source))
        return watchAside(view, source ?? { model: null, drawing: null }, ownTarget, inView, listener);
    const watcher: Watcher = { key: `${viewKey(view)} ${ownTarget ?? ''}`, view, ownTarget, inView, listener };
    watchers.add(watcher);
    refresh();
    return () => watchers.delete(watcher);
}

/** Whether something is answered beside the frames: see aside.ts. */
export const isAside = (card: MethodCard | undefined, source?: Source): boolean =>
    (source !== undefined && (source.model !== null || source.drawing !== null)) ||
    card?.subject === 'model' ||
    card?.subject === 'data';

/** Something has changed: the newest state is asked for with the browser's next frame, older ones in between never. */
export function refresh(): void {
    refinement?.abort();
    running?.stop();
    clearTimeout(rest);
    stale = true;
    scheduled ||= requestAnimationFrame(nextFrame);
}

sheet.version.subscribe(refresh);
target.subscribe(refresh);
pictures.subscribe(refresh);
phase.subscribe((now) => {
    if (now.name === 'ready') budget = new Budget(now.pellucid.workers);
    refresh();
});

function questions(cards: ReadonlyMap<string, MethodCard>, layers: Model['layers']): Question[] {
    const byKey = new Map<string, Question>();
    for (const watcher of watchers) {
        const card = cards.get(watcher.view.method);
        if (!card || card.pace === 'asked') continue;
        const same = byKey.get(watcher.key);
        if (same) {
            same.watchers.push(watcher);
            continue;
        }
        const { params, words } = preview(card, watcher.view.params);
        byKey.set(watcher.key, {
            key: watcher.key,
            request: {
                method: card.id,
                target: watcher.ownTarget ?? targetText(target.value, card, layers),
                params: withPictures(params, card),
            },
            view: watcher.view,
            shortened: words,
            watchers: [watcher],
        });
    }
    return [...byKey.values()];
}

function nextFrame(): void {
    scheduled = 0;
    // Strokes are told before a frame, and would be told in the middle of another.
    const most = [...watchers].some(({ view }) => needsStrokes(cardOf(view.method), view.params)) ? 1 : mostUnderWay;
    if (underWay >= most || !stale || phase.value.name !== 'ready') return;
    stale = false;
    if (sheet.empty) {
        newest.value = null;
        return;
    }
    underWay++;
    const { model, cards, modelId } = phase.value;
    void ask(model, cards, modelId).finally(() => {
        underWay--;
        if (stale) scheduled ||= requestAnimationFrame(nextFrame);
    });
}

async function ask(model: Model, cards: ReadonlyMap<string, MethodCard>, modelId: string): Promise<void> {
    const inView = questions(cards, model.layers)
        .filter(({ watchers }) => watchers.some((watcher) => watcher.inView()))
        .filter(({ request }) => needsAreSettled(cards.get(request.method)!, model, modelId));
    // Those that take their time wait until the drawing rests.
    const asked = budget.choose(inView.filter(({ request }) => cards.get(request.method)?.pace === 'frame'));
    const began = performance.now();
    const number = ++asks;
    let frame: LiveFrame;
    const drawing = sheet.toDrawing();
    try {
        if (inView.some(({ view }) => needsStrokes(cards.get(view.method), view.params)))
            await attachStrokes(model, drawing);
        frame = await model.live(
            drawing,
            asked.map(({ request }) => request),
        );
    } catch (error) {
        if (!sheet.empty) console.error(error);
        return;
    }
    if (sheet.empty || number < answered) return;
    answered = number;
    newest.value = frame;
    budget.adjust(frame.milliseconds);
    asked.forEach((question, index) => {
        const explanation = frame.explanations[index];
        if (explanation && !(explanation instanceof Error)) budget.learn(question.key, explanation.milliseconds);
        if (explanation) tell(question, { explanation, frame, shortened: question.shortened });
    });
    const detail: FrameDetail = { asked: began, views: asked.length, milliseconds: frame.milliseconds };
    dispatchEvent(new CustomEvent('pellucid:frame', { detail }));
    if (stale) return;
    // First what had to skip this frame, then what was shortened. What nobody sees is asked for when it comes into
    // view.
    const waiting = [
        ...inView.filter((question) => !asked.includes(question)),
        ...asked.filter(({ shortened }) => shortened !== null),
    ];
    // A frame that was under way together with this one may have set it already.
    clearTimeout(rest);
    rest = setTimeout(() => void refine(model, modelId, frame, waiting), restMs);
}

/** Computes in full, one after the other, what the frame had shortened or left out. Any change stops it. */
async function refine(model: Model, modelId: string, frame: LiveFrame, waiting: Question[]): Promise<void> {
    refinement?.abort();
    running?.stop();
    const { signal } = (refinement = new AbortController());
    for (const question of waiting) {
        const { method, target: asked = 'predicted' } = question.request;
        const card = cardOf(method);
        if (!card) continue;
        const order = {
            key: question.key,
            card,
            view: question.view,
            params: fullParams(question.view),
            target: asked,
            model,
            modelId,
            frame,
        };
        const run = (running = new Run(order));
        // Its first snapshots are coarser than what is there, unless nothing is.
        if (card.pace !== 'frame') {
            run.changed.subscribe(() => {
                if (!signal.aborted && run.snapshot)
                    tell(question, { explanation: run.snapshot, frame, shortened: null, run });
            });
        }
        await run.ended;
        if (signal.aborted) return;
        if (run.state === 'failed')
            tell(question, { explanation: run.error ?? new Error('it could not be computed'), frame, shortened: null });
        else if (run.snapshot) tell(question, { explanation: run.snapshot, frame, shortened: null, run });
    }
}

function tell(question: Question, answer: Answer): void {
    for (const watcher of question.watchers) if (watchers.has(watcher)) watcher.listener(answer);
}
