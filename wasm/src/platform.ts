/** What differs between browsers and node: starting workers and getting files. */
import type { Variant } from './api.js';
import { checkBytes } from './check.js';
import type { ReplyMessage, RequestMessage } from './protocol.js';

export interface Port {
    post(message: RequestMessage, transfer: MessagePort[]): void;
    /** To be set before the first message. */
    onreply: (reply: ReplyMessage) => void;
    onfailure: (message: string) => void;
    /** A busy worker keeps node alive, an idle one does not. */
    busy(busy: boolean): void;
    terminate(): void;
}

export interface Platform {
    readonly cores: number;
    /** `base`: the folder of the package's files; undefined: where this module is. */
    spawn(variant: Variant, base: URL | undefined): Port;
    compile(variant: Variant, base: URL | undefined, signal: AbortSignal | undefined): Promise<WebAssembly.Module>;
    read(source: string | URL, signal: AbortSignal | undefined): Promise<Uint8Array>;
}

/** A file: its address, or its bytes. */
export type Source = string | URL | ArrayBuffer | Uint8Array;

export async function bytesOf(source: Source, platform: Platform, signal: AbortSignal | undefined): Promise<Uint8Array> {
    signal?.throwIfAborted();
    if (source instanceof Uint8Array) return checkBytes(source);
    return source instanceof ArrayBuffer ? new Uint8Array(source) : platform.read(source, signal);
}
