/** A training, on the page's side: in slices, so that it can be watched, held and stopped. */
import type { Training, TrainOptions } from './api.js';
import { untilAborted } from './abort.js';
import { answering, awaited, callback, stopIfAborted } from './boundary.js';
import type { Channel } from './channel.js';
import { PellucidError } from './errors.js';
import type { TrainingOptions, TrainingProgress } from './types.js';
import { bytesIn, floats, functionOf, nameOf, optionsOf, refuse, signalOf } from './values.js';

/** In ms: long enough that messages cost little, short enough to stop soon. A step is never cut. */
const slice = 50;

const defaults: Required<TrainingOptions> = {
    epochs: 5,
    batch: 32,
    learningRate: 0.001,
    seed: 1,
    fresh: false,
    defence: 'none',
    epsilon: 0.1,
    steps: 7,
    weight: 1,
};
const whole = ['epochs', 'batch', 'seed', 'steps'] as const;
const real = ['learningRate', 'epsilon', 'weight'] as const;

/** What the core's check of the numbers could not say. */
export function checkOptions(given: TrainOptions | undefined) {
    const names = [...(Object.keys(defaults) as (keyof TrainingOptions)[]), 'from', 'signal'] as const;
    const { from, signal, ...rest } = optionsOf<TrainOptions>('train', given, names);
    const options = { ...defaults, ...rest };
    for (const name of whole) {
        const number: unknown = options[name];
        if (!Number.isInteger(number) || (number as number) < 0 || (number as number) > 1e9)
            refuse(`train: ${name} must be a whole number from 0, not ${nameOf(number)}`);
    }
    for (const name of real) {
        const number: unknown = options[name];
        if (typeof number !== 'number' || !Number.isFinite(number))
            refuse(`train: ${name} must be a number, not ${nameOf(number)}`);
    }
    if (typeof options.fresh !== 'boolean') refuse(`train: fresh must be true or false, not ${nameOf(options.fresh)}`);
    if (typeof options.defence !== 'string')
        refuse(`train: a defence is named by a string, not ${nameOf(options.defence)}`);
    const state = from === undefined ? null : bytesIn(from, 'a saved training');
    if (from !== undefined && state === null) refuse(`train: a saved training is a Uint8Array, not ${nameOf(from)}`);
    return { options, from: state, signal: signalOf('train', signal) };
}

export function checkImages(images: unknown): Uint8Array {
    if (Object.prototype.toString.call(images) === '[object Uint8Array]') return bytesIn(images, 'the images')!;
    const shares = floats(images, 'the images (a Uint8Array also counts)');
    const outside = shares.findIndex((share) => !(share >= 0 && share <= 1));
    if (outside >= 0) refuse(`train: the images' number ${outside} is ${shares[outside]}; all must be from 0 to 1`);
    return Uint8Array.from(shares, (share) => Math.round(share * 255));
}

export function checkLabels(labels: unknown): Uint8Array {
    if (Object.prototype.toString.call(labels) === '[object Uint8Array]') return bytesIn(labels, 'the labels')!;
    if (!Array.isArray(labels)) return refuse(`train: labels are an Array or a Uint8Array, not ${nameOf(labels)}`);
    const wrong = labels.findIndex(
        (label: unknown) => !Number.isInteger(label) || (label as number) < 0 || (label as number) > 255,
    );
    if (wrong >= 0) refuse(`train: label ${wrong} is ${nameOf(labels[wrong])}; a class's number is right`);
    return Uint8Array.from(labels as number[]);
}

export class PooledTraining implements Training {
    readonly #channel: Channel;
    readonly #run: number;
    #progress: TrainingProgress;
    #going = false;
    #disposed = false;

    constructor(channel: Channel, run: number, progress: TrainingProgress) {
        this.#channel = channel;
        this.#run = run;
        this.#progress = progress;
    }

    get progress(): TrainingProgress {
        return this.#progress;
    }

    run(options?: Parameters<Training['run']>[0]): Promise<TrainingProgress> {
        return answering(async () => {
            type Given = NonNullable<Parameters<Training['run']>[0]>;
            const given = optionsOf<Given>('run', options, ['signal', 'onProgress', 'hold']);
            const signal = signalOf('run', given.signal);
            const onProgress = callback(functionOf('run', 'onProgress', given.onProgress));
            const hold = awaited(functionOf('run', 'hold', given.hold));
            if (this.#going) throw new PellucidError('bad_argument', 'the training is running already');
            this.#going = true;
            try {
                while (!this.#progress.state.finished) {
                    stopIfAborted(signal);
                    if (hold) await untilAborted(hold(), signal);
                    this.#progress = await this.#channel.call('trainOn', { run: this.#there(), budget: slice });
                    onProgress?.(this.#progress);
                }
                return this.#progress;
            } finally {
                this.#going = false;
            }
        });
    }

    network(): Promise<Uint8Array> {
        return answering(() => this.#channel.call('trained', { run: this.#there() }));
    }

    save(): Promise<Uint8Array> {
        return answering(() => this.#channel.call('saveTraining', { run: this.#there() }));
    }

    dispose(): void {
        if (this.#disposed) return;
        this.#disposed = true;
        this.#channel.call('endTraining', { run: this.#run }).catch(() => {});
    }

    [Symbol.dispose](): void {
        this.dispose();
    }

    #there(): number {
        if (this.#disposed) throw new PellucidError('disposed', 'the training was disposed of');
        return this.#run;
    }
}
