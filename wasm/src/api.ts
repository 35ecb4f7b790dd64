/// <reference lib="esnext.disposable" />
import type {
    Computed,
    Drawing,
    Explanation,
    ExplainOptions,
    ExplainRequest,
    Head,
    InputRange,
    LayerInfo,
    LayerValues,
    LiveFrame,
    MethodCard,
    NormalisedDrawing,
    Prediction,
    Received,
    ReceivedOptions,
    Role,
    TrainingOptions,
    TrainingProgress,
} from './types.js';

/** Builds of the core, the fastest first. */
export type Variant = 'relaxed' | 'simd128' | 'scalar';

export interface LoadOptions {
    /** 'auto' (default): the fastest that this engine has and that passes its self-test. */
    variant?: 'auto' | Variant;
    /** Default: as many as there are cores, at most 4. */
    workers?: number;
    /** The folder that holds the package's files, where it is not that of this module. */
    baseUrl?: string | URL;
    signal?: AbortSignal;
    /** Called with what is being loaded ('core', 'workers') and how much of it is there. */
    onProgress?: (what: string, loaded: number, total: number) => void;
}

/** A file: its address (in node also a path), a File or Blob, a Response that nobody has read, or its bytes. */
export type ModelSource = string | URL | Blob | Response | ArrayBuffer | ArrayBufferView;

export interface LoadModelOptions {
    /**
     * What the model keeps in other files, such as PyTorch's 'model.onnx.data': the one file, whatever its name, or
     * several by the names that the model has for them.
     */
    data?: ModelSource | Readonly<Record<string, ModelSource>>;
    /**
     * The least and the greatest value of the network's input, or those of each channel in turn: [0, 255]. Otherwise
     * what the model itself says (its metadata's "input_range", or a scaling that its graph begins with), or 0 … 1.
     */
    range?: readonly number[];
    signal?: AbortSignal;
}

/** What is attached: a drawing, images with or without their labels in a file of their own, or a file. */
export type Attachment<R extends Role> = R extends 'strokes'
    ? Drawing
    : R extends 'data'
      ? ModelSource | { images: ModelSource; labels?: ModelSource }
      : ModelSource;

export interface Pellucid {
    readonly version: string;
    readonly variant: Variant;
    readonly workers: number;
    readonly methods: readonly MethodCard[];
    /** A network, from an ONNX file. */
    loadModel(source: ModelSource, options?: LoadModelOptions): Promise<Model>;
    normalise(drawing: Drawing): Promise<NormalisedDrawing>;
    readonly penDigitCount: number;
    /** A built-in drawing; the first ten are the digits 0 to 9. */
    penDigit(index: number): Promise<{ label: number; drawing: Drawing }>;
    /** Ends the workers; calls that still wait, and all later ones, reject with the code 'disposed'. */
    dispose(): void;
    [Symbol.dispose](): void;
}

/** A training that waits, goes on, is saved. It works on a copy of the model's network. */
export interface Training {
    /** As of the last answer. */
    readonly progress: TrainingProgress;
    /**
     * Goes on to the end, or until the signal stops it, from where it is; after that it may go on again. `hold` is
     * asked between slices of some steps: a promise holds the training until it is kept.
     */
    run(options?: {
        signal?: AbortSignal;
        onProgress?: (progress: TrainingProgress) => void;
        hold?: () => Promise<void> | undefined;
    }): Promise<TrainingProgress>;
    /** The trained network as it is now, an ONNX file for loadModel(). */
    network(): Promise<Uint8Array>;
    /** The state, for Model.train() with the same data and options. */
    save(): Promise<Uint8Array>;
    /** Stops and frees it. */
    dispose(): void;
    [Symbol.dispose](): void;
}

export interface TrainOptions extends TrainingOptions {
    /** Takes up a saved state. */
    from?: Uint8Array;
    signal?: AbortSignal;
}

export interface Model {
    readonly input: { readonly height: number; readonly width: number; readonly channels: number };
    readonly layers: readonly LayerInfo[];
    readonly classes: number;
    readonly head: Head;
    /** Of its input; anything outside is refused. */
    readonly range: InputRange;
    readonly metadata: Readonly<Record<string, string>>;
    /**
     * Gives methods what their cards say they need beside the network, by role, in place of what had that role before.
     * Patterns of another network are refused.
     */
    attach<R extends Role>(role: R, source: Attachment<R>, options?: { signal?: AbortSignal }): Promise<void>;
    /** Frees what was attached. */
    detach(role: Role): Promise<void>;
    /**
     * The same network with units changed for good, which every method can then be asked about:
     * LAYER/UNITS[*FACTOR][~NOISE[:SEED]] for each change. UNITS: channels ('conv2/3;7'), units ('conv2/3,4,4':
     * channel, row, column) or 'conv2/all'. Without a factor they are switched off; NOISE is the deviation of normal
     * numbers that are added, one for each unit, the same for every input. Behind a changed layer stands another, named
     * LAYER_without, that all read instead. Nothing that was attached comes along: patterns and statistics are of the
     * network as it was. To be disposed of by itself.
     */
    without(changes: readonly string[]): Promise<Model>;
    /** What every layer puts out for one input: the input first, then the layers in their order. */
    values(input: Float32Array): Promise<LayerValues[]>;
    /**
     * How the activation of a unit comes about, for one input. Units are named as in targets: 'conv2/3,10,4',
     * 'dense1/7'.
     */
    computed(input: Float32Array, unit: string): Promise<Computed>;
    /** Of one input. */
    predict(input: Float32Array): Promise<Prediction>;
    /** Of one input, or of several, one after another in the array. */
    explain(method: string, input: Float32Array, options?: ExplainOptions): Promise<Explanation>;
    /**
     * Where a unit's relevance came from, by a method with a ledger. Units are named as in targets: 'conv2/3,10,4',
     * 'dense1/7'.
     */
    received(method: string, input: Float32Array, unit: string, options?: ReceivedOptions): Promise<Received>;
    /**
     * A training of this network, which itself stays as it is: `images` one after another, one channel, as inputs from
     * 0 to 1 (they are kept in 256 shades) or as bytes; a label each. Loads the second module.
     */
    train(
        images: Float32Array | Uint8Array,
        labels: Uint8Array | readonly number[],
        options?: TrainOptions,
    ): Promise<Training>;
    /** One frame: normalise (for a Drawing), predict, and answer all requests, spread over the workers. */
    live(
        what: Drawing | Float32Array,
        requests: readonly ExplainRequest[],
        options?: { signal?: AbortSignal },
    ): Promise<LiveFrame>;
    dispose(): void;
    [Symbol.dispose](): void;
}
