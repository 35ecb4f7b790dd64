import type { MethodCard, Params } from 'pellucid';
import { helpWords } from '../core/words.ts';
import { phase } from './engine.ts';
import { models } from './models.ts';
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

/** The network that comes as this file. */
const networkOf = (file: string): string => models.find((entry) => entry.file === file)?.title ?? file;

/**
 * What the core says, with the names of methods and networks instead of their ids and files. A sentence may begin with
 * a method's id.
 */
export const plainly = (message: string): string =>
    helpWords(
        message
            .replace(/^[a-z]+(?=[ :])/, (id) => cardOf(id)?.title ?? id)
            .replace(/\bmodels\/(\w+\.onnx)\b/g, (_, file: string) => networkOf(file))
            .replace(/\b[a-z]+(?:_[a-z]+)+\b/g, (id) => cardOf(id)?.title ?? id),
    );
