/**
 * A progressive method in slices, so that it can be watched and stopped; spread over the pool where its parts allow.
 */
import type { Channel } from './channel.js';
import type { PlainTensor } from './core.js';
import type { Pool } from './pool.js';
import type { Question, Slice } from './protocol.js';
import type { Schedule } from './schedule.js';
import type { Explanation } from './types.js';

/** A slice in ms: short enough to stop at once and to let frames through, long enough that messages cost little. */
const slice = 16;
/** Less work than this, in ms, is not worth other workers' starting it as well. */
const worthSpreading = 6;
/** Chunks that may wait for the one before them, per worker. */
const ahead = 3;

type Progress = ((snapshot: Explanation) => void) | undefined;
/** Throws what should stop the run, and is kept once the run may go on. */
type Check = () => Promise<void>;

export async function runProgressive(
    pool: Pool,
    schedule: Schedule,
    question: Question,
    check: Check,
    onProgress: Progress,
): Promise<Explanation> {
    const portions = onProgress ? null : schedule.split(question, pool.channels.length, slice);
    const { explanation, parts } = portions
        ? { explanation: await runTogether(pool, question, portions, check), parts: undefined }
        : await runInSlices(pool, question, check, onProgress);
    schedule.learn(question, explanation.milliseconds, parts);
    return explanation;
}

/** A short run, the cost of which is known: everybody computes a share at once, the first gets what the others have. */
async function runTogether(
    pool: Pool,
    question: Question,
    portions: readonly number[],
    check: Check,
): Promise<Explanation> {
    const run = pool.newId();
    const workers = pool.byPending();
    const keeper = workers[0]!.place;
    const others = portions.findLastIndex((portion) => portion > 0);
    let from = 0;
    const asked = portions.slice(0, others + 1).map((portion, worker) => {
        const to = worker === others ? 1 : from + portion;
        const answer = workers[worker]!.call('portion', { ...question, run, from, to, keeper, others });
        from = to;
        return answer;
    });
    const [explanation] = await Promise.all(asked);
    await check();
    if (!explanation) throw new Error('a shared run ended without a result');
    return explanation;
}

interface Ran {
    explanation: Explanation;
    /** Parts that could be computed apart. */
    parts: number;
}

async function runInSlices(pool: Pool, question: Question, check: Check, onProgress: Progress): Promise<Ran> {
    const run = pool.newId();
    const lead = pool.idlest();
    const started: Channel[] = [lead];
    try {
        const { most: parts, independent } = await lead.call('start', { ...question, run });
        await check();
        const began = performance.now();
        // The first part alone: it says what a part costs.
        let state = await lead.call('advance', { run, budget: 0, snapshot: onProgress !== undefined });
        const perPart = performance.now() - began;
        await check();
        report(state, onProgress);
        const helpers = pool.channels.filter((channel) => channel !== lead);
        if (independent && helpers.length > 0 && (parts - state.done) * perPart > worthSpreading) {
            started.push(...helpers);
            await Promise.all(helpers.map((helper) => helper.call('start', { ...question, run })));
            const spread = new Spread(started, run, parts, state.done, perPart, check, onProgress);
            return { explanation: await spread.finish(), parts };
        }
        while (!state.explanation || !state.finished) {
            state = await lead.call('advance', { run, budget: slice, snapshot: onProgress !== undefined });
            await check();
            report(state, onProgress);
        }
        return { explanation: state.explanation, parts: independent ? parts : 0 };
    } finally {
        for (const channel of started) channel.call('end', { run }).catch(() => {});
    }
}

function report(state: Slice, onProgress: Progress): void {
    if (state.explanation) onProgress?.(state.explanation);
}

/**
 * Chunks of parts computed by everybody, absorbed by the first in order: the same numbers as one worker's, bit by bit.
 */
class Spread {
    readonly #channels: readonly Channel[];
    readonly #run: number;
    readonly #parts: number;
    readonly #check: Check;
    readonly #onProgress: Progress;
    #perPart: number;
    #next: number;
    #absorbed: number;
    readonly #computed = new Map<number, { parts: PlainTensor[][]; milliseconds: number }>();
    #absorbing = Promise.resolve();
    #last: Explanation | null = null;
    #lastReport = performance.now();

    constructor(
        channels: readonly Channel[],
        run: number,
        parts: number,
        done: number,
        perPart: number,
        check: Check,
        onProgress: Progress,
    ) {
        this.#channels = channels;
        this.#run = run;
        this.#parts = parts;
        this.#next = done;
        this.#absorbed = done;
        this.#perPart = perPart;
        this.#check = check;
        this.#onProgress = onProgress;
    }

    async finish(): Promise<Explanation> {
        const outcomes = await Promise.allSettled(this.#channels.map((channel) => this.#work(channel)));
        // Not before all have stopped: nobody may compute for a run that has ended.
        for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
        if (!this.#last) throw new Error('a spread run ended without a result');
        return this.#last;
    }

    async #work(channel: Channel): Promise<void> {
        try {
            while (this.#next < this.#parts) {
                const first = this.#next;
                const fair = Math.ceil((this.#parts - first) / (2 * this.#channels.length));
                const count = Math.max(1, Math.min(fair, Math.round(slice / this.#perPart)));
                this.#next += count;
                const answer = await channel.call('compute', { run: this.#run, first, count });
                this.#perPart = Math.max(answer.milliseconds / count, 0.01);
                await this.#check();
                this.#computed.set(first, answer);
                this.#absorbing = this.#absorbing.then(() => this.#absorb());
                this.#absorbing.catch(() => {}); // heard where it is awaited, which may never be reached
                // A slow lead must not let results pile up.
                if (this.#computed.size > ahead * this.#channels.length) await this.#absorbing;
            }
            await this.#absorbing;
        } catch (error) {
            this.#next = this.#parts; // the others stop after their chunk
            throw error;
        }
    }

    async #absorb(): Promise<void> {
        for (let chunk = this.#computed.get(this.#absorbed); chunk; chunk = this.#computed.get(this.#absorbed)) {
            const first = this.#absorbed;
            this.#computed.delete(first);
            const snapshot = this.#onProgress !== undefined && performance.now() - this.#lastReport > slice;
            if (snapshot) this.#lastReport = performance.now();
            const state = await this.#channels[0]!.call('absorb', { run: this.#run, first, ...chunk, snapshot });
            this.#absorbed = state.done;
            await this.#check();
            report(state, this.#onProgress);
            if (state.finished) this.#last = state.explanation;
        }
    }
}
