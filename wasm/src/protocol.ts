/** What goes between the page's thread and a worker: one question, one answer, each a plain object. */
import type { ErrorData } from './errors.js';
import type { ModelInfo, PlainTensor, RunInfo } from './core.js';
import type { Drawing, Explanation, ExplainRequest, MethodCard, NormalisedDrawing, Prediction, Received } from './types.js';

/** A request with its defaults filled in. */
export type FullRequest = Required<ExplainRequest>;
export type Question = FullRequest & { model: number; input: Float32Array };

/** A share of a request's parts, as fractions of them. The worker whose share begins at 0 keeps the run and absorbs the rest. */
export interface Portion {
    request: FullRequest;
    run: number;
    from: number;
    to: number;
}

/** What the others computed for the one that keeps the run. */
export interface PortionAnswer {
    first: number;
    parts: PlainTensor[][];
    milliseconds: number;
}

/** Neighbouring portions as one. */
export const joined = (portions: readonly PortionAnswer[]): PortionAnswer => ({
    first: portions[0]?.first ?? 0,
    parts: portions.flatMap(({ parts }) => parts),
    milliseconds: portions.reduce((sum, { milliseconds }) => sum + milliseconds, 0),
});

export interface FrameAsk {
    model: number;
    what: Drawing | Float32Array;
    /** Only one worker of a frame answers with the prediction and the stages of the drawing. */
    first: boolean;
    requests: FullRequest[];
    portions: Portion[];
}

export interface FrameAnswer {
    input: Float32Array | null;
    normalised: NormalisedDrawing | null;
    prediction: Prediction | null;
    /** `parts`: how many could be computed apart; 0 where they need each other. */
    explanations: ({ explanation: Explanation; parts: number } | ErrorData)[];
    portions: (PortionAnswer | ErrorData)[];
    /** Time before the explanations: normalising and the forward pass. */
    setUp: number;
}

export interface CoreInfo {
    selfTest: boolean;
    version: string;
    methods: MethodCard[];
    penDigitCount: number;
}

export interface Operations {
    init: { ask: { module: WebAssembly.Module }; answer: CoreInfo };
    open: { ask: { model: number; bytes: Uint8Array }; answer: ModelInfo };
    patterns: { ask: { model: number; bytes: Uint8Array }; answer: null };
    close: { ask: { model: number }; answer: null };
    normalise: { ask: { drawing: Drawing }; answer: NormalisedDrawing };
    penDigit: { ask: { index: number }; answer: { label: number; drawing: Drawing } };
    predict: { ask: { model: number; input: Float32Array }; answer: Prediction };
    explain: { ask: Question; answer: Explanation };
    received: { ask: Question & { unit: string; strongest: number }; answer: Received };
    frame: { ask: FrameAsk; answer: FrameAnswer };
    /** A share of a run; the worker whose share begins at 0 keeps it and absorbs the rest. */
    portion: { ask: Question & { run: number; from: number; to: number }; answer: PortionAnswer };
    /** A run in slices: start, then advance until `finished`, or compute and absorb; end in any case. */
    start: { ask: Question & { run: number }; answer: RunInfo };
    advance: { ask: { run: number; budget: number; snapshot: boolean }; answer: Slice };
    compute: { ask: { run: number; first: number; count: number }; answer: { parts: PlainTensor[][]; milliseconds: number } };
    absorb: {
        ask: { run: number; first: number; parts: PlainTensor[][]; milliseconds: number; snapshot: boolean };
        answer: Slice;
    };
    end: { ask: { run: number }; answer: null };
}

export interface Slice {
    /** Parts done so far. */
    done: number;
    finished: boolean;
    milliseconds: number;
    /** There where it was asked for, and at the end. */
    explanation: Explanation | null;
}

export type Operation = keyof Operations;
export type Ask<K extends Operation> = Operations[K]['ask'];
export type Answer<K extends Operation> = Operations[K]['answer'];

export interface RequestMessage<K extends Operation = Operation> {
    id: number;
    operation: K;
    ask: Ask<K>;
}

export type ReplyMessage = { id: number; answer: unknown } | { id: number; error: ErrorData };

/** The memory of every array in a plain value, to be handed over instead of copied. */
export function buffersOf(plain: unknown, found = new Set<ArrayBuffer>()): Set<ArrayBuffer> {
    if (ArrayBuffer.isView(plain)) {
        if (plain.buffer instanceof ArrayBuffer) found.add(plain.buffer);
    } else if (typeof plain === 'object' && plain !== null) {
        for (const part of Object.values(plain)) buffersOf(part, found);
    }
    return found;
}
