import type { ReactiveController, ReactiveControllerHost } from 'lit';
import type { LiveFrame } from 'pellucid';
import { sameNumbers } from '../core/window.ts';
import { phase } from '../state/engine.ts';
import { newest } from '../state/live.ts';
import { target } from '../state/target.ts';

interface Options {
    /** Another drawing, or another network; null: the board is empty. */
    begin: (frame: LiveFrame | null) => void;
    /** What else it begins anew with. */
    key?: () => string;
    /** It has come into view, after it has begun. */
    seen?: () => void;
}

/**
 * For experiments on the present drawing, which keep what was done to it: they begin anew with another drawing or
 * network, and only while somebody sees them. Asked for again by somebody else, the drawing is still the same.
 */
export class SeenDrawing implements ReactiveController {
    #inView = false;
    #ready = false;
    #frame: LiveFrame | null = null;
    #key = '';
    #ends: (() => void)[] = [];
    readonly #host: ReactiveControllerHost & Element;
    readonly #options: Options;
    readonly #seen = new IntersectionObserver((entries) => {
        this.#inView = entries.at(-1)?.isIntersecting ?? false;
        this.#look();
        if (this.#inView) this.#options.seen?.();
    });

    constructor(host: ReactiveControllerHost & Element, options: Options) {
        this.#host = host;
        this.#options = options;
        host.addController(this);
    }
    get inView(): boolean {
        return this.#inView;
    }

    hostConnected(): void {
        this.#seen.observe(this.#host);
        const look = () => this.#look();
        this.#ends = [newest.subscribe(look), phase.subscribe(look), target.subscribe(look)];
    }
    hostDisconnected(): void {
        this.#seen.disconnect();
        this.#inView = false;
        for (const end of this.#ends) end();
    }
    hostUpdated(): void {
        if (this.#ready) return;
        this.#ready = true;
        this.#look();
    }

    #look(): void {
        const frame = newest.value;
        if (!this.#ready || (frame && !this.#inView)) return;
        const key = this.#options.key?.() ?? '';
        const [before, now] = [this.#frame, frame];
        const same =
            before && now
                ? key === this.#key &&
                  sameNumbers(before.input.data, now.input.data) &&
                  sameNumbers(before.prediction.logits, now.prediction.logits)
                : before === now;
        if (same) return;
        this.#frame = frame;
        this.#key = key;
        this.#options.begin(frame);
    }
}
