import type { Explanation, Image, MethodCard } from 'pellucid';
import { mainKind, numberIn } from './items.ts';
import { percentWords, short } from './numbers.ts';

/** Where on the drawing something lies, in words and numbers. */
export interface Region {
    place: string;
    /** The strongest single pixel there. */
    peak: number;
    /** The region's part of all that has this sign, and how much that is. */
    share: number;
    total: number;
}

const places = [
    'in the upper left',
    'at the top',
    'in the upper right',
    'on the left',
    'in the middle',
    'on the right',
    'in the lower left',
    'at the bottom',
    'in the lower right',
];

interface Box {
    left: number;
    top: number;
    width: number;
    height: number;
}

/** The box around the ink: people speak of places on the digit, not on the sheet. */
function inkBox({ data, width, height }: Image): Box {
    let left = width;
    let top = height;
    let right = -1;
    let bottom = -1;
    for (let y = 0; y < height; y++) {
        for (let x = 0; x < width; x++) {
            if ((data[y * width + x] ?? 0) < 0.1) continue;
            left = Math.min(left, x);
            right = Math.max(right, x);
            top = Math.min(top, y);
            bottom = Math.max(bottom, y);
        }
    }
    return right < left
        ? { left: 0, top: 0, width, height }
        : { left, top, width: right - left + 1, height: bottom - top + 1 };
}

/**
 * Of nine equal parts of the digit the one that holds most of what is positive (sign 1) or negative (−1); null where
 * there is nothing.
 */
export function strongest(map: Image, input: Image, sign: 1 | -1): Region | null {
    const box = inkBox(input);
    const sums = new Array<number>(9).fill(0);
    const peaks = new Array<number>(9).fill(0);
    const third = (at: number, start: number, size: number) =>
        Math.min(2, Math.max(0, Math.floor((3 * (at - start)) / size)));
    let total = 0;
    for (let y = 0; y < map.height; y++) {
        for (let x = 0; x < map.width; x++) {
            const value = sign * (map.data[y * map.width + x] ?? 0);
            if (!(value > 0)) continue;
            const zone = 3 * third(y, box.top, box.height) + third(x, box.left, box.width);
            sums[zone] = (sums[zone] ?? 0) + value;
            peaks[zone] = Math.max(peaks[zone] ?? 0, value);
            total += value;
        }
    }
    if (total === 0) return null;
    const best = sums.indexOf(Math.max(...sums));
    return { place: places[best] ?? '', peak: sign * (peaks[best] ?? 0), share: (sums[best] ?? 0) / total, total };
}

/** The largest absolute value of a map, its scale. */
export function largest({ data }: Image): number {
    let most = 0;
    for (const value of data) {
        const size = Math.abs(value);
        if (size > most) most = size;
    }
    return most;
}

/** A map in a sentence, for those who cannot see it. */
export function describe(card: MethodCard, explanation: Explanation, input: Image): string {
    const { map } = explanation;
    const predicted = mainKind(card) === 'image' ? numberIn('class', card, explanation) : undefined;
    if (predicted !== undefined) {
        return `The changed drawing is read as ${predicted}, ${percentWords(
            numberIn('share', card, explanation) ?? 0,
        )} percent.`;
    }
    const inFavour = strongest(map, input, 1);
    const against = strongest(map, input, -1);
    const say = (what: string, region: Region | null) =>
        region
            ? `${what} ${region.place} (${percentWords(region.share)} percent of it), up to ${short(region.peak)}.`
            : `Nothing speaks ${what === 'Strongest for' ? 'for' : 'against'}.`;
    return against
        ? `${say('Strongest for', inFavour)} ${say('Strongest against', against)}`
        : say('Strongest', inFavour);
}
