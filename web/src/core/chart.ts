/** Numbers for an axis: a few round ones between the least and the greatest value, both ends within. */
export function ticks(low: number, high: number, about = 4): number[] {
    if (!(high > low)) return [low];
    const rough = (high - low) / about;
    const power = 10 ** Math.floor(Math.log10(rough));
    const step = ([1, 2, 5, 10].find((factor) => factor * power >= rough * 0.999) ?? 10) * power;
    const found: number[] = [];
    for (let i = Math.ceil(low / step - 1e-9); i * step <= high + step * 1e-9; i++)
        found.push(Number((i * step).toPrecision(12)));
    return found;
}

export interface Axis {
    low: number;
    high: number;
    ticks: number[];
    /** Equal steps are equal factors. */
    logarithmic?: boolean;
}

/** The axis of places that grow by factors, such as 1, 2, 4 … 1024; null for all others. */
export function logAxis(places: ArrayLike<number>): Axis | null {
    const [low = 0, high = 0] = [places[0], places[places.length - 1]];
    const middle = places[places.length >> 1] ?? 0;
    if (!(low > 0) || high / low < 20 || middle > 0.25 * (low + high)) return null;
    const found: number[] = [];
    for (let power = 10 ** Math.floor(Math.log10(low)); power <= high; power *= 10)
        if (power >= low * 0.999) found.push(Number(power.toPrecision(6)));
    return { low, high, ticks: found.length > 1 ? found : [low, high], logarithmic: true };
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
export const along = (value: number, { low, high, logarithmic }: Axis): number =>
    logarithmic ? Math.log(value / low) / Math.log(high / low) : (value - low) / (high - low);
