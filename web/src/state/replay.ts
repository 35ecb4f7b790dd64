import type { Drawing } from 'pellucid';
import { boardSize, sheet, type PenStroke } from './drawing.ts';
import { reducedMotion } from './settings.ts';

let running: number | undefined;

export function stopReplay(): void {
    if (running !== undefined) cancelAnimationFrame(running);
    running = undefined;
}

/** A ghost is drawn smaller, and higher: beneath it stands what to do. The network sees all digits at one size. */
const ghostShape = { scale: 0.88, left: 0.06, top: 0.01 };

/** Lets a drawing draw itself within `duration` ms, or shows it at once where less motion is wished for. */
export function replay(drawing: Drawing, duration: number, ghost: boolean): void {
    stopReplay();
    const { scale: smaller, left, top } = ghost ? ghostShape : { scale: 1, left: 0, top: 0 };
    const scale = (smaller * boardSize) / Math.max(drawing.width, drawing.height);
    const offsets = [left * boardSize, top * boardSize];
    const whole = drawing.strokes.map(
        ({ points, width, eraser }): PenStroke => ({
            points: Array.from(points, (value, index) =>
                index % 3 === 2 ? value : (offsets[index % 3] ?? 0) + value * scale,
            ),
            width: width * scale,
            eraser: eraser ?? false,
        }),
    );
    const length = whole.reduce((sum, stroke) => sum + stroke.points.length / 3, 0);
    sheet.beginReplay(ghost);
    if (reducedMotion()) {
        sheet.replay(whole, true);
        return;
    }
    const began = performance.now();
    const growing: PenStroke[] = [];
    const step = (now: number) => {
        // The pen's pace is in the points, which lie closer where it was slow.
        const reached = Math.min(length, Math.ceil((length * Math.max(0, now - began)) / duration));
        let before = 0;
        for (const [index, stroke] of whole.entries()) {
            const count = Math.min(stroke.points.length / 3, reached - before);
            if (count <= 0) break;
            const grown = (growing[index] ??= { ...stroke, points: [] });
            for (let at = grown.points.length; at < 3 * count; at++) grown.points.push(stroke.points[at] ?? 0);
            before += stroke.points.length / 3;
        }
        running = reached < length ? requestAnimationFrame(step) : undefined;
        sheet.replay([...growing], running === undefined);
    };
    running = requestAnimationFrame(step);
}
