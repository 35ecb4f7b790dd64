import type { MethodCard, Params } from 'pellucid';
import { helpWords } from '../core/words.ts';
import { phase } from './engine.ts';
import { withPictures } from './pictures.ts';
import type { View } from './views.ts';

/**
 * What was asked in between is dropped: the newest question only, one at a time. `tell` gets the answer, or why there
 * is none.
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
            const answer = await this.#work(now).catch((error: unknown) =>
                error instanceof Error ? error : new Error(String(error)),
            );
            this.#tell(answer, now);
        }
        this.#busy = false;
    }
}

export const cardOf = (method: string): MethodCard | undefined =>
    phase.value.name === 'ready' ? phase.value.cards.get(method) : undefined;

/** A view's parameters as the package wants them. */
export function fullParams({ method, params }: View): Params {
    const card = cardOf(method);
    return card ? withPictures(params, card) : params;
}

/** What the core says, with the names of methods instead of their ids. */
export const plainly = (message: string): string =>
    helpWords(message.replace(/\b[a-z]+(?:_[a-z]+)+\b/g, (id) => cardOf(id)?.title ?? id));
