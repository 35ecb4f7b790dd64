import type { Image, Model, Series, TargetText } from 'pellucid';

/** In so many steps all pixels go. */
export const steps = 56;
/** So many orders drawn at random, the same every time. */
const randomOrders = 4;

export type Way = 'deletion' | 'insertion';

/** The target's probability step by step, in the map's order and on average over random ones. */
export interface Curves {
    at: Float32Array;
    ranked: Float32Array;
    random: Float32Array;
}

/** How many pixels have gone at a step, as the core counts them. */
export const pixelsAt = (step: number, pixels: number): number => Math.floor((step * pixels) / steps);

/** The pixels' places, the most relevant first; equals in reading order, as the core has them. */
export function rankedPixels({ data }: Image): number[] {
    return Array.from(data.keys()).sort((a, b) => data[b]! - data[a]! || a - b);
}

/** The drawing after a step: without the first pixels of the order, or with nothing else. */
export function erased(input: Image, order: readonly number[], step: number, way: Way, paper: number): Image {
    const data = way === 'deletion' ? input.data.slice() : new Float32Array(input.data.length).fill(paper);
    for (const at of order.slice(0, pixelsAt(step, order.length)))
        data[at] = way === 'deletion' ? paper : input.data[at]!;
    return { ...input, data };
}

/** Numbers between 0 and 1, always the same (mulberry32). */
function* numbers(seed: number): Generator<number> {
    for (let state = seed; ; ) {
        state = (state + 0x6d2b79f5) | 0;
        let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
        mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
        yield ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
    }
}

/** The metric's own curves, for the map and for maps of random numbers, in one question. */
export async function curvesOf(
    way: Way,
    model: Model,
    input: Image,
    map: Image,
    target: TargetText,
    signal: AbortSignal,
): Promise<Curves> {
    const size = map.data.length;
    const count = 1 + randomOrders;
    const inputs = new Float32Array(count * input.data.length);
    const maps = new Float32Array(count * size);
    const random = numbers(1);
    for (let n = 0; n < count; n++) {
        inputs.set(input.data, n * input.data.length);
        if (n === 0) maps.set(map.data);
        else for (let i = 0; i < size; i++) maps[n * size + i] = random.next().value as number;
    }
    const { outputs } = await model.explain(way, inputs, { target, params: { attribution: maps, steps }, signal });
    const { at, values } = outputs['curve'] as Series;
    const [ranked, ...others] = values;
    return {
        at,
        ranked: ranked!,
        random: ranked!.map((_, k) => others.reduce((sum, curve) => sum + curve[k]!, 0) / others.length),
    };
}

/** The area under a curve whose places go from 0 to 1, as the metric has it. */
export const areaUnder = (curve: Float32Array): number =>
    curve.reduce((sum, value, k) => (k === 0 ? 0 : sum + (value + curve[k - 1]!) / 2), 0) / (curve.length - 1);
