import type { Image, Prediction } from 'pellucid';

/** A pixel that differs by less is not changed. */
const leastChange = 1e-6;

/** How much one image differs from another. */
export interface Size {
    pixels: number;
    l2: number;
    linf: number;
}

export function sizeOf(start: ArrayLike<number>, now: ArrayLike<number>): Size {
    const size = { pixels: 0, l2: 0, linf: 0 };
    for (let i = 0; i < start.length; i++) {
        const change = Math.abs((now[i] ?? 0) - (start[i] ?? 0));
        if (change < leastChange) continue;
        size.pixels++;
        size.l2 += change * change;
        size.linf = Math.max(size.linf, change);
    }
    size.l2 = Math.sqrt(size.l2);
    return size;
}

/** Fewer pixels are better; of as many, the smaller change. */
export const isSmaller = (a: Size, b: Size): boolean => a.pixels < b.pixels || (a.pixels === b.pixels && a.l2 < b.l2);

/** Whether it is what was wanted: that digit, or anything but the first answer. */
export const isTurned = (first: number, now: Prediction, wanted: number | null): boolean =>
    wanted === null ? now.predicted !== first : now.predicted === wanted;

/** Something that turned the answer: by hand, or by an attack. */
export interface Feat extends Size {
    image: Image;
    read: number;
}

export type Tool = 'ink' | 'paper' | 'back';

/** A pixel under a tool: full of ink, empty, or as it was. */
export const dab = (tool: Tool, start: number): number => (tool === 'ink' ? 1 : tool === 'paper' ? 0 : start);

/** The pixels on the way from one to another, both ends included. */
export function line([x0, y0]: readonly [number, number], [x1, y1]: readonly [number, number]): [number, number][] {
    const steps = Math.max(Math.abs(x1 - x0), Math.abs(y1 - y0), 1);
    return Array.from({ length: steps + 1 }, (_, i) => [
        Math.round(x0 + ((x1 - x0) * i) / steps),
        Math.round(y0 + ((y1 - y0) * i) / steps),
    ]);
}
