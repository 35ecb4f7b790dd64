import type { Computed, Image, ReadWindow } from 'pellucid';
import { channelOf } from './steps.ts';

/** What one channel that a unit reads adds to it. */
export interface Addend {
    read: ReadWindow;
    /** Of the layer that is read. */
    channel: number;
    input: Image;
    weight: Image;
    products: Image;
    sum: number;
}

export function addendsOf({ reads }: Computed): Addend[] {
    return reads.flatMap((read) => {
        const { input, weight } = read;
        if (!weight) return [];
        return Array.from({ length: input.channels }, (_, index) => {
            const a = channelOf(input, index);
            const w = channelOf(weight, index);
            const data = a.data.map((value, at) => value * w.data[at]!);
            // In double precision, as the core's own sum.
            const sum = a.data.reduce((total, value, at) => total + value * w.data[at]!, 0);
            return {
                read,
                channel: read.firstChannel + index,
                input: a,
                weight: w,
                products: { ...a, data },
                sum,
            };
        });
    });
}

/** The places of the strongest, in their own order. */
export function strongest(sums: readonly number[], count: number): number[] {
    return Array.from(sums.keys())
        .sort((a, b) => Math.abs(sums[b]!) - Math.abs(sums[a]!))
        .slice(0, count)
        .sort((a, b) => a - b);
}
