import type { Explanation, LiveFrame, MethodCard, Model, Params, TargetText } from 'pellucid';
import { Signal } from './signal.ts';
import { viewKey, type View } from './views.ts';

export type RunState = 'running' | 'paused' | 'done' | 'stopped' | 'failed';

/** What a run is about. */
export interface RunOrder {
    /** What it is found by. */
    key: string;
    card: MethodCard;
    view: View;
    /** Parameters as the package wants them. */
    params: Params;
    target: TargetText;
    model: Model;
    modelId: string;
    /** The drawing that it explains, as it was when the run began. */
    frame: LiveFrame;
}

/** Snapshots are painted at most this often. */
const paintMs = 40;

/** One computation that takes its time: it can be watched, held, and stopped. */
export class Run {
    readonly order: RunOrder;
    readonly key: string;
    state: RunState = 'running';
    snapshot: Explanation | null = null;
    error: Error | null = null;
    /** Counts whatever changes. */
    readonly changed = new Signal(0);
    /** Kept when it ends, however it ends. */
    readonly ended: Promise<void>;
    readonly #abort = new AbortController();
    #release: (() => void) | null = null;
    #gate: Promise<void> | undefined;
    /** Time spent before the present stretch, and when that began. */
    #spent = 0;
    #since = performance.now();
    #painted = 0;

    constructor(order: RunOrder) {
        this.order = order;
        this.key = order.key;
        this.ended = this.#work();
    }

    /** 0 … 1. */
    get progress(): number {
        return this.state === 'done' ? 1 : (this.snapshot?.progress ?? 0);
    }
    get seconds(): number {
        return (this.#spent + (this.state === 'running' ? performance.now() - this.#since : 0)) / 1000;
    }
    /** How many seconds are left, if it goes on as before; null while nobody knows. */
    get secondsLeft(): number | null {
        const { progress } = this;
        return progress > 0.01 && progress < 1 && this.seconds > 0.5
            ? (this.seconds * (1 - progress)) / progress
            : null;
    }
    get active(): boolean {
        return this.state === 'running' || this.state === 'paused';
    }

    pause(): void {
        if (this.state !== 'running') return;
        this.#gate = new Promise((resolve) => (this.#release = resolve));
        this.#turn('paused');
    }
    resume(): void {
        if (this.state !== 'paused') return;
        this.#gate = undefined;
        this.#release?.();
        this.#turn('running');
    }
    /** What has been reached stays. */
    stop(): void {
        if (!this.active) return;
        this.#abort.abort();
        this.#turn('stopped');
    }

    #turn(state: RunState): void {
        if (this.state === 'running') this.#spent += performance.now() - this.#since;
        this.#since = performance.now();
        this.state = state;
        this.changed.value++;
    }

    async #work(): Promise<void> {
        const { card, params, target, model, frame } = this.order;
        try {
            const answer = await model.explain(card.id, frame.input.data, {
                params,
                target,
                signal: this.#abort.signal,
                hold: () => this.#gate,
                onProgress: (snapshot) => {
                    if (!this.active) return;
                    this.snapshot = snapshot;
                    const now = performance.now();
                    if (now - this.#painted < paintMs) return;
                    this.#painted = now;
                    this.changed.value++;
                },
            });
            if (!this.active) return;
            this.snapshot = answer;
            this.#turn('done');
        } catch (error) {
            if (!this.active) return;
            this.error = error instanceof Error ? error : new Error(String(error));
            this.#turn('failed');
        }
    }
}

export const runKey = (view: View, target: TargetText, modelId: string): string =>
    `${viewKey(view)} ${target} ${modelId}`;

/** Runs that were asked for, the newest first; old ones that have ended go. */
export const runs = new Signal<readonly Run[]>([]);
const mostRuns = 8;

export const runOf = (key: string): Run | undefined => runs.value.find((run) => run.key === key);

/** Begins a run; one about the same that was there before is stopped and forgotten. */
export function startRun(order: RunOrder): Run {
    const run = new Run(order);
    const others = runs.value.filter((other) => other.key !== run.key);
    runOf(run.key)?.stop();
    runs.value = [run, ...others.filter((other, index) => other.active || index < mostRuns - 1)];
    return run;
}

export function forgetRun(run: Run): void {
    run.stop();
    runs.value = runs.value.filter((other) => other !== run);
}
