import type { Image, MapKind } from 'pellucid';
import { steps, type Ramp } from './ramp.ts';

export interface Picture {
    map: Image;
    /** The network's input, shown faintly beneath a map; null for none. */
    input: Image | null;
    /** 'change': what was added to an image, from grey towards ink or paper. */
    kind: MapKind;
    /** The value that gets the strongest colour. */
    scale: number;
    marks: boolean;
}

/** How dark the ink beneath a map is: enough to recognise the digit, too little to be taken for a value. */
const inkBeneath = 0.16;
/** With marks, a pixel of the map becomes this many squared, to hold a plus or a minus. */
const cell = 5;
/** Weaker values than this share of the scale get no mark. */
const leastMarked = 0.2;

/** Paints into a canvas of the map's own size (times `cell` with marks); CSS or drawImage make it larger. */
export function paint(canvas: HTMLCanvasElement, picture: Picture, ramp: Ramp): void {
    const { map, marks } = picture;
    const marked = marks && (picture.kind === 'signed' || picture.kind === 'positive');
    const zoom = marked ? cell : 1;
    if (canvas.width !== map.width * zoom) canvas.width = map.width * zoom;
    if (canvas.height !== map.height * zoom) canvas.height = map.height * zoom;
    const context = canvas.getContext('2d');
    if (!context) return;
    const plain = colours(picture, ramp);
    context.putImageData(marked ? withMarks(plain, picture, ramp) : plain, 0, 0);
}

function colours({ map, input, kind, scale }: Picture, { inFavour, against, paper, ink }: Ramp): ImageData {
    const { width, height, data } = map;
    const image = new ImageData(width, height);
    const out = image.data;
    const factor = scale > 0 ? (steps - 1) / scale : 0;
    for (let i = 0; i < width * height; i++) {
        const value = data[i] ?? 0;
        // An image is ink on paper, as it stands; a map is colour over a trace of the drawing's ink.
        const dark =
            kind === 'image'
                ? Math.min(1, Math.max(0, value))
                : kind === 'change'
                  ? 0.5 + value / (2 * scale || 1)
                  : inkBeneath * (input?.data[i] ?? 0);
        const table = value < 0 ? against : inFavour;
        const coloured = kind === 'signed' || kind === 'positive';
        const at = coloured ? 4 * Math.min(steps - 1, Math.round(Math.abs(value) * factor)) : 0;
        const opacity = coloured ? (table[at + 3] ?? 0) : 0;
        for (let c = 0; c < 3; c++) {
            const base = (paper[c] ?? 0) + dark * ((ink[c] ?? 0) - (paper[c] ?? 0));
            out[4 * i + c] = base + opacity * ((table[at + c] ?? 0) - base);
        }
        out[4 * i + 3] = 255;
    }
    return image;
}

/** A plus for what speaks for, a minus for what speaks against. */
function withMarks(plain: ImageData, { map, scale }: Picture, { paper, ink }: Ramp): ImageData {
    const { width, height } = plain;
    const image = new ImageData(width * cell, height * cell);
    const from = new Uint32Array(plain.data.buffer);
    const to = new Uint32Array(image.data.buffer);
    const pack = ([r, g, b]: Ramp['ink']) => (255 << 24) | (b << 16) | (g << 8) | r;
    const middle = (cell - 1) / 2;
    for (let y = 0; y < height; y++) {
        for (let x = 0; x < width; x++) {
            const value = (map.data[y * width + x] ?? 0) / (scale || 1);
            const strength = Math.abs(value);
            // On strong colours the paper stands out better than the ink.
            const sign = pack(strength > 0.55 ? paper : ink);
            for (let v = 0; v < cell; v++) {
                for (let u = 0; u < cell; u++) {
                    const inside = u > 0 && v > 0 && u < cell - 1 && v < cell - 1;
                    const drawn = strength >= leastMarked && inside && (v === middle || (value > 0 && u === middle));
                    to[(y * cell + v) * width * cell + x * cell + u] = drawn ? sign : (from[y * width + x] ?? 0);
                }
            }
        }
    }
    return image;
}
