/**
 * Whether a drawing looks like one digit at all. A network of ten answers gives one of the ten to anything, often with
 * certainty. Two things tell that something else was drawn, both compared with MNIST's training images of the digit
 * that it is read as:
 *   - the shape: how much ink, how long the trace, how many holes and pieces, how often a row or a column crosses ink;
 *     none may be larger than in all but a few of a thousand images of that digit;
 *   - the logits x: their Mahalanobis distance √((x − μ)ᵀ Σ⁻¹ (x − μ)) from the nearest digit's mean μ.
 * The limits come from tests/web/one_digit.mjs, which also measures how often the rule is wrong (models/lenet.md).
 */

export interface Pixels {
    data: Float32Array;
    width: number;
    height: number;
}

/** What is measured of the ink, in the order of the limits. */
export const features = [
    'ink',
    'trace',
    'holes',
    'pieces',
    'aspect',
    'row runs',
    'column runs',
    'all row runs',
    'all column runs',
] as const;

export interface Limits {
    /** For each digit, the largest value of each feature. */
    most: readonly (readonly number[])[];
    /** For each digit, the mean logits; and the inverse of the covariance that all share. */
    means: readonly (readonly number[])[];
    precision: readonly (readonly number[])[];
    /** The largest squared distance. */
    distance: number;
}

/** Where ink begins, and where a speck is too faint to count as a piece: below this much ink. */
const solid = 0.5;
const visible = 0.3;
const leastPiece = 4;

/** Calls `found` for every connected area of `inside`, with its pixels; `diagonal`: corners connect, too. */
function areas(
    width: number,
    height: number,
    inside: (at: number) => boolean,
    diagonal: boolean,
    found: (pixels: number[]) => void,
): void {
    const seen = new Uint8Array(width * height);
    for (let start = 0; start < seen.length; start++) {
        if (seen[start] || !inside(start)) continue;
        const pixels = [start];
        seen[start] = 1;
        for (let next = 0; next < pixels.length; next++) {
            const [x, y] = [pixels[next]! % width, Math.floor(pixels[next]! / width)];
            for (let v = -1; v <= 1; v++) {
                for (let u = -1; u <= 1; u++) {
                    if (
                        (!diagonal && u !== 0 && v !== 0) ||
                        x + u < 0 ||
                        x + u >= width ||
                        y + v < 0 ||
                        y + v >= height
                    )
                        continue;
                    const at = (y + v) * width + x + u;
                    if (seen[at] || !inside(at)) continue;
                    seen[at] = 1;
                    pixels.push(at);
                }
            }
        }
        found(pixels);
    }
}

/** How many stretches of ink each line holds: `size` lines, pixel k of line i at `at(i, k)`. */
function runs(lines: number, length: number, isInk: (line: number, k: number) => boolean): number[] {
    return Array.from({ length: lines }, (_, line) => {
        let count = 0;
        for (let k = 0; k < length; k++) if (isInk(line, k) && !(k > 0 && isInk(line, k - 1))) count++;
        return count;
    });
}

/** The features of an image of ink on paper. */
export function measure({ data, width, height }: Pixels): number[] {
    const at = (x: number, y: number) => (x < 0 || y < 0 || x >= width || y >= height ? 0 : data[y * width + x]!);
    const isSolid = (x: number, y: number) => at(x, y) > solid;
    let ink = 0;
    let edge = 0;
    let [left, top, right, bottom] = [width, height, -1, -1];
    for (let y = 0; y < height; y++) {
        for (let x = 0; x < width; x++) {
            ink += at(x, y);
            edge += Math.hypot(at(x + 1, y) - at(x - 1, y), at(x, y + 1) - at(x, y - 1)) / 2;
            if (!isSolid(x, y)) continue;
            [left, top, right, bottom] = [Math.min(left, x), Math.min(top, y), Math.max(right, x), Math.max(bottom, y)];
        }
    }
    let holes = -1; // the paper around is none
    areas(
        width,
        height,
        (i) => !(data[i]! > solid),
        false,
        () => holes++,
    );
    let pieces = 0;
    areas(
        width,
        height,
        (i) => data[i]! > visible,
        true,
        (pixels) => {
            if (pixels.reduce((sum, i) => sum + data[i]!, 0) > leastPiece) pieces++;
        },
    );
    const rows = runs(height, width, (line, k) => isSolid(k, line));
    const columns = runs(width, height, (line, k) => isSolid(line, k));
    const sum = (counts: number[]) => counts.reduce((total, count) => total + count, 0);
    // A line has two edges, so half of them is its length.
    return [
        ink,
        edge / 2,
        Math.max(holes, 0),
        pieces,
        right < 0 ? 1 : (right - left + 1) / (bottom - top + 1),
        Math.max(...rows),
        Math.max(...columns),
        sum(rows),
        sum(columns),
    ];
}

/** The squared distance of logits from the nearest digit's mean. */
export function distance(logits: Float32Array, { means, precision }: Pick<Limits, 'means' | 'precision'>): number {
    return Math.min(
        ...means.map((mean) => {
            const off = mean.map((value, k) => logits[k]! - value);
            return off.reduce(
                (sum, a, i) => sum + a * off.reduce((inner, b, k) => inner + precision[i]![k]! * b, 0),
                0,
            );
        }),
    );
}

export function looksLikeOneDigit(
    input: Pixels,
    { logits, predicted }: { logits: Float32Array; predicted: number },
    limits: Limits,
): boolean {
    const most = limits.most[predicted] ?? [];
    return (
        measure(input).every((value, i) => value <= (most[i] ?? Infinity)) &&
        distance(logits, limits) <= limits.distance
    );
}
