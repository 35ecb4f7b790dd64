import type { Explanation, ExplainRequest, LiveFrame, MethodCard, Model, Params, TargetText } from 'pellucid';
import { Budget } from './budget.ts';
import { preview } from './preview.ts';
import { sheet } from './drawing.ts';
import { fetchPatternsFor, phase } from './engine.ts';
import { pictures, withPictures } from './pictures.ts';
import { Signal } from './signal.ts';
import { target, targetText } from './target.ts';
import { viewKey, type View } from './views.ts';

/** What an element gets for each answer. */
export interface Answer {
    explanation: Explanation | Error;
    frame: LiveFrame;
    /** In words, how the computation was shortened; null for the full one. */
    shortened: string | null;
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
    request: ExplainRequest & { params: Params };
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

/** Asks for a view at every frame, until the returned function is called. */
export function watch(
    view: View,
    listener: Watcher['listener'],
    { target: ownTarget, inView = () => true }: { target?: TargetText; inView?: () => boolean } = {},
): () => void {
    const watcher: Watcher = { key: `${viewKey(view)} ${ownTarget ?? ''}`, view, ownTarget, inView, listener };
    watchers.add(watcher);
    refresh();
    return () => watchers.delete(watcher);
}

/** Something has changed: the newest state is asked for with the browser's next frame, older ones in between never. */
export function refresh(): void {
    refinement?.abort();
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

function questions(cards: ReadonlyMap<string, MethodCard>): Question[] {
    const byKey = new Map<string, Question>();
    for (const watcher of watchers) {
        const card = cards.get(watcher.view.method);
        if (!card) continue;
        const same = byKey.get(watcher.key);
        if (same) {
            same.watchers.push(watcher);
            continue;
        }
        const { params, words } = preview(card, watcher.view.params);
        byKey.set(watcher.key, {
            key: watcher.key,
            request: { method: card.id, target: watcher.ownTarget ?? targetText(target.value, card), params: withPictures(params, card) },
            view: watcher.view,
            shortened: words,
            watchers: [watcher],
        });
    }
    return [...byKey.values()];
}

function nextFrame(): void {
    scheduled = 0;
    if (underWay >= mostUnderWay || !stale || phase.value.name !== 'ready') return;
    stale = false;
    if (sheet.empty) {
        newest.value = null;
        return;
    }
    underWay++;
    const { model, cards } = phase.value;
    void ask(model, cards).finally(() => {
        underWay--;
        if (stale) scheduled ||= requestAnimationFrame(nextFrame);
    });
}

async function ask(model: Model, cards: ReadonlyMap<string, MethodCard>): Promise<void> {
    const inView = questions(cards).filter(({ watchers }) => watchers.some((watcher) => watcher.inView()));
    const asked = budget.choose(inView);
    const began = performance.now();
    const number = ++asks;
    fetchPatternsFor(asked.map(({ view }) => view.method));
    let frame: LiveFrame;
    try {
        frame = await model.live(sheet.toDrawing(), asked.map(({ request }) => request));
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
    // First what had to skip this frame, then what was shortened. What nobody sees is asked for when it comes into view.
    const waiting = [...inView.filter((question) => !asked.includes(question)), ...asked.filter(({ shortened }) => shortened !== null)];
    rest = setTimeout(() => void refine(model, frame, waiting), restMs);
}

/** Computes in full, one after the other, what the frame had shortened or left out. Any change stops it. */
async function refine(model: Model, frame: LiveFrame, waiting: Question[]): Promise<void> {
    const { signal } = (refinement = new AbortController());
    for (const question of waiting) {
        const { method, target: asked } = question.request;
        fetchPatternsFor([method]);
        const params = fullParams(question);
        const explanation = await model
            .explain(method, frame.input.data, { ...(asked ? { target: asked } : {}), params, signal })
            .catch((error: unknown) => (error instanceof Error ? error : new Error(String(error))));
        if (signal.aborted) return;
        tell(question, { explanation, frame, shortened: null });
    }
}

function fullParams({ view }: Question): Params {
    const card = phase.value.name === 'ready' ? phase.value.cards.get(view.method) : undefined;
    return card ? withPictures(view.params, card) : view.params;
}

function tell(question: Question, answer: Answer): void {
    for (const watcher of question.watchers) if (watchers.has(watcher)) watcher.listener(answer);
}
