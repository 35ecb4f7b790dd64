import type { MethodCard, Params } from 'pellucid';

/**
 * Parameters that decide how long a method takes, by name, and how far they are shortened while the drawing changes.
 * By name and not by method, so that a method that comes with such a parameter gets its preview without a line here.
 */
const caps: Record<string, { cap: number; noun: string }> = {
    points: { cap: 5, noun: 'points' },
    samples: { cap: 5, noun: 'samples' },
    steps: { cap: 4, noun: 'steps' },
};
const strides: Record<string, { least: number; noun: string }> = {
    stride: { least: 4, noun: 'stride' },
};

/** The parameters for a quick answer, and in words what was shortened (null: nothing). */
export function preview(card: MethodCard, params: Params): { params: Params; words: string | null } {
    const quick: Params = { ...params };
    const shortened: string[] = [];
    for (const { name, type, default: fallback } of card.params) {
        const value = params[name] ?? fallback;
        if (type !== 'integer' || typeof value !== 'number') continue;
        const limit = caps[name];
        if (limit && value > limit.cap) {
            quick[name] = limit.cap;
            shortened.push(`${limit.cap} ${limit.noun}`);
        }
        const stride = strides[name];
        if (stride && value < stride.least) {
            quick[name] = stride.least;
            shortened.push(`${stride.noun} ${stride.least}`);
        }
    }
    return { params: quick, words: shortened.length > 0 ? shortened.join(', ') : null };
}
