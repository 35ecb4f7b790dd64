import { boardSize, type PenStroke } from './drawing.ts';

/**
 * A drawing as text for addresses: strokes joined by dots, each "p" (pen) or "e" (eraser) and whole numbers in half
 * units of the board: the width, the first point, then steps from point to point. Numbers are written as in source
 * maps, five bits a sign. Points that lie nearly on the line between their neighbours are left out.
 */
const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const steps = 2;
/** In board units, of which the network's pixels have ten or more. */
const slack = 0.6;
/** Longer texts make no address that one could send. */
const longest = 6000;

function write(value: number): string {
    let rest = value < 0 ? (-value << 1) | 1 : value << 1;
    let text = '';
    do {
        const bits = rest & 31;
        rest >>>= 5;
        text += alphabet[rest > 0 ? bits | 32 : bits];
    } while (rest > 0);
    return text;
}

function read(text: string): number[] | null {
    const numbers: number[] = [];
    let value = 0;
    let shift = 0;
    for (const sign of text) {
        const bits = alphabet.indexOf(sign);
        if (bits < 0 || shift > 20) return null;
        value |= (bits & 31) << shift;
        shift += 5;
        if (bits & 32) continue;
        numbers.push(value & 1 ? -(value >> 1) : value >> 1);
        value = shift = 0;
    }
    return shift === 0 ? numbers : null;
}

type Point = readonly [number, number];

/** Douglas and Peucker (1973). */
function simplified(points: readonly Point[]): Point[] {
    const [first, last] = [points[0], points.at(-1)];
    if (!first || !last || points.length < 3) return [...points];
    const [dx, dy] = [last[0] - first[0], last[1] - first[1]];
    const length = Math.hypot(dx, dy);
    let [farthest, most] = [0, slack];
    points.forEach(([x, y], index) => {
        const off =
            length > 0
                ? Math.abs(dy * (x - first[0]) - dx * (y - first[1])) / length
                : Math.hypot(x - first[0], y - first[1]);
        // Beyond the ends of the line it is the ends that count.
        const away = Math.max(
            off,
            length > 0 && (dx * (x - first[0]) + dy * (y - first[1]) < 0 || dx * (x - last[0]) + dy * (y - last[1]) > 0)
                ? Math.min(Math.hypot(x - first[0], y - first[1]), Math.hypot(x - last[0], y - last[1]))
                : 0,
        );
        if (away > most) [farthest, most] = [index, away];
    });
    if (farthest === 0) return [first, last];
    return [...simplified(points.slice(0, farthest + 1)).slice(0, -1), ...simplified(points.slice(farthest))];
}

/** Empty where there is nothing to write, or too much. */
export function drawingToText(strokes: readonly PenStroke[]): string {
    const text = strokes
        .map(({ points, width, eraser }) => {
            const places = Array.from(
                { length: points.length / 3 },
                (_, i): Point => [points[3 * i] ?? 0, points[3 * i + 1] ?? 0],
            );
            let [x, y] = [0, 0];
            const numbers = simplified(places).flatMap(([px, py]) => {
                const [nx, ny] = [Math.round(steps * px), Math.round(steps * py)];
                const step = [nx - x, ny - y];
                [x, y] = [nx, ny];
                return step;
            });
            return (eraser ? 'e' : 'p') + [Math.round(steps * width), ...numbers].map(write).join('');
        })
        .join('.');
    return text.length > longest ? '' : text;
}

/** The strokes, or null where the text is none. Whatever it says stays on the board. */
export function drawingFromText(text: string): PenStroke[] | null {
    if (text === '' || text.length > longest) return null;
    const strokes: PenStroke[] = [];
    for (const part of text.split('.')) {
        const numbers = read(part.slice(1));
        const [width, ...places] = numbers ?? [];
        if (
            !/^[pe]/.test(part) ||
            !width ||
            width < 1 ||
            width > steps * boardSize ||
            places.length === 0 ||
            places.length % 2 !== 0
        )
            return null;
        const points: number[] = [];
        let [x, y] = [0, 0];
        for (let i = 0; i < places.length; i += 2) {
            x += places[i]!;
            y += places[i + 1]!;
            points.push(x / steps, y / steps, 5 * i);
        }
        if (points.some((value, i) => i % 3 !== 2 && Math.abs(value) > 2 * boardSize)) return null;
        strokes.push({ points, width: width / steps, eraser: part.startsWith('e') });
    }
    return strokes;
}
