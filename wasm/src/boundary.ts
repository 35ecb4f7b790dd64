/** Where the package ends: whatever goes wrong within leaves it as a PellucidError. */
import { PellucidError } from './errors.js';

/** What the caller's own code threw, or gave a signal as its reason: it goes back as it is. */
class Theirs {
    constructor(readonly thrown: unknown) {}
}

export const theirs = (thrown: unknown): unknown => new Theirs(thrown);

export function stopIfAborted(signal: AbortSignal | undefined): void {
    if (signal?.aborted) throw theirs(signal.reason);
}

type Callback<A extends unknown[]> = ((...values: A) => void) | undefined;

/** A function of the caller's: what it throws reaches the caller unchanged. */
export function callback<A extends unknown[]>(work: Callback<A>): Callback<A> {
    return (
        work &&
        ((...values) => {
            try {
                work(...values);
            } catch (error) {
                throw theirs(error);
            }
        })
    );
}

/** The same of a function whose promise is waited for. */
export function awaited(work: (() => Promise<void> | undefined) | undefined): (() => Promise<void>) | undefined {
    return (
        work &&
        (async () => {
            try {
                await work();
            } catch (error) {
                throw theirs(error);
            }
        })
    );
}

const textOf = (error: unknown): string => {
    try {
        return error instanceof Error ? error.message : String(error);
    } catch {
        return 'something that has no text';
    }
};

/** Every public method's body goes through here. */
export async function answering<T>(work: () => T | Promise<T>): Promise<T> {
    try {
        return await work();
    } catch (error) {
        if (error instanceof Theirs) throw error.thrown;
        if (error instanceof PellucidError) throw error;
        throw new PellucidError('internal', `pellucid came upon something unexpected: ${textOf(error)}`, {
            cause: error,
        });
    }
}
