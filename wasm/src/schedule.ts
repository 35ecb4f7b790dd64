/** Who answers what in a frame: longest processing time first, by the times of earlier frames. */
import type { FullRequest } from './protocol.js';

/** How fast an estimate follows times that are longer than it. Shorter ones count at once: hiccups only ever add. */
const rise = 0.1;
const follow = (estimate: number, time: number) => (time < estimate ? time : estimate + rise * (time - estimate));
/** Guesses for what was never measured, in ms. */
const guess = { single: 0.5, progressive: 6, setUp: 0.7 };
/** What it takes to wake another worker, in ms; the page's own thread wants a core, too. */
const wake = 0.7;

export class Schedule {
    readonly #progressive: ReadonlySet<string>;
    readonly #costs = new Map<string, number>();
    #setUp = guess.setUp;

    constructor(progressive: ReadonlySet<string>) {
        this.#progressive = progressive;
    }

    /** For every worker the indices of its requests. The first worker always takes part: it predicts. */
    assign(requests: readonly FullRequest[], workers: number): number[][] {
        const shares: number[][] = Array.from({ length: workers }, () => []);
        const loads = shares.map((_, worker) => (worker === 0 ? this.#setUp : 0));
        const costs = requests.map((request) => this.#cost(request));
        const order = requests.map((_, index) => index).sort((a, b) => costs[b]! - costs[a]!);
        for (const index of order) {
            // A further worker must first be woken, and normalise and trace the input as well.
            const ends = loads.map((load) => (load === 0 ? wake + this.#setUp : load) + costs[index]!);
            const best = ends.indexOf(Math.min(...ends));
            loads[best] = ends[best]!;
            shares[best]!.push(index);
        }
        return shares;
    }

    learn(request: FullRequest, milliseconds: number): void {
        const key = keyOf(request);
        const before = this.#costs.get(key);
        if (before === undefined && this.#costs.size > 500) this.#costs.clear(); // sliders make many keys
        this.#costs.set(key, before === undefined ? milliseconds : follow(before, milliseconds));
    }

    learnSetUp(milliseconds: number): void {
        this.#setUp = follow(this.#setUp, milliseconds);
    }

    #cost(request: FullRequest): number {
        const expected = this.#progressive.has(request.method) ? guess.progressive : guess.single;
        return this.#costs.get(keyOf(request)) ?? expected;
    }
}

/** What the cost may depend on: everything but the numbers of images. */
const keyOf = ({ method, params }: FullRequest): string =>
    method + JSON.stringify(params, (_, value: unknown) => (value instanceof Float32Array ? value.length : value));
