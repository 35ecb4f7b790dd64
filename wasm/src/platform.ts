/** What differs between browsers and node: starting workers and getting files. */
import type { Variant } from './api.js';
import type { PellucidError } from './errors.js';
import type { ModuleName, ReplyMessage, RequestMessage } from './protocol.js';

export interface Port {
    post(message: RequestMessage, transfer: MessagePort[]): void;
    /** To be set before the first message. */
    onreply: (reply: ReplyMessage) => void;
    /** A PellucidError says all there is to say; a text is what happened to a worker that ran. */
    onfailure: (failure: string | PellucidError) => void;
    /** A busy worker keeps node alive, an idle one does not. */
    busy(busy: boolean): void;
    terminate(): void;
}

export interface Platform {
    readonly cores: number;
    /** `base`: the folder of the package's files; undefined: where this module is. Throws CannotStart. */
    spawn(variant: Variant, base: URL | undefined): Port;
    compile(
        variant: Variant,
        base: URL | undefined,
        signal: AbortSignal | undefined,
        module?: ModuleName,
    ): Promise<WebAssembly.Module>;
    /** The address of the second module's glue. */
    glue(variant: Variant, base: URL | undefined): string;
    read(source: string | URL, signal: AbortSignal | undefined): Promise<Uint8Array>;
}

/** The names of the modules' files. */
export const moduleFile = (variant: Variant, module: ModuleName): string =>
    module === 'live' ? `pellucid-${variant}.wasm` : `pellucid-${variant}-studio.wasm`;
