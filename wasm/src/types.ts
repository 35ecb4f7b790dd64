/** The public vocabulary of the package: plain data in and out, no WASM in sight. */

/** One parameter of a method, as its card declares it. */
export interface ParamCard {
    name: string;
    /** What it stands for: who shows or fills it goes by this, never by its name. */
    role: 'plain' | 'random_seed' | 'layer' | 'rules' | 'replay' | 'drawings' | 'per_input' | 'maps' | 'method';
    type: 'real' | 'integer' | 'flag' | 'choice' | 'text' | 'image';
    /** Default as a value of the type; images have none (null = the method's own default). */
    default: number | boolean | string | null;
    /** null: without limit, or no number. */
    min: number | null;
    max: number | null;
    choices?: string[];
    unit?: string;
    /** An earlier name, still understood. */
    formerly?: string;
    help: string;
    /** Rarely changed: to be put after the others, folded away. */
    advanced: boolean;
    /** While a drawing changes, a preview takes at most (at least) this instead. */
    most_while_drawing?: number;
    least_while_drawing?: number;
    /** It acts while any of these holds ("true" and "false" for flags); without: always. */
    counts_when?: { param: string; values: string[] }[];
}

/** What a named item of a result is. */
export type ItemKind = 'map' | 'series' | 'frames' | 'scalar' | 'table' | 'scores';
/** What a map's numbers mean: for and against around 0, importance, an input of the network, what was added to one. */
export type MapKind = 'signed' | 'positive' | 'image' | 'change';

/** One named thing that a method gives. */
export interface Output {
    name: string;
    kind: ItemKind;
    /** Of maps and frames. */
    map?: MapKind;
    /** Of numbers: 'class', 'yes' (1 or 0), 'share' (0 to 1), 'score', or none. */
    unit: string;
    help?: string;
    /** Of series: what the x axis is. */
    along?: string;
    /** Only under some parameters or targets. */
    optional: boolean;
    /** Of the numbers that a league goes by: which way is good. */
    better?: 'more' | 'less';
}

/** What a method is, in data: menus, controls, lessons and docs are made from it. */
export interface MethodCard {
    id: string;
    family: string;
    title: string;
    question: string;
    /** LaTeX. */
    formula: string;
    reference: { authors: string; title: string; year: number; venue: string };
    /** Kinds of target that it answers: 'class', 'prob', 'contrast', 'predicted', 'neuron', 'channel', 'norm'. */
    targets: string[];
    params: ParamCard[];
    /** What it gives; the first one is what it is asked for. */
    outputs: Output[];
    /** What it cannot tell, in a sentence or two. */
    caveat: string;
    /** Comes in parts that improve (sampled, iterated) rather than at once. */
    progressive: boolean;
    /** What it cannot do without beside the network: see Model.attach(). */
    needs: Role[];
    /** What it works on: 'input', 'model', 'data', 'attribution'. */
    subject: string;
    /** When a page may compute it: with every 'frame' of drawing, when the drawing is at 'rest', when 'asked'. */
    pace: string;
    /** The WebAssembly module that holds it: 'live' is there from the start, 'studio' is loaded when first needed. */
    module: 'live' | 'studio';
    /** What the values of the parameter `compat` stand for. */
    presets: Record<string, Record<string, number | boolean | string>>;
}

/**
 * What methods may need beside the network: a file each, but for 'strokes', the Drawing that the input was made of.
 * 'data': images as an IDX file, and behind it, in the same file or apart, their labels.
 */
export type Role = 'patterns' | 'generator' | 'expert' | 'statistics' | 'data' | 'strokes' | 'second';

export type ParamValue = number | boolean | string | Float32Array;
export type Params = Record<string, ParamValue>;

/** 'class:3', 'prob:3', 'contrast:4-9', 'predicted', 'neuron:LAYER/c,y,x', 'channel:LAYER/c', 'norm:LAYER'. */
export type TargetText = string;

/** samples × height × width × channels, channels innermost. */
export interface Image {
    data: Float32Array;
    height: number;
    width: number;
    channels: number;
    /** How many pictures follow one another; 1 where it is missing. */
    samples?: number;
}

