import type { Explanation, MethodCard, Model, Params, TargetText } from 'pellucid';
import { pictures } from '../../core/items.ts';
import { Throttle } from '../../core/throttle.ts';
import { Signal } from '../../state/signal.ts';
import type { RunState } from '../../state/run.ts';

/** A synthesis that is one of several beside each other; with several targets one picture for each. */
export interface Order {
    card: MethodCard;
    params: Params;
    targets: readonly TargetText[];
    /** The drawing that it is about, of one picture. */
    input: Float32Array;
    model: Model;
}

/** One picture on its way. */
export interface Moment {
    progress: number;
    picture: Float32Array;
    /** What the network reads it as, and how surely; null where it reads no classes. */
    read: number | null;
    sure: number | null;
}

/** Pictures are painted at most this often, in ms. */
const paintMs = 33;
/** As many moments of a picture are kept for the slider; of more, every second one goes. */
const mostMoments = 96;

const numberOf = (explanation: Explanation, name: string, index: number): number | null => {
    const item = explanation.outputs[name];
    const value = Array.isArray(item) ? item[index] : undefined;
    return typeof value === 'number' ? value : null;
};

/** Several syntheses that are watched, held, scrubbed and stopped as one. */
export class Group {
    state: RunState = 'running';
    error: Error | null = null;
    /** Where the slider stands, 0 … 1; null: at the newest picture. */
    at: number | null = null;
    /** Counts whatever changes. */
    readonly changed = new Signal(0);
    /** Kept when it ends, however it ends. */
    readonly ended: Promise<void>;
    /** The moments of every picture, in the orders' order. */
    readonly #moments: Moment[][];
    /** The newest answer to each order. */
    readonly answers: (Explanation | null)[];
    readonly #orders: readonly Order[];
    readonly #abort = new AbortController();
    readonly #paint = new Throttle(paintMs, () => this.changed.value++);
    #gate: Promise<void> | undefined;
    #release: (() => void) | null = null;

    /** atOnce: more orders than that wait for their turn. */
    constructor(orders: readonly Order[], atOnce: number) {
        this.#orders = orders;
        this.#moments = orders.flatMap(({ targets }) => targets.map(() => []));
        this.answers = orders.map(() => null);
        this.ended = this.#work(atOnce);
    }

    get active(): boolean {
        return this.state === 'running' || this.state === 'paused';
    }
    /** 0 … 1, of all together. */
    get progress(): number {
        if (this.state === 'done') return 1;
        const sum = this.answers.reduce((total, answer) => total + (answer?.progress ?? 0), 0);
        return this.answers.length > 0 ? sum / this.answers.length : 1;
    }
    /** The picture where the slider stands. */
    moment(index: number): Moment | null {
        const moments = this.#moments[index] ?? [];
        const { at } = this;
        return (
            (at === null ? moments.at(-1) : (moments.findLast(({ progress }) => progress <= at) ?? moments[0])) ?? null
        );
    }
    scrub(at: number): void {
        this.at = at >= 1 ? null : at;
        this.changed.value++;
    }

    pause(): void {
        if (this.state !== 'running') return;
        this.#gate = new Promise((resolve) => (this.#release = resolve));
        this.#turn('paused');
    }
    resume(): void {
        if (this.state !== 'paused') return;
        this.at = null;
        this.#gate = undefined;
        this.#release?.();
        this.#turn('running');
    }
    /** What has been reached stays. */
    stop(): void {
        if (!this.active) return;
        this.#turn('stopped');
        this.#abort.abort();
        this.#release?.();
    }

    #turn(state: RunState): void {
        this.state = state;
        this.changed.value++;
    }

    async #work(atOnce: number): Promise<void> {
        let next = 0;
        const worker = async () => {
            while (next < this.#orders.length && this.active) await this.#compute(next++);
        };
        try {
            await Promise.all(Array.from({ length: Math.max(1, atOnce) }, worker));
            if (this.active) this.#turn('done');
        } catch (error) {
            if (!this.active) return;
            this.error = error instanceof Error ? error : new Error(String(error));
            this.#turn('failed');
            this.#abort.abort();
        }
    }

    async #compute(which: number): Promise<void> {
        const { card, params, targets, input, model } = this.#orders[which]!;
        const inputs = new Float32Array(targets.length * input.length);
        for (let n = 0; n < targets.length; n++) inputs.set(input, n * input.length);
        const answer = await model.explain(card.id, inputs, {
            params,
            target: targets,
            signal: this.#abort.signal,
            hold: () => this.#gate,
            onProgress: (snapshot) => this.#take(which, snapshot),
        });
        this.#take(which, answer);
    }

    #take(which: number, answer: Explanation): void {
        if (!this.active) return;
        this.answers[which] = answer;
        const first = this.#orders.slice(0, which).reduce((sum, { targets }) => sum + targets.length, 0);
        const progress = answer.progress ?? 1;
        pictures(answer.map, 'image').forEach(({ data }, n) => {
            const moments = this.#moments[first + n];
            if (!moments) return;
            if (moments.at(-1)?.progress === progress) moments.pop();
            moments.push({
                progress,
                picture: data,
                read: numberOf(answer, 'predicted', n),
                sure: numberOf(answer, 'probability', n),
            });
            if (moments.length > mostMoments)
                this.#moments[first + n] = moments.filter((_, i) => i % 2 === 0 || i === moments.length - 1);
        });
        this.#paint.call();
    }
}
