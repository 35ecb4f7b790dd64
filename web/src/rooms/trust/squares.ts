import type { Image, InputRange, Model, Prediction } from 'pellucid';

/** Side of a square, and how far apart squares are tried, in pixels. */
export const side = 5;
const stride = 3;
/** Squares far from all ink are no question. */
const leastInk = 1;

export interface Square {
    x: number;
    y: number;
    /** The drawing with ink and paper exchanged within the square, and what is read then. */
    image: Image;
    prediction: Prediction;
    /** What the answer's probability loses. */
    loss: number;
}

/** Ink for paper and paper for ink within a square. */
export function exchanged(input: Image, x: number, y: number, { low, high }: InputRange): Image {
    const data = input.data.slice();
    for (let row = y; row < y + side; row++)
        for (let column = x; column < x + side; column++) {
            const at = row * input.width + column;
            data[at] = low[0]! + high[0]! - data[at]!;
        }
    return { ...input, data };
}

const apart = (a: Square, b: Square): boolean => Math.abs(a.x - b.x) >= side || Math.abs(a.y - b.y) >= side;

/**
 * Three squares that do not overlap: the one that costs most, one from the middle, and one that costs least; from left
 * to right.
 */
export async function threeSquares(
    model: Model,
    input: Image,
    before: Prediction,
    signal: AbortSignal,
): Promise<Square[]> {
    const { predicted, probabilities } = before;
    const places: { x: number; y: number }[] = [];
    for (let y = 1; y + side <= input.height; y += stride)
        for (let x = 1; x + side <= input.width; x += stride) {
            let ink = 0;
            for (let row = y; row < y + side; row++)
                for (let column = x; column < x + side; column++) ink += input.data[row * input.width + column]!;
            if (ink >= leastInk) places.push({ x, y });
        }
    const squares = await Promise.all(
        places.map(async ({ x, y }): Promise<Square> => {
            const image = exchanged(input, x, y, model.range);
            const prediction = await model.predict(image.data);
            const loss = (probabilities[predicted] ?? 0) - (prediction.probabilities[predicted] ?? 0);
            return { x, y, image, prediction, loss };
        }),
    );
    signal.throwIfAborted();
    squares.sort((a, b) => b.loss - a.loss);
    const most = squares[0];
    if (!most) return [];
    const free = squares.filter((square) => apart(square, most));
    const least = free.at(-1);
    const middle = free
        .slice(free.length >> 1)
        .concat(free)
        .find((square) => square !== least && least !== undefined && apart(square, least));
    return least && middle ? [most, middle, least].sort((a, b) => a.x - b.x || a.y - b.y) : [];
}
