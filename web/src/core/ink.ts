import { boardSize, type PenStroke } from '../state/drawing.ts';

type Context = CanvasRenderingContext2D;

/** Sizes a canvas for the screen's pixels, `width` being its width in CSS pixels; returns screen pixels per board unit. */
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

/** Paints strokes in board units; erasers take ink away. `first`: the point of the first stroke to begin at. */
export function paintStrokes(context: Context, strokes: readonly PenStroke[], colour: string, scale: number, first = 0): void {
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

/** Only the outlines of the ink, `line` board units wide. The canvas must hold nothing else. */
export function paintOutlines(context: Context, strokes: readonly PenStroke[], colour: string, scale: number, line: number): void {
    context.clearRect(0, 0, context.canvas.width, context.canvas.height);
    paintStrokes(context, strokes, colour, scale);
    context.globalCompositeOperation = 'destination-out';
    // Inside the outline everything is taken away again: strokes that cross leave no seams.
    paintStrokesOut(context, strokes, scale, line);
    context.globalCompositeOperation = 'source-over';
}

function paintStrokesOut(context: Context, strokes: readonly PenStroke[], scale: number, line: number): void {
    context.save();
    context.setTransform(scale, 0, 0, scale, 0, 0);
    context.lineCap = 'round';
    context.lineJoin = 'round';
    for (const stroke of strokes) {
        if (stroke.eraser) continue;
        context.lineWidth = Math.max(0.5, stroke.width - 2 * line);
        trace(context, stroke, 0);
        context.stroke();
    }
    context.restore();
}
