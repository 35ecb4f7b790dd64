import type { LiveFrame } from 'pellucid';
import { Signal } from './signal.ts';

export type RunState = 'running' | 'paused' | 'done' | 'stopped' | 'failed';

/**
 * What the package's long calls take: a signal that stops them, and what is asked between slices, a promise holding
 * them.
 */
export interface Way {
    signal: AbortSignal;
    hold: () => Promise<void> | undefined;
}

/** One computation that takes its time: it can be watched, held, and stopped. */
export abstract class Task {
    state: RunState = 'running';
    error: Error | null = null;
    /** Counts whatever changes. */
    readonly changed = new Signal(0);
    /** Kept when it ends, however it ends. */
    ended: Promise<void> = Promise.resolve();
    readonly #abort = new AbortController();
    #release: (() => void) | null = null;
    #gate: Promise<void> | undefined;
    /** Time spent before the present stretch, and when that began. */
    #spent = 0;
    #since = performance.now();

    /** 0 … 1. */
    abstract get progress(): number;
    /** The drawing that it is about, as it was when it began; null where it is about none. */
    get frame(): LiveFrame | null {
        return null;
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

    /** To be called once by the constructor of what derives from it. */
    protected begin(work: (way: Way) => Promise<void>): void {
        this.ended = this.#work(work);
    }

    #turn(state: RunState): void {
        if (this.state === 'running') this.#spent += performance.now() - this.#since;
        this.#since = performance.now();
        this.state = state;
        this.changed.value++;
    }
    async #work(work: (way: Way) => Promise<void>): Promise<void> {
        try {
            await work({ signal: this.#abort.signal, hold: () => this.#gate });
            if (this.active) this.#turn('done');
        } catch (error) {
            if (!this.active) return;
            this.error = error instanceof Error ? error : new Error(String(error));
            this.#turn('failed');
        }
    }
}

/** Something of a room that goes on while one looks at others. */
export interface Elsewhere {
    title: string;
    room: string;
    task: Task;
}
export const elsewhere = new Signal<readonly Elsewhere[]>([]);
/** Tells of it until it ends. */
export function tellElsewhere(one: Elsewhere): void {
    elsewhere.value = [...elsewhere.value, one];
    void one.task.ended.then(() => {
        elsewhere.value = elsewhere.value.filter((other) => other !== one);
    });
}
