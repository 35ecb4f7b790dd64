import { settings } from './settings.ts';
import { Signal } from './signal.ts';

/** A map on the page whose colours follow the page's choice of scale. */
export interface Scaled {
    /** Its own largest absolute value; null while it shows nothing, or has a scale of its own. */
    readonly most: number | null;
    paint(): void;
}

/**
 * The scale that maps share: the largest value of all that are shown, whatever was computed when. Maps are painted
 * after all answers of a frame have come, so that no two of them are ever painted with different shared scales.
 */
export const sharedScale = new Signal(0);

const maps = new Set<Scaled>();
let waiting: Set<Scaled> | null = null;

export const isShared = (): boolean => settings.value.scale === 'shared';

export function joinScale(map: Scaled): () => void {
    maps.add(map);
    return () => {
        maps.delete(map);
        waiting?.delete(map);
        if (isShared()) repaint();
    };
}

/** Something else is shown in `map`: it is painted now, or with all the others once their scale is known. */
export function shown(map: Scaled): void {
    if (isShared()) repaint(map);
    else map.paint();
}

function repaint(map?: Scaled): void {
    if (waiting === null) {
        waiting = new Set();
        queueMicrotask(flush);
    }
    if (map) waiting.add(map);
}

function flush(): void {
    const changed = waiting ?? new Set<Scaled>();
    waiting = null;
    const most = Math.max(0, ...Array.from(maps, (map) => map.most ?? 0));
    const all = most !== sharedScale.value;
    sharedScale.value = most;
    for (const map of all ? maps : changed) map.paint();
}

settings.subscribe(() => {
    if (isShared()) repaint();
});
