import { Signal } from './signal.ts';

/** A pixel of the network's input; every map shows its own value there. */
export interface Pixel {
    x: number;
    y: number;
}

export const cursor = new Signal<Pixel | null>(null);

export function pointAt(pixel: Pixel | null): void {
    const now = cursor.value;
    if (pixel === now || (pixel && now && pixel.x === now.x && pixel.y === now.y)) return;
    cursor.value = pixel;
}
