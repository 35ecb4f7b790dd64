/**
 * Letters between workers: what the others computed of a run, for the one that keeps it. They may come before it
 * begins.
 */
import { fromErrorData, type ErrorData } from './errors.js';
import type { Letter } from './protocol.js';

type Computed = Exclude<Letter, { error: ErrorData }>;

/** A run's letters. */
interface Box {
    computed: Computed[];
    error: ErrorData | null;
    /** Letters still to come; negative as long as it is not known how many there will be. */
    coming: number;
    closed: boolean;
    wake: () => void;
}

export class Mailbox {
    readonly #ports = new Map<number, MessagePort>();
    readonly #boxes = new Map<number, Box>();

    meet(worker: number, port: MessagePort): void {
        this.#ports.set(worker, port);
        port.onmessage = ({ data }: { data: Letter }) => this.#receive(data);
    }

    /** A copy: what is sent is small, and handing over many small arrays takes longer. */
    send(worker: number, letter: Letter): void {
        const port = this.#ports.get(worker);
        if (!port) throw new Error(`no way to worker ${worker}`);
        port.postMessage(letter);
    }

    /** The letters of a run, of so many others. To be closed in any case: what comes later is thrown away. */
    expect(run: number, others: number) {
        const box = this.#box(run);
        box.coming += others;
        return {
            /** The letter that begins with this part. Another's failure is the run's. */
            from: async (part: number): Promise<Computed> => {
                for (;;) {
                    if (box.error) throw fromErrorData(box.error);
                    const found = box.computed.find(({ first, parts }) => first === part && parts.length > 0);
                    if (found) return found;
                    await new Promise<void>((resolve) => {
                        box.wake = resolve;
                    });
                }
            },
            close: () => {
                box.closed = true;
                this.#forget(run, box);
            },
        };
    }

    #receive(letter: Letter): void {
        const box = this.#box(letter.run);
        box.coming--;
        if ('error' in letter) box.error ??= letter.error;
        else if (!box.closed) box.computed.push(letter);
        box.wake();
        this.#forget(letter.run, box);
    }

    #box(run: number): Box {
        let box = this.#boxes.get(run);
        if (!box) {
            box = { computed: [], error: null, coming: 0, closed: false, wake: () => {} };
            this.#boxes.set(run, box);
        }
        return box;
    }

    #forget(run: number, box: Box): void {
        if (box.closed && box.coming === 0) this.#boxes.delete(run);
    }
}
