/** The core as Embind shows it (wasm/src/bindings/module.cpp), and its failures as exceptions. */
import { PellucidError, type ErrorCode } from './errors.js';
import type {
    Computed,
    Drawing,
    Explanation,
    Head,
    InputRange,
    LayerInfo,
    LayerValues,
    NormalisedDrawing,
    Params,
    Prediction,
    Received,
    TrainingCurves,
    TrainingOptions,
} from './types.js';

interface Failure {
    failed: true;
    code: ErrorCode;
    message: string;
}

/** A tensor of any batch size: (N, H, W, C). */
export interface PlainTensor {
    data: Float32Array;
    shape: number[];
}

export interface ModelInfo {
    input: { height: number; width: number; channels: number };
    layers: LayerInfo[];
    classes: number;
    head: Head;
    range: InputRange;
    metadata: Record<string, string>;
}

/** What the core knows of an explanation. */
export type CoreExplanation = Omit<Explanation, 'map' | 'milliseconds' | 'progress' | 'state'>;

export interface CoreModel {
    open(bytes: Uint8Array): ModelInfo | Failure;
    /** The same with the files that hold its larger arrays, by name; a single one may be called "". */
    openWithData(bytes: Uint8Array, data: Record<string, Uint8Array>): ModelInfo | Failure;
    declareRange(range: string): ModelInfo | Failure;
    ink(shares: Float32Array): Float32Array | Failure;
    attach(role: string, what: Uint8Array | Drawing): boolean | Failure;
    detach(role: string): boolean | Failure;
    /** Before anything is attached. */
    without(changes: readonly string[]): ModelInfo | Failure;
    predict(input: Float32Array): Prediction | Failure;
    values(input: Float32Array): LayerValues[] | Failure;
    computed(input: Float32Array, unit: string): Computed | Failure;
    delete(): void;
}

export interface CoreRun {
    keepLayers(): void;
    start(
        model: CoreModel,
        method: string,
        input: Float32Array,
        target: string | readonly string[],
        params: Params,
    ): boolean | Failure;
    step(): boolean | Failure;
    snapshot(): CoreExplanation | Failure;
    received(unit: string, strongest: number): Received | Failure;
    done(): number;
    /** A bound on the parts; for independent ones their number. */
    most(): number;
    finished(): boolean;
    independent(): boolean;
    compute(part: number): PlainTensor[] | Failure;
    absorb(part: number, tensors: PlainTensor[]): boolean | Failure;
    delete(): void;
}

export interface CoreTraining {
    start(
        model: CoreModel,
        images: Uint8Array,
        labels: Uint8Array,
        options: Required<TrainingOptions>,
    ): boolean | Failure;
    step(): boolean | Failure;
    curves(): TrainingCurves | Failure;
    network(): Uint8Array | Failure;
    save(): Uint8Array | Failure;
    restore(state: Uint8Array): boolean | Failure;
    done(): number;
    most(): number;
    finished(): boolean;
    delete(): void;
}

export interface Core {
    CoreModel: new () => CoreModel;
    CoreRun: new () => CoreRun;
    /** In the second module. */
    CoreTraining?: new () => CoreTraining;
    version(): string;
    /** The ids of those that it holds. */
    methods(): string[];
    selfTest(): boolean;
    memoryInUse(): number;
    normalise(drawing: Drawing): NormalisedDrawing | Failure;
    penDigitCount(): number;
    penDigit(index: number): { label: number; drawing: Drawing } | Failure;
}

type Receive = (instance: WebAssembly.Instance, module: WebAssembly.Module) => void;
interface GlueOptions {
    instantiateWasm(imports: WebAssembly.Imports, receive: Receive): object;
}

/** The glue's default export. */
export type CreateCore = (options: GlueOptions) => Promise<Core>;

/** An instance of a compiled core. */
export function instantiate(create: CreateCore, module: WebAssembly.Module): Promise<Core> {
    return new Promise((resolve, reject) => {
        const instantiateWasm = (imports: WebAssembly.Imports, receive: Receive) => {
            WebAssembly.instantiate(module, imports).then((instance) => receive(instance, module), reject);
            return {}; // means: later
        };
        create({ instantiateWasm }).then(resolve, reject);
    });
}

/** The value, or its failure thrown. */
export function value<T>(answer: T | Failure): T {
    if (typeof answer === 'object' && answer !== null && 'failed' in answer) {
        throw new PellucidError(answer.code, answer.message);
    }
    return answer;
}