/** A curve for each sample. */
export interface Series {
    at: Float32Array;
    values: Float32Array[];
}
/** Pictures one after another, and the step of the run that each shows. */
export interface Frames {
    steps: number[];
    images: Image[];
    /** Where each picture is a channel of a layer, `steps` being their numbers: that layer. */
    layer?: string;
}
/** Rows of numbers that belong to no sample. */
export interface Table {
    columns: string[];
    rows: number[][];
}
/** A number for each group (stroke, superpixel, unit) of each sample. */
export interface Scores {
    groups: string[];
    values: Float32Array[];
    /** Where the groups are channels ('3') or units ('3,4,4') of a layer: that layer. */
    layer?: string;
}
/** An item by its kind; a scalar is a number for each sample. */
export type Item = Image | Series | Frames | number[] | Table | Scores;

export interface LedgerRow {
    layer: string;
    /** Sums of relevance entering (from above) and leaving (towards the input), and what was absorbed between. */
    entering: number;
    leaving: number;
    bias: number;
    stabiliser: number;
}

/** The relevance that a layer's outputs were given; 'input' is the network's input. */
export interface LayerRelevance {
    layer: string;
    /** (samples, height, width, channels). */
    shape: number[];
    relevance: Image;
    /** Of all its elements. */
    sum: number;
}

/**
 * coefficient · input · weight / denominator · relevance is what a term hands down, with the message's multiplier in
 * place of the relevance where it has one; `is` says which part: 'a⁺', 'w + 0.25 w⁺', 'Δa'.
 */
export interface MessageTerm {
    coefficient: number;
    input: { is: string; value: number };
    weight: { is: string; value: number };
    denominator: number;
}

/** What a unit j received from one unit k of a layer that reads it. */
export interface Message {
    unit: { channel: number; row: number; column: number };
    /** R_k */
    relevance: number;
    /** R_{j←k}: the sum of the terms. */
    value: number;
    /**
     * Empty for rules that are no sums of products, such as the winner's at a max-pool, and for means over baselines.
     */
    terms: MessageTerm[];
    /** m_k of DeepLIFT: the change of the score per change of unit k. Its terms have a denominator of 1. */
    multiplier?: number;
}

/** Where a unit's relevance came from. */
export interface Received {
    unit: string;
    /** R_j: the sum of all messages, and of what is left out here. */
    relevance: number;
    /** a_j */
    activation: number;
    /** One entry per layer that reads the unit; none for the layer that the relevance starts at. */
    through: {
        layer: string;
        rule: string;
        /** The strongest first. */
        messages: Message[];
        /** How many there are in all, and the sum of those that are left out. */
        count: number;
        rest: number;
    }[];
}

/** What a layer puts out for an input; 'input' is the input itself. */
export interface LayerValues {
    layer: string;
    values: Image;
}

/** A window of one layer's output that a unit reads. */
export interface ReadWindow {
    /** Of the units of a Flatten: the layer that was flattened. */
    layer: string;
    /** Where the window begins and how large it is, cut to what there is: outside all is 0. */
    top: number;
    left: number;
    height: number;
    width: number;
    /** The layer's channel that is the first of the window. */
    firstChannel: number;
    input: Image;
    /** What each of these numbers is multiplied by; null where nothing is. */
    weight: Image | null;
}

/** The arithmetic of one unit. */
export interface Computed {
    unit: string;
    layer: string;
    /** As ONNX names it; 'Input' for the network's input. */
    op: string;
    /**
     * 'sum': the products of inputs and weights, and the bias; 'largest': the largest input, whose weight is 1;
     * 'function': of the one input, `op`; 'share': of one whole, as behind a softmax; 'same': the one input as it is.
     */
    by: 'sum' | 'largest' | 'function' | 'share' | 'same';
    /** What the network put out. */
    activation: number;
    bias: number;
    /** Of all products and the bias, in double precision; of a function its input. */
    sum: number;
    /** The part of the network's input that the unit can depend on: its receptive field. */
    field: { top: number; left: number; height: number; width: number };
    reads: ReadWindow[];
}

/** How far a run is. */
export interface State {
    /** Parts that were done. */
    done: number;
    /** Parts that it takes at most; a run may need fewer. */
    most: number;
    /** Nothing is left to do. */
    finished: boolean;
}

