import type { Explanation, LiveFrame, MethodCard, Model, Params, TargetText } from 'pellucid';
import { Signal } from './signal.ts';
import { Task, type RunState, type Way } from './task.ts';
import { viewKey, type View } from './views.ts';

export type { RunState };

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

/** One method's computation of one drawing. */
export class Run extends Task {
    readonly order: RunOrder;
    readonly key: string;
    snapshot: Explanation | null = null;
    #painted = 0;

    constructor(order: RunOrder) {
        super();
        this.order = order;
        this.key = order.key;
        this.begin((way) => this.#compute(way));
    }

    override get progress(): number {
        return this.state === 'done' ? 1 : (this.snapshot?.progress ?? 0);
    }
    override get frame(): LiveFrame {
        return this.order.frame;
    }

    async #compute({ signal, hold }: Way): Promise<void> {
        const { card, params, target, model, frame } = this.order;
        const answer = await model.explain(card.id, frame.input.data, {
            params,
            target,
            signal,
            hold,
            onProgress: (snapshot) => {
                if (!this.active) return;
                this.snapshot = snapshot;
                const now = performance.now();
                if (now - this.#painted < paintMs) return;
                this.#painted = now;
                this.changed.value++;
            },
        });
        if (this.active) this.snapshot = answer;
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
