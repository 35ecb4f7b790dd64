/**
 * Small maps of the present drawing for lists of methods: computed one at a time while the drawing rests, only for
 * those that somebody sees, and kept as long as drawing and network stay.
 */
import type { Image, LiveFrame, MapKind, MethodCard, Model } from 'pellucid';
import { givesMap, mainKind, mainMap } from '../core/items.ts';
import { sameNumbers } from '../core/window.ts';
import { fullParams } from './ask.ts';
import { missingFor, needsAreSettled, whenNeedsAreThere } from './belongings.ts';
import { phase } from './engine.ts';
import { newest } from './live.ts';
import { preview } from './preview.ts';
import { target, targetText } from './target.ts';
import { viewKey, type View } from './views.ts';

export interface Thumbnail {
    map: Image;
    kind: MapKind;
    input: Image;
}
type Tell = (thumbnail: Thumbnail | null) => void;
interface Wanted {
    view: View;
    card: MethodCard;
    tell: Tell;
}

/** The drawing rests when nothing has changed for this long. */
const restMs = 300;

const wanted = new Set<Wanted>();
/** What the kept ones are of. */
let about: { model: Model; frame: LiveFrame } | null = null;
/** null: it cannot be computed. */
const kept = new Map<string, Thumbnail | null>();
let timer: ReturnType<typeof setTimeout> | undefined;
let underWay: AbortController | null = null;

/** Whether a method has a thumbnail: a map of the drawing that follows it frame by frame. */
export const hasThumbnail = (card: MethodCard, modelId: string): boolean =>
    card.pace === 'frame' && card.subject === 'input' && givesMap(card) && missingFor(card, modelId) === null;

/** Tells the thumbnail now, or when it is there; null while there is none. Ends with the returned function. */
export function wantThumbnail(view: View, card: MethodCard, tell: Tell): () => void {
    const one = { view, card, tell };
    wanted.add(one);
    look();
    tell(kept.get(keyOf(one)) ?? null);
    return () => {
        wanted.delete(one);
        if (wanted.size === 0) rest();
    };
}

function keyOf({ view, card }: Wanted): string {
    const layers = phase.value.name === 'ready' ? phase.value.model.layers : [];
    return `${viewKey(view)} ${targetText(target.value, card, layers)}`;
}

/** Nothing is computed any more. */
function rest(): void {
    clearTimeout(timer);
    underWay?.abort();
    underWay = null;
}

/** Forgets what is of another drawing or network, and begins when the drawing has come to rest. */
function look(): void {
    if (wanted.size === 0) return;
    const frame = newest.value;
    const model = phase.value.name === 'ready' ? phase.value.model : null;
    const same = about?.model === model && !!about && !!frame && sameNumbers(frame.input.data, about.frame.input.data);
    if (!same) {
        rest();
        kept.clear();
        about = model && frame ? { model, frame } : null;
        for (const { tell } of wanted) tell(null);
    }
    if (underWay) return;
    clearTimeout(timer);
    timer = setTimeout(() => void work(), same ? 0 : restMs);
}
newest.subscribe(look);
phase.subscribe(look);
target.subscribe(() => {
    for (const one of wanted) one.tell(kept.get(keyOf(one)) ?? null);
    look();
});

/** The next one after whatever the browser has to do. */
const idle = (): Promise<void> =>
    new Promise((resolve) => {
        if ('requestIdleCallback' in window) requestIdleCallback(() => resolve(), { timeout: 400 });
        else setTimeout(resolve, 40);
    });

async function work(): Promise<void> {
    if (underWay || !about || phase.value.name !== 'ready') return;
    const { modelId } = phase.value;
    const { model, frame } = about;
    const { signal } = (underWay = new AbortController());
    for (;;) {
        const one = [...wanted].find((each) => !kept.has(keyOf(each)));
        if (!one) break;
        const key = keyOf(one);
        const found = await thumbnail(one, { model, modelId, frame }, signal);
        if (signal.aborted) return;
        kept.set(key, found);
        for (const each of wanted) if (keyOf(each) === key) each.tell(found);
        await idle();
        if (signal.aborted) return;
    }
    underWay = null;
}

async function thumbnail(
    { view, card }: Wanted,
    { model, modelId, frame }: { model: Model; modelId: string; frame: LiveFrame },
    signal: AbortSignal,
): Promise<Thumbnail | null> {
    if (!needsAreSettled(card, model, modelId)) await whenNeedsAreThere(card, model, modelId);
    if (signal.aborted) return null;
    try {
        const explanation = await model.explain(card.id, frame.input.data, {
            target: targetText(target.value, card, model.layers),
            params: preview(card, fullParams(view)).params,
            signal,
        });
        const map = mainMap(card, explanation);
        return map && { map, kind: mainKind(card), input: frame.input };
    } catch {
        // A method that cannot answer says why where it is shown; here its place stays empty.
        return null;
    }
}
