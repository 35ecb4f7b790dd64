import type { ParamCard } from 'pellucid';

/** What a slider for a parameter covers. The number field beside it takes everything that the card allows. */
export interface Range {
    min: number;
    max: number;
    step: number;
    /** The slider's position is the decimal logarithm of the value. */
    logarithmic: boolean;
}

/**
 * Cards say what is allowed, often up to millions; a slider shows what is worth trying: up to four times the default.
 * null where no slider helps: seeds, and the like.
 */
export function sliderRange(card: ParamCard): Range | null {
    const { type, default: fallback } = card;
    const [min, max] = [card.min ?? -Infinity, card.max ?? Infinity];
    if ((type !== 'real' && type !== 'integer') || typeof fallback !== 'number' || card.role === 'random_seed')
        return null;
    if (type === 'real' && fallback > 0 && fallback < 1e-3) {
        return { min: Math.log10(fallback) - 3, max: Math.min(0, Math.log10(max)), step: 0.1, logarithmic: true };
    }
    const reach = fallback === 0 ? 1 : 4 * Math.abs(fallback);
    const least = Math.max(min, min >= 0 ? min : -reach);
    if (type === 'integer') return { min: least, max: Math.min(max, Math.max(reach, 8)), step: 1, logarithmic: false };
    const most = Math.min(max, reach);
    return { min: least, max: most, step: tidy((most - least) / 200), logarithmic: false };
}

/** The next step of 1, 2 or 5 times a power of ten. */
function tidy(step: number): number {
    const power = 10 ** Math.floor(Math.log10(step));
    const factor = [1, 2, 5, 10].find((each) => each * power >= step * 0.999) ?? 10;
    return Number((factor * power).toPrecision(1));
}

export const toPosition = (value: number, range: Range): number =>
    range.logarithmic ? Math.log10(Math.max(value, 1e-300)) : value;
export const fromPosition = (position: number, range: Range): number =>
    range.logarithmic ? Number((10 ** position).toPrecision(2)) : position;
