import type { ReactiveController, ReactiveControllerHost } from 'lit';
import type { LiveFrame } from 'pellucid';
import { phase } from '../state/engine.ts';
import type { About } from '../state/judge.ts';
import { newest } from '../state/live.ts';
import { target } from '../state/target.ts';

/** The drawing rests when nothing has changed for this long. */
const restMs = 300;

interface Options {
    /** Computes what the element shows; it is given up when `signal` says so. */
    work: (about: About, signal: AbortSignal) => Promise<void>;
    /** Another drawing, question or network: what was computed is about something else from now on. */
    changed: () => void;
    /** What else the work depends on. */
    key?: () => string;
}

/**
 * Work about the drawing as it rests: begun anew when drawing, question or network change, and done only while the
 * element is in view. What is interrupted because it went out of view is asked for again when it comes back; the work
 * then goes on from what it has.
 */
export class Resting implements ReactiveController {
    /** Whether something is being computed now. */
    busy = false;
    #done = false;
    #inView = false;
    #frame: LiveFrame | null = null;
    #key = '';
    #timer: ReturnType<typeof setTimeout> | undefined;
    #abort: AbortController | undefined;
    #ends: (() => void)[] = [];
    readonly #host: ReactiveControllerHost & Element;
    readonly #options: Options;
    readonly #seen = new IntersectionObserver(
        (entries) => {
            this.#inView = entries.at(-1)?.isIntersecting ?? false;
            if (this.#inView) this.#soon(0);
            else this.#stop();
        },
        { rootMargin: '60px' },
    );

    constructor(host: ReactiveControllerHost & Element, options: Options) {
        this.#host = host;
        this.#options = options;
        host.addController(this);
    }

    /** The drawing that the work is about; null while there is none. */
    get frame(): LiveFrame | null {
        return this.#frame;
    }

    hostConnected(): void {
        this.#seen.observe(this.#host);
        const look = () => this.#look();
        this.#ends = [newest.subscribe(look), target.subscribe(look), phase.subscribe(look)];
        this.#look();
    }
    hostDisconnected(): void {
        this.#seen.disconnect();
        this.#inView = false;
        this.#stop();
        for (const end of this.#ends) end();
    }
    hostUpdated(): void {
        this.#look();
    }

    /** Begins again from the beginning. */
    again(): void {
        this.#key = '';
        this.#look();
    }
    /** Leaves it at what there is, until told to go on. */
    stop(): void {
        this.#stop();
        this.#done = true;
    }
    go(): void {
        this.#done = false;
        this.#soon(0);
    }

    #look(): void {
        const frame = newest.value;
        const ready = phase.value.name === 'ready' ? phase.value.modelId : '';
        const same =
            frame === this.#frame ||
            (frame !== null &&
                this.#frame !== null &&
                frame.prediction.predicted === this.#frame.prediction.predicted &&
                frame.input.data.every((value, i) => value === this.#frame?.input.data[i]));
        const key = [ready, JSON.stringify(target.value), this.#options.key?.() ?? ''].join(' ');
        if (same && key === this.#key) return;
        this.#frame = frame;
        this.#key = key;
        this.#done = false;
        this.#stop();
        this.#options.changed();
        this.#host.requestUpdate();
        this.#soon(restMs);
    }
    #stop(): void {
        clearTimeout(this.#timer);
        this.#abort?.abort();
        this.#abort = undefined;
        if (this.busy) this.#host.requestUpdate();
        this.busy = false;
    }
    #soon(ms: number): void {
        clearTimeout(this.#timer);
        this.#timer = setTimeout(() => void this.#work(), ms);
    }
    async #work(): Promise<void> {
        const frame = this.#frame;
        if (this.busy || this.#done || !this.#inView || !frame || phase.value.name !== 'ready') return;
        const { model, modelId } = phase.value;
        const { signal } = (this.#abort = new AbortController());
        this.busy = true;
        this.#host.requestUpdate();
        try {
            await this.#options.work({ frame, model, modelId }, signal);
        } catch (error) {
            if (!signal.aborted) console.error(error);
        }
        if (signal.aborted) return;
        this.#done = true;
        this.busy = false;
        this.#host.requestUpdate();
    }
}
