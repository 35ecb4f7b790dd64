/** Numbers for an axis: a few round ones between the least and the greatest value, both ends within. */
export function ticks(low: number, high: number, about = 4): number[] {
    if (!(high > low)) return [low];
    const rough = (high - low) / about;
    const power = 10 ** Math.floor(Math.log10(rough));
    const step = ([1, 2, 5, 10].find((factor) => factor * power >= rough * 0.999) ?? 10) * power;
    const found: number[] = [];
    for (let i = Math.ceil(low / step - 1e-9); i * step <= high + step * 1e-9; i++) found.push(Number((i * step).toPrecision(12)));
    return found;
}

export interface Axis {
    low: number;
    high: number;
    ticks: number[];
}

/** An axis around the values; `include` is seen in any case. */
export function axis(values: Iterable<number>, include: readonly number[] = []): Axis {
    let [low, high] = [Infinity, -Infinity];
    for (const value of [...include, ...values]) {
        if (!Number.isFinite(value)) continue;
        low = Math.min(low, value);
        high = Math.max(high, value);
    }
    if (low > high) [low, high] = [0, 1];
    if (low === high) [low, high] = low === 0 ? [0, 1] : [Math.min(0, low), Math.max(0, high)];
    return { low, high, ticks: ticks(low, high) };
}

/** Where a value lies on an axis, 0 … 1. */
export const along = (value: number, { low, high }: Axis): number => (value - low) / (high - low);
