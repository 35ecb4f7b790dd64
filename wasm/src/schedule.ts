/** Who answers what in a frame: longest processing time first, by the times of earlier frames. */
import type { FullRequest } from './protocol.js';

/** How fast an estimate follows times that are longer than it. Shorter ones count at once: hiccups only ever add. */
const rise = 0.1;
const follow = (estimate: number, time: number) => (time < estimate ? time : estimate + rise * (time - estimate));

/** Guesses for what was never measured, in ms. */
const guess = { single: 0.5, progressive: 6, setUp: 0.7 };
/** What it takes to wake another worker, in ms; the page's own thread wants a core, too. */
const wake = 0.7;
/**
 * Less than this, in ms, one worker answers alone: woken for it, another would only take a core from the page's
 * painting.
 */
const worthWaking = 6;
/** What takes longer than this, in ms, is shared where its parts allow; shorter, the second round would cost more. */
const worthSharing = 5;
/** Nobody starts a run for a smaller share than this. */
const leastShare = 0.15;

interface Measured {
    milliseconds: number;
    /** Parts that can be computed apart. */
    parts: number;
}

/** A worker's part in a frame; numbers are indices of requests. */
export interface Share {
    whole: number[];
    portions: { index: number; from: number; to: number }[];
}

export class Schedule {
    readonly #progressive: ReadonlySet<string>;
    readonly #measured = new Map<string, Measured>();
    #setUp = guess.setUp;

    constructor(progressive: ReadonlySet<string>) {
        this.#progressive = progressive;
    }

    /** A share for every worker. The first always takes part: it predicts. */
    assign(requests: readonly FullRequest[], workers: number): Share[] {
        const shares: Share[] = Array.from({ length: workers }, () => ({ whole: [], portions: [] }));
        // A further worker must first be woken, and normalise and trace the input as well.
        const ready = shares.map((_, worker) => this.#setUp + (worker === 0 ? 0 : wake));
        const loads = shares.map(() => 0);
        const costs = requests.map((request) => this.#cost(request));
        if (costs.reduce((sum, cost) => sum + cost, 0) < worthWaking) {
            shares[0]!.whole.push(...requests.keys());
            return shares;
        }
        const order = requests.map((_, index) => index).sort((a, b) => costs[b]! - costs[a]!);
        const shared = order.filter((index) => workers > 1 && this.#canShare(requests[index]!));
        const ends = () => loads.map((load, worker) => ready[worker]! + load);
        for (const index of order) {
            if (shared.includes(index)) continue;
            const times = ends();
            const best = times.indexOf(Math.min(...times));
            loads[best]! += costs[index]!;
            shares[best]!.whole.push(index);
        }
        // What can be cut fills up the workers to the same height.
        for (const index of shared) {
            let from = 0;
            const portions = fill(ends(), costs[index]!);
            const last = portions.findLastIndex((portion) => portion > 0);
            portions.forEach((portion, worker) => {
                if (portion === 0) return;
                const to = worker === last ? 1 : from + portion;
                loads[worker]! += portion * costs[index]!;
                if (from === 0 && to === 1) shares[worker]!.whole.push(index);
                else shares[worker]!.portions.push({ index, from, to });
                from = to;
            });
        }
        return shares;
    }

    /**
     * Shares of one request's parts, the first worker's first, if it is known to be worth sharing and to end within
     * `longest` ms on so many workers.
     */
    split(request: FullRequest, workers: number, longest: number): number[] | null {
        if (workers < 2 || !this.#canShare(request) || this.#cost(request) > workers * longest) return null;
        const ready = Array.from({ length: workers }, (_, worker) => (worker === 0 ? 0 : wake));
        return fill(ready, this.#cost(request));
    }

    learn(request: FullRequest, milliseconds: number, parts?: number): void {
        if (Array.isArray(request.target)) return; // answered one after another: of another cost, and not to be shared
        const key = keyOf(request);
        const before = this.#measured.get(key);
        if (!before && this.#measured.size > 500) this.#measured.clear(); // sliders make many keys
        this.#measured.set(key, {
            milliseconds: before ? follow(before.milliseconds, milliseconds) : milliseconds,
            parts: parts ?? before?.parts ?? 0,
        });
    }

    learnSetUp(milliseconds: number): void {
        this.#setUp = follow(this.#setUp, milliseconds);
    }

    #cost(request: FullRequest): number {
        const expected = this.#progressive.has(request.method) ? guess.progressive : guess.single;
        return this.#measured.get(keyOf(request))?.milliseconds ?? expected;
    }

    #canShare(request: FullRequest): boolean {
        if (Array.isArray(request.target)) return false;
        const measured = this.#measured.get(keyOf(request));
        return measured !== undefined && measured.milliseconds > worthSharing && measured.parts > 3;
    }
}

/** Shares of `cost`, summing to 1, after which all workers that have one end at the same time. */
function fill(ends: readonly number[], cost: number): number[] {
    const order = ends.map((_, worker) => worker).sort((a, b) => ends[a]! - ends[b]!);
    for (let count = order.length; count > 0; --count) {
        const chosen = order.slice(0, count);
        const level = (cost + chosen.reduce((sum, worker) => sum + ends[worker]!, 0)) / count;
        const portions = ends.map((end, worker) => (chosen.includes(worker) ? (level - end) / cost : 0));
        if (count === 1 || chosen.every((worker) => portions[worker]! >= leastShare)) return portions;
    }
    return ends.map((_, worker) => (worker === 0 ? 1 : 0));
}

/** What the cost may depend on: everything but the numbers of images. */
const keyOf = ({ method, params }: FullRequest): string =>
    method + JSON.stringify(params, (_, value: unknown) => (value instanceof Float32Array ? value.length : value));
