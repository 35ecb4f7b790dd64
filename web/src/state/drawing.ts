import type { Drawing, Stroke } from 'pellucid';
import { keepHere, recallHere } from './settings.ts';
import { Signal } from './signal.ts';

/** Side of the board in its own units; the built-in pen digits use the same. */
export const boardSize = 280;
/** Pen widths in board units; the standard one gives ink as thick as the network knows it. */
export const penWidths = { least: 8, standard: 22, most: 48 };

/** A stroke that may still grow: x, y, t triples. */
export interface PenStroke {
    points: number[];
    width: number;
    eraser: boolean;
}

/** The strokes on the board, with their history. */
class Sheet {
    /** Counts every change, also each point of a growing stroke. */
    readonly version = new Signal(0);
    /** Counts changes other than points added at the end: then everything is painted anew. */
    revision = 0;
    strokes: readonly PenStroke[] = [];
    /** The example that drew itself; it goes as soon as a person draws. */
    ghost = false;
    /** Whether a stroke is being drawn now. */
    active = false;

    #past: (readonly PenStroke[])[] = [];
    #future: (readonly PenStroke[])[] = [];
    /** What could be redone before the stroke being drawn began. */
    #futureBefore: (readonly PenStroke[])[] = [];
    #began = performance.now();
    readonly #packed = new WeakMap<PenStroke, Float32Array>();

    get empty(): boolean {
        return !this.strokes.some((stroke) => !stroke.eraser);
    }
    get canUndo(): boolean {
        return this.#past.length > 0;
    }
    get canRedo(): boolean {
        return this.#future.length > 0;
    }

    begin(x: number, y: number, width: number, eraser = false): void {
        if (this.ghost) {
            this.strokes = [];
            this.ghost = false;
            this.revision++;
        }
        if (this.strokes.length === 0) this.#began = performance.now();
        this.#past.push(this.strokes);
        this.#futureBefore = this.#future;
        this.#future = [];
        this.strokes = [...this.strokes, { points: [x, y, this.#now()], width, eraser }];
        this.active = true;
        this.#changed();
    }
    extend(points: readonly { x: number; y: number }[]): void {
        const stroke = this.strokes.at(-1);
        if (!this.active || !stroke) return;
        for (const { x, y } of points) stroke.points.push(x, y, this.#now());
        this.#changed();
    }
    end(): void {
        if (!this.active) return;
        this.active = false;
        this.#changed();
    }
    /** Takes back the stroke being drawn, as if it had never begun. */
    cancel(): void {
        if (!this.active) return;
        this.active = false;
        this.#future = this.#futureBefore;
        this.#restore(this.#past.pop() ?? []);
    }
    clear(): void {
        this.active = false;
        if (this.strokes.length === 0) return;
        this.#remember();
        this.#restore([]);
    }
    undo(): void {
        const before = this.#past.pop();
        if (this.active || !before) return;
        this.#future.push(this.strokes);
        this.#restore(before);
    }
    redo(): void {
        const after = this.#future.pop();
        if (this.active || !after) return;
        this.#past.push(this.strokes);
        this.#restore(after);
    }
    /** Begins a drawing that draws itself. It can be taken back, unless it is a ghost. */
    beginReplay(ghost: boolean): void {
        this.active = false;
        if (!ghost && this.strokes.length > 0) this.#remember();
        this.#restore([]);
        this.ghost = ghost;
    }
    /** The strokes of a drawing that draws itself, as far as it has come. */
    replay(strokes: readonly PenStroke[], done: boolean): void {
        this.strokes = strokes;
        this.active = !done;
        this.#changed();
    }

    /** As the package wants it. Points of finished strokes are packed once. */
    toDrawing(): Drawing {
        const strokes = this.strokes.map((stroke): Stroke => {
            let points = this.#packed.get(stroke);
            if (!points || points.length !== stroke.points.length) {
                points = Float32Array.from(stroke.points);
                this.#packed.set(stroke, points);
            }
            return { points, width: stroke.width, eraser: stroke.eraser };
        });
        return { width: boardSize, height: boardSize, strokes };
    }

    #remember(): void {
        if (!this.ghost) this.#past.push(this.strokes);
        this.#future = [];
    }
    #restore(strokes: readonly PenStroke[]): void {
        this.strokes = strokes;
        this.ghost = false;
        this.revision++;
        this.#changed();
    }
    #now(): number {
        return performance.now() - this.#began;
    }
    #changed(): void {
        this.version.value++;
    }
}

/** Strokes as the package wants them. */
export const packed = (strokes: readonly PenStroke[]): Drawing => ({
    width: boardSize,
    height: boardSize,
    strokes: strokes.map(({ points, width, eraser }) => ({ points: Float32Array.from(points), width, eraser })),
});

/** A drawing that was kept, as far as it is one. */
function recalled(): PenStroke[] {
    const kept = recallHere('drawing');
    if (!Array.isArray(kept)) return [];
    return kept.flatMap((each: unknown): PenStroke[] => {
        const { points, width, eraser } = (each ?? {}) as Partial<Record<keyof PenStroke, unknown>>;
        const sound =
            Array.isArray(points) && points.length > 0 && points.length % 3 === 0 && points.every(Number.isFinite);
        return sound && typeof width === 'number' && width > 0
            ? [{ points: points as number[], width, eraser: eraser === true }]
            : [];
    });
}

export const sheet = new Sheet();
sheet.strokes = recalled();

/** A reload keeps the drawing, in this tab; the example that drew itself is not anybody's drawing. */
addEventListener('pagehide', () => {
    keepHere('drawing', sheet.ghost ? [] : sheet.strokes);
});

/** What the pen does next. */
export const pen = new Signal({ width: penWidths.standard, eraser: false });
