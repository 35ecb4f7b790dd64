import type { Image } from 'pellucid';

/** A square part of an image. */
export interface Square {
    x: number;
    y: number;
    size: number;
}

/** The square of that size around a pixel; at the edge it stays within the image. */
export function around({ width, height }: Image, column: number, row: number, size: number): Square {
    const within = (at: number, side: number) => Math.min(side - size, Math.max(0, at - (size >> 1)));
    return { x: within(column, width), y: within(row, height), size };
}

/** The same image with paper where the square is. */
export function hidden(image: Image, { x, y, size }: Square): Float32Array {
    const data = image.data.slice();
    for (let row = y; row < y + size; row++) data.fill(0, row * image.width + x, row * image.width + x + size);
    return data;
}

/** A map that is put together from windows: each pixel has the mean of what was found for those that covered it. */
export class Trail {
    readonly width: number;
    readonly height: number;
    readonly #sums: Float64Array;
    readonly #counts: Uint16Array;
    readonly #seen = new Set<string>();

    constructor(width: number, height: number) {
        this.width = width;
        this.height = height;
        this.#sums = new Float64Array(width * height);
        this.#counts = new Uint16Array(width * height);
    }
    /** How many windows were looked at. */
    get windows(): number {
        return this.#seen.size;
    }
    /** Each window counts once. */
    add({ x, y, size }: Square, value: number): void {
        const key = `${x} ${y} ${size}`;
        if (this.#seen.has(key)) return;
        this.#seen.add(key);
        for (let row = y; row < y + size; row++) {
            for (let column = x; column < x + size; column++) {
                this.#sums[row * this.width + column]! += value;
                this.#counts[row * this.width + column]!++;
            }
        }
    }
    /** 0 where no window was. */
    toMap(): Image {
        const data = Float32Array.from(this.#sums, (sum, i) => sum / Math.max(1, this.#counts[i]!));
        return { data, width: this.width, height: this.height, channels: 1 };
    }
}

export const sameNumbers = (a: ArrayLike<number>, b: ArrayLike<number>): boolean =>
    a.length === b.length && Array.prototype.every.call(a, (value: number, i: number) => value === b[i]);
