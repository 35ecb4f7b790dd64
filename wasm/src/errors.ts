/** What kind of thing went wrong; the message says the rest. The last three are the package's own. */
export type ErrorCode =
    | 'bad_argument'
    | 'bad_shape'
    | 'bad_file'
    | 'unsupported'
    | 'cancelled'
    | 'exhausted'
    | 'internal'
    | 'load_failed'
    | 'crashed'
    | 'disposed';

export class PellucidError extends Error {
    override readonly name = 'PellucidError';
    readonly code: ErrorCode;

    constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
        super(message, options);
        this.code = code;
    }
}

/**
 * Why pellucid cannot start. What holds `everywhere`, such as a policy, holds for the other builds of the core as well.
 */
export class CannotStart extends PellucidError {
    readonly everywhere: boolean;

    constructor(message: string, everywhere: boolean, options?: ErrorOptions) {
        super('load_failed', message, options);
        this.everywhere = everywhere;
    }
}

/** An error on its way out of a worker: classes do not survive the journey. */
export interface ErrorData {
    code: ErrorCode;
    message: string;
    /** The core has stopped in the middle of something and cannot be trusted any more. */
    fatal: boolean;
}

const isFatal = (error: unknown): boolean => error instanceof WebAssembly.RuntimeError || error instanceof RangeError;

export function toErrorData(error: unknown): ErrorData {
    if (error instanceof PellucidError) return { code: error.code, message: error.message, fatal: false };
    return { code: 'internal', message: error instanceof Error ? error.message : String(error), fatal: isFatal(error) };
}

export const fromErrorData = ({ code, message }: ErrorData): PellucidError => new PellucidError(code, message);
