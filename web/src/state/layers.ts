import type { Explanation, Params, Received } from 'pellucid';
import { phase } from './engine.ts';
import { withPictures } from './pictures.ts';

/** What is walked through: a method's answer for one drawing. */
export interface Walked {
    method: string;
    target: string;
    params: Params;
    input: Float32Array;
}

/**
 * Asks for the newest thing only: while an answer is under way, later questions replace each other. `tell` gets the answer,
 * or why there is none.
 */
export class Newest<Ask, Answer> {
    readonly #work: (ask: Ask) => Promise<Answer>;
    readonly #tell: (answer: Answer | Error, ask: Ask) => void;
    #next: Ask | undefined;
    #busy = false;

    constructor(work: (ask: Ask) => Promise<Answer>, tell: (answer: Answer | Error, ask: Ask) => void) {
        this.#work = work;
        this.#tell = tell;
    }
    ask(ask: Ask): void {
        this.#next = ask;
        if (!this.#busy) void this.#go();
    }
    async #go(): Promise<void> {
        this.#busy = true;
        for (let ask = this.#next; ask !== undefined; ask = this.#next) {
            this.#next = undefined;
            const now = ask;
            const answer = await this.#work(now).catch((error: unknown) => (error instanceof Error ? error : new Error(String(error))));
            this.#tell(answer, now);
        }
        this.#busy = false;
    }
}

function model() {
    if (phase.value.name !== 'ready') throw new Error('the network is not there yet');
    return phase.value.model;
}

function full({ method, params }: Walked): Params {
    const card = phase.value.name === 'ready' ? phase.value.cards.get(method) : undefined;
    return card ? withPictures(params, card) : params;
}

/** The same answer, with the relevance of every layer. */
export const withLayers = async (walked: Walked): Promise<Explanation> =>
    model().explain(walked.method, walked.input, { target: walked.target, params: full(walked), layers: true });

export const receivedBy = async (walked: Walked, unit: string): Promise<Received> =>
    model().received(walked.method, walked.input, unit, { target: walked.target, params: full(walked) });
