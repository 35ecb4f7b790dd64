/** What a training is asked for and what it tells: plain data, as in types.ts. */
import type { State } from './types.ts';

/** How a network is trained; what is not given is as the comments say. */
export interface TrainingOptions {
    /** How often each image is used: 5. */
    epochs?: number;
    /** Images per step: 32. */
    batch?: number;
    /** The highest, with Adam; it falls to 0 along half a cosine: 0.001. */
    learningRate?: number;
    /** Of the order of the images, of new weights and of what a defence draws by chance: 1. */
    seed?: number;
    /** Begin with new weights in place of the model's: false. */
    fresh?: boolean;
    /** What is learned beside the images; 'fgsm', 'pgd' and 'trades' learn from attacked ones: 'none'. */
    defence?: 'none' | 'fgsm' | 'pgd' | 'trades' | 'gradient_penalty';
    /** Of attacks: the largest change of a pixel: 0.1. */
    epsilon?: number;
    /** Of 'pgd' and 'trades': 7. */
    steps?: number;
    /** Of 'trades' and 'gradient_penalty': 1. */
    weight?: number;
}

/** `values[i]` is the mean over the steps up to `at[i]`, since the point before. */
export interface Curve {
    at: Float32Array;
    values: Float32Array;
}

/** Of the images and weights as they were in each step. */
export interface TrainingCurves {
    loss: Curve;
    accuracy: Curve;
}

export interface TrainingProgress extends TrainingCurves {
    /** In steps. */
    state: State;
    /** From 0 to 1. */
    progress: number;
    /** Time spent in the core, in ms. */
    milliseconds: number;
}
