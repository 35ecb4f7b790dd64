import type { Image } from 'pellucid';
import { largest } from './regions.ts';

/** The places of values in their order, 0 for the smallest; equal ones share the mean of their places. */
export function ranks(values: ArrayLike<number>): Float64Array {
    const order = Array.from({ length: values.length }, (_, i) => i).sort((a, b) => values[a]! - values[b]!);
    const found = new Float64Array(values.length);
    for (let first = 0; first < order.length; ) {
        let end = first + 1;
        while (end < order.length && values[order[end]!] === values[order[first]!]) end++;
        for (let i = first; i < end; i++) found[order[i]!] = (first + end - 1) / 2;
        first = end;
    }
    return found;
}

/** Spearman's rank correlation; NaN where one of both is the same everywhere. */
export function spearman(a: ArrayLike<number>, b: ArrayLike<number>): number {
    const [x, y] = [ranks(a), ranks(b)];
    const mean = (x.length - 1) / 2;
    let [xy, xx, yy] = [0, 0, 0];
    for (let i = 0; i < x.length; i++) {
        xy += (x[i]! - mean) * (y[i]! - mean);
        xx += (x[i]! - mean) ** 2;
        yy += (y[i]! - mean) ** 2;
    }
    return xy / Math.sqrt(xx * yy);
}

/** The first map less the second; `own`: each in parts of its largest value, for maps that are in different units. */
export function difference(a: Image, b: Image, own: boolean): Image {
    const [p, q] = own ? [largest(a) || 1, largest(b) || 1] : [1, 1];
    return { ...a, data: a.data.map((value, i) => value / p - (b.data[i] ?? 0) / q) };
}
