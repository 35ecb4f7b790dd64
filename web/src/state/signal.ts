import type { ReactiveController, ReactiveControllerHost } from 'lit';

/** A value that can be watched. The page's state is a handful of these. */
export class Signal<T> {
    #value: T;
    readonly #listeners = new Set<(value: T) => void>();

    constructor(initial: T) {
        this.#value = initial;
    }
    get value(): T {
        return this.#value;
    }
    set value(next: T) {
        if (Object.is(next, this.#value)) return;
        this.#value = next;
        for (const listener of [...this.#listeners]) listener(next);
    }
    /** Returns what ends the subscription. */
    subscribe(listener: (value: T) => void): () => void {
        this.#listeners.add(listener);
        return () => this.#listeners.delete(listener);
    }
}

interface Watchable {
    subscribe(listener: () => void): () => void;
}

/** Renders an element again whenever one of the signals changes, while the element is on the page. */
export class Uses implements ReactiveController {
    readonly #host: ReactiveControllerHost;
    readonly #signals: readonly Watchable[];
    #ends: (() => void)[] = [];

    constructor(host: ReactiveControllerHost, ...signals: Watchable[]) {
        this.#host = host;
        this.#signals = signals;
        host.addController(this);
    }
    hostConnected(): void {
        this.#ends = this.#signals.map((signal) => signal.subscribe(() => this.#host.requestUpdate()));
        this.#host.requestUpdate();
    }
    hostDisconnected(): void {
        for (const end of this.#ends) end();
        this.#ends = [];
    }
}
