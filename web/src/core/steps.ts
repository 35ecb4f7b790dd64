import type { Explanation, Image, LayerRelevance, LedgerRow } from 'pellucid';
import { largest } from './regions.ts';

/**
 * One stop on the way down the network: layers that hold the same relevance, because the ones between only pass it on.
 */
export interface Step {
    /** From the top down; the first one's units are read by the layers above. */
    names: string[];
    relevance: Image;
    sum: number;
    /** What happened on the way to the next stop. */
    crossings: LedgerRow[];
}

const sumOf = ({ data }: Image): number => data.reduce((total, value) => total + value, 0);

/** Up to rounding: products of DeepLIFT's multipliers and changes are not the same to the last bit. */
function same(a: Image, b: Image): boolean {
    const slack = 1e-6 * largest(a);
    return a.data.length === b.data.length && a.data.every((value, index) => Math.abs(value - b.data[index]!) <= slack);
}

/** The stops of an explanation that came with its layers. */
export function stepsOf({ layers = [], ledger }: Explanation): Step[] {
    const steps: Step[] = [];
    layers.forEach(({ layer, relevance }: LayerRelevance) => {
        const last = steps.at(-1);
        const row = ledger.find((each) => each.layer === layer);
        if (last && layer !== 'input' && same(last.relevance, relevance)) {
            last.names.push(layer);
            // A flattened image is still an image.
            if (relevance.height * relevance.width > 1) last.relevance = relevance;
            last.crossings = row ? [row] : [];
            return;
        }
        steps.push({ names: [layer], relevance, sum: sumOf(relevance), crossings: row ? [row] : [] });
    });
    return steps;
}

/** All channels of an image, added up. */
export function channelSum({ data, height, width, channels }: Image): Image {
    const sums = new Float32Array(height * width);
    for (let i = 0; i < data.length; i++) sums[Math.floor(i / channels)]! += data[i]!;
    return { data: sums, height, width, channels: 1 };
}

export function channelOf({ data, height, width, channels }: Image, channel: number): Image {
    return {
        data: Float32Array.from({ length: height * width }, (_, at) => data[at * channels + channel]!),
        height,
        width,
        channels: 1,
    };
}

/** Units of a vector in rows and columns, about as many of both. */
export function asRectangle({ data, height, width, channels }: Image): Image {
    if (height * width > 1 || channels === 1) return { data, height, width, channels };
    let rows = Math.floor(Math.sqrt(channels));
    while (channels % rows !== 0) rows--;
    return { data, height: rows, width: channels / rows, channels: 1 };
}

/** The channel with the strongest value at a place. */
export function strongestChannel({ data, width, channels }: Image, row: number, column: number): number {
    const start = (row * width + column) * channels;
    let best = 0;
    for (let c = 1; c < channels; c++) if (Math.abs(data[start + c]!) > Math.abs(data[start + best]!)) best = c;
    return best;
}
