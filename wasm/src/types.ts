/** The public vocabulary of the package: plain data in and out, no WASM in sight. */

/** One parameter of a method, as its card declares it. */
export interface ParamCard {
  name: string;
  type: 'real' | 'integer' | 'flag' | 'choice' | 'text' | 'image';
  /** Default as a value of the type; images have none (null = the method's own default). */
  default: number | boolean | string | null;
  min?: number;
  max?: number;
  choices?: string[];
  unit?: string;
  help: string;
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
  /** 'signed_map' (red/blue around 0), 'positive_map', 'image' (an input, e.g. an adversarial one). */
  result: 'signed_map' | 'positive_map' | 'image';
  /** What it cannot tell, in a sentence or two. */
  caveat: string;
  /** Comes in parts that improve (sampled, iterated) rather than at once. */
  progressive: boolean;
}

export type ParamValue = number | boolean | string | Float32Array;
export type Params = Record<string, ParamValue>;

/** 'class:3', 'prob:3', 'contrast:4-9', 'predicted', 'neuron:LAYER/c,y,x', 'channel:LAYER/c', 'norm:LAYER'. */
export type TargetText = string;

/** height × width × channels, channels innermost. */
export interface Image {
  data: Float32Array;
  height: number;
  width: number;
  channels: number;
}

export interface LedgerRow {
  layer: string;
  /** Sums of relevance entering (from above) and leaving (towards the input), and what was absorbed between. */
  entering: number;
  leaving: number;
  bias: number;
  stabiliser: number;
}

export interface Explanation {
  method: string;
  target: TargetText;
  /** The target's value f_t(x). */
  value: number;
  map: Image;
  /** Further images by name, such as 'standard_error' or 'perturbation'. */
  images: Record<string, Image>;
  /** Further numbers by name, such as 'completeness_gap' or 'success'. */
  numbers: Record<string, number>;
  ledger: LedgerRow[];
  /** Parameters in force, defaults included. */
  params: Record<string, number | boolean | string>;
  /** Time spent in the core, in ms. */
  milliseconds: number;
  /** 0 … 1; below 1 for a snapshot of a run that goes on. */
  progress: number;
}

export interface Prediction {
  logits: Float32Array;
  probabilities: Float32Array;
  /** Index of the largest. */
  predicted: number;
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
  target?: TargetText;
  params?: Params;
}

export interface ExplainOptions {
  target?: TargetText;
  params?: Params;
  signal?: AbortSignal;
  /** Called with snapshots of a progressive method. */
  onProgress?: (snapshot: Explanation) => void;
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
