/** One worker as a function: ask, and await the answer. */
import { fromErrorData, PellucidError, type ErrorData } from './errors.js';
import type { Port } from './platform.js';
import type { Answer, Ask, Operation, ReplyMessage } from './protocol.js';

interface Waiting {
    resolve(answer: unknown): void;
    reject(error: Error): void;
}

export class Channel {
    /** Its place in the pool. */
    readonly place: number;
    readonly #port: Port;
    readonly #waiting = new Map<number, Waiting>();
    #lastId = 0;
    #closed: PellucidError | null = null;
    /** Called once, when the worker is lost. */
    oncrash: (error: PellucidError) => void = () => {};

    constructor(port: Port, place: number) {
        this.#port = port;
        this.place = place;
        port.onreply = (reply) => this.#settle(reply);
        port.onfailure = (failure) => this.#crash(failure);
        port.busy(false);
    }

    /** Questions that wait for an answer. */
    get pending(): number {
        return this.#waiting.size;
    }

    call<K extends Operation>(operation: K, ask: Ask<K>, transfer: MessagePort[] = []): Promise<Answer<K>> {
        return new Promise<Answer<K>>((resolve, reject) => {
            if (this.#closed) throw this.#closed;
            const id = ++this.#lastId;
            try {
                this.#port.post({ id, operation, ask }, transfer);
            } catch (error) {
                const why = error instanceof Error ? error.message : String(error);
                throw new PellucidError('internal', `this cannot be sent to a worker: ${why}`, { cause: error });
            }
            this.#waiting.set(id, { resolve: (answer) => resolve(answer as Answer<K>), reject });
            this.#port.busy(true);
        });
    }

    /** Ends the worker; everything that waits is told why. */
    close(error: PellucidError): void {
        if (this.#closed) return;
        this.#closed = error;
        this.#port.terminate();
        for (const { reject } of this.#waiting.values()) reject(error);
        this.#waiting.clear();
    }

    #settle(reply: ReplyMessage): void {
        const waiting = this.#waiting.get(reply.id);
        if (!waiting) return;
        this.#waiting.delete(reply.id);
        if (this.#waiting.size === 0) this.#port.busy(false);
        if ('answer' in reply) waiting.resolve(reply.answer);
        else this.#refuse(waiting, reply.error);
    }

    #refuse(waiting: Waiting, error: ErrorData): void {
        waiting.reject(fromErrorData(error));
        if (error.fatal) this.#crash(error.message);
    }

    #crash(failure: string | PellucidError): void {
        if (this.#closed) return;
        const error =
            failure instanceof PellucidError
                ? failure
                : new PellucidError('crashed', `a worker stopped: ${failure}; load pellucid again`);
        this.close(error);
        this.oncrash(error);
    }
}
