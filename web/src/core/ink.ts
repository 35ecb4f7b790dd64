import { boardSize, type PenStroke } from '../state/drawing.ts';

type Context = CanvasRenderingContext2D;

/**
 * Sizes a canvas for the screen's pixels, `width` being its width in CSS pixels; returns screen pixels per board unit.
 */
export function fitCanvas(canvas: HTMLCanvasElement, width = canvas.clientWidth): number {
    const size = Math.round(width * devicePixelRatio);
    if (size === 0) return 0;
    if (canvas.width !== size) canvas.width = canvas.height = size;
    return size / boardSize;
}

/** Lays the path of a stroke from its point `first` on. A single point becomes a dot. */
function trace(context: Context, { points }: PenStroke, first: number): void {
    const start = 3 * Math.max(0, first - 1);
    context.beginPath();
    context.moveTo(points[start] ?? 0, points[start + 1] ?? 0);
    for (let at = start; at < points.length; at += 3) context.lineTo(points[at] ?? 0, points[at + 1] ?? 0);
}

/**
 * Paints strokes in board units, in an opaque colour; erasers take ink away. `first`: the point of the first stroke to
 * begin at.
 */
export function paintStrokes(
    context: Context,
    strokes: readonly PenStroke[],
    colour: string,
    scale: number,
    first = 0,
): void {
    context.save();
    context.setTransform(scale, 0, 0, scale, 0, 0);
    context.lineCap = 'round';
    context.lineJoin = 'round';
    context.strokeStyle = colour;
    strokes.forEach((stroke, index) => {
        context.globalCompositeOperation = stroke.eraser ? 'destination-out' : 'source-over';
        context.lineWidth = stroke.width;
        trace(context, stroke, index === 0 ? first : 0);
        context.stroke();
    });
    context.restore();
}

/** What is left of the ink when its edge is taken away, on a canvas of its own. */
let inside: HTMLCanvasElement | undefined;

/**
 * Only the outlines of the ink, `line` board units wide, after erasing: all ink, less ink whose strokes are narrower
 * and whose erasers are wider. Strokes that cross leave no seams. The canvas must hold nothing else.
 */
export function paintOutlines(
    context: Context,
    strokes: readonly PenStroke[],
    colour: string,
    scale: number,
    line: number,
): void {
    const { width, height } = context.canvas;
    inside ??= document.createElement('canvas');
    if (inside.width !== width) inside.width = width;
    if (inside.height !== height) inside.height = height;
    const inner = inside.getContext('2d');
    if (!inner) return;
    const narrowed = strokes.map((stroke) => ({
        ...stroke,
        width: stroke.eraser ? stroke.width + 2 * line : Math.max(0.5, stroke.width - 2 * line),
    }));
    inner.clearRect(0, 0, width, height);
    paintStrokes(inner, narrowed, '#000', scale);
    context.clearRect(0, 0, width, height);
    paintStrokes(context, strokes, colour, scale);
    context.globalCompositeOperation = 'destination-out';
    context.drawImage(inside, 0, 0);
    context.globalCompositeOperation = 'source-over';
}
