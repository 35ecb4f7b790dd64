/** What goes between the page's thread and a worker: one question, one answer, each a plain object. */
import type { ErrorData } from './errors.js';
import type { ModelInfo, PlainTensor } from './core.js';
import type {
    Computed,
    Drawing,
    Explanation,
    ExplainRequest,
    LayerValues,
    MethodCard,
    NormalisedDrawing,
    Prediction,
    Received,
    Role,
    State,
    TrainingOptions,
    TrainingProgress,
} from './types.js';

/** A request with its defaults filled in. */
export type FullRequest = Required<ExplainRequest>;
export type Question = FullRequest & { model: number; input: Float32Array };

/**
 * A share of a run's parts, as fractions of them. The worker whose share begins at 0 keeps the run: the others write to
 * it.
 */
export interface Share {
    run: number;
    from: number;
    to: number;
    /** The keeper's place in the pool. */
    keeper: number;
    /** How many others have a share. */
    others: number;
}
export type Portion = Share & { request: FullRequest };

/** The keeper answers with the whole run's result, the others with nothing: theirs is in their letters. */
export type PortionAnswer = Explanation | null;

/**
 * From worker to worker, not by way of the page: what one computed for the one that keeps the run, or why it could not.
 */
export type Letter =
    | { run: number; first: number; parts: PlainTensor[][]; milliseconds: number }
    | { run: number; error: ErrorData };

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
    portions: (Explanation | null | ErrorData)[];
    /** Time before the explanations: normalising and the forward pass. */
    setUp: number;
}

export interface CoreInfo {
    selfTest: boolean;
    version: string;
    /** The ids of those that the module holds. */
    methods: string[];
    penDigitCount: number;
}

/**
 * Of the core's two modules: what is there from the start, and what is loaded when a method of it is first asked for.
 */
export type ModuleName = MethodCard['module'];

export interface RunInfo {
    /** A bound on its parts; where these are independent of each other, their number. */
    most: number;
    independent: boolean;
}

/**
 * What a model was made of. `data`: the files beside it, by its names for them; '' where there is one, whatever its
 * name.
 */
export interface ModelFiles {
    bytes: Uint8Array;
    data: Record<string, Uint8Array> | null;
    range: string;
    /** Changes of its units, one after the other. */
    without: readonly string[];
}

/** A file's bytes, or the strokes of a drawing. */
export type Attached = Uint8Array | Drawing;

export interface Operations {
    init: { ask: { module: WebAssembly.Module }; answer: CoreInfo };
    /** The second module, and the address of its glue. */
    studio: { ask: { module: WebAssembly.Module; glue: string }; answer: null };
    /** The way to another worker, told by its place in the pool. */
    meet: { ask: { worker: number; port: MessagePort }; answer: null };
    open: { ask: ModelFiles & { model: number; module: ModuleName }; answer: ModelInfo };
    attach: { ask: { model: number; module: ModuleName; role: Role; what: Attached }; answer: null };
    detach: { ask: { model: number; role: Role }; answer: null };
    /** In both modules. */
    close: { ask: { model: number }; answer: null };
    normalise: { ask: { drawing: Drawing }; answer: NormalisedDrawing };
    penDigit: { ask: { index: number }; answer: { label: number; drawing: Drawing } };
    values: { ask: { model: number; input: Float32Array }; answer: LayerValues[] };
    computed: { ask: { model: number; input: Float32Array; unit: string }; answer: Computed };
    predict: { ask: { model: number; input: Float32Array }; answer: Prediction };
    explain: { ask: Question; answer: Explanation };
    received: { ask: Question & { unit: string; strongest: number }; answer: Received };
    frame: { ask: FrameAsk; answer: FrameAnswer };
    portion: { ask: Question & Share; answer: PortionAnswer };
    /** A run in slices: start, then advance until `finished`, or compute and absorb; end in any case. */
    start: { ask: Question & { run: number }; answer: RunInfo };
    advance: { ask: { run: number; budget: number; snapshot: boolean }; answer: Slice };
    compute: {
        ask: { run: number; first: number; count: number };
        answer: { parts: PlainTensor[][]; milliseconds: number };
    };
    absorb: {
        ask: { run: number; first: number; parts: PlainTensor[][]; milliseconds: number; snapshot: boolean };
        answer: Slice;
    };
    end: { ask: { run: number }; answer: null };
    /** A training in slices: train, then trainOn until it has finished; endTraining in any case. */
    train: { ask: TrainingQuestion; answer: TrainingProgress };
    trainOn: { ask: { run: number; budget: number }; answer: TrainingProgress };
    trained: { ask: { run: number }; answer: Uint8Array };
    saveTraining: { ask: { run: number }; answer: Uint8Array };
    endTraining: { ask: { run: number }; answer: null };
}

export interface TrainingQuestion {
    run: number;
    model: number;
    images: Uint8Array;
    labels: Uint8Array;
    options: Required<TrainingOptions>;
    /** A saved state. */
    from: Uint8Array | null;
}

export interface Slice extends State {
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