export interface Explanation {
    method: string;
    /** Of the first sample. */
    target: TargetText;
    /** Of every sample, where each was given one of its own. */
    targets?: TargetText[];
    /** The target's value f_t(x), of the first sample and of every one. */
    value: number;
    values: number[];
    /** What the method was asked for: its first output where that is a map; else an image without pixels. */
    map: Image;
    /** All that it gives, by the names that its card declares. */
    outputs: Record<string, Item>;
    ledger: LedgerRow[];
    /**
     * Where `layers` was asked for and the method has a ledger: the relevance of every layer, from the top down to the
     * input.
     */
    layers?: LayerRelevance[];
    /** Parameters in force, defaults included. */
    params: Record<string, number | boolean | string>;
    /** Time spent in the core, in ms. */
    milliseconds: number;
    state: State;
    /** The same as a number from 0 to 1; below 1 for a snapshot of a run that goes on. */
    progress: number;
}

/**
 * What a network ends in. Behind 'none' (logits), 'softmax' and 'log_softmax' the probabilities are shares of one
 * whole, behind 'sigmoid' each class is a decision of its own; so is a single logit.
 */
export type Head = 'none' | 'softmax' | 'log_softmax' | 'sigmoid';

/** The least and the greatest value of an input: one for all channels, or one for each. */
export interface InputRange {
    low: Float32Array;
    high: Float32Array;
}

export interface Prediction {
    /** Exactly what the network puts out. */
    output: Float32Array;
    /** The values before its head. */
    logits: Float32Array;
    probabilities: Float32Array;
    /** Index of the largest; of one output alone the decision at ½, 1 or 0. */
    predicted: number;
    /**
     * Of a network with evidential output: how much it does not know, from 0 to 1, the share that no class has evidence
     * for. Its `probabilities` are then those that the evidence makes expect. Null of every other network.
     */
    vacuity: number | null;
}

export interface LayerInfo {
    name: string;
    op: string;
    /** (height, width, channels) of its output. */
    shape: [number, number, number];
    parameters: number;
}

export interface Stroke {
    /** x, y, t (ms) triples in board units, one after another. */
    points: Float32Array;
    /** Diameter of the brush, in board units. */
    width: number;
    eraser?: boolean;
}

export interface Drawing {
    /** Size of the board in the strokes' units. */
    width: number;
    height: number;
    strokes: Stroke[];
}

/** A drawing on its way to the network's input, every stage of it. */
export interface NormalisedDrawing {
    raster: Image;
    scaled: Image;
    /** The network's input, 28×28×1. */
    input: Image;
    /** Input pixel = scale · board unit + offset: where the drawing's points lie in the 28×28 image. */
    scale: number;
    offsetX: number;
    offsetY: number;
}

export interface ExplainRequest {
    method: string;
    /** One for all samples, or one for each; 'predicted' by default. */
    target?: TargetText | readonly TargetText[];
    params?: Params;
    /** Also the relevance of every layer, see Explanation. */
    layers?: boolean;
}

export interface ExplainOptions {
    /** One for all samples, or one for each; 'predicted' by default. */
    target?: TargetText | readonly TargetText[];
    params?: Params;
    layers?: boolean;
    signal?: AbortSignal;
    /** Called with snapshots of a progressive method. */
    onProgress?: (snapshot: Explanation) => void;
    /** Asked between the slices of a progressive method: a promise holds the run until it is kept. */
    hold?: () => Promise<void> | undefined;
}

export interface ReceivedOptions {
    target?: TargetText;
    params?: Params;
    /** How many messages are told apart; 12 by default. */
    strongest?: number;
}

/** Everything that one frame of drawing shows. */
export interface LiveFrame {
    input: Image;
    normalised: NormalisedDrawing | null;
    prediction: Prediction;
    /** In the order of the requests; an Error where a request could not be answered. */
    explanations: (Explanation | Error)[];
    /** From the call to the answer, in ms. */
    milliseconds: number;
}

export type { Curve, TrainingCurves, TrainingOptions, TrainingProgress } from './training_types.ts';
