/** Where a model's bytes may come from. */
import type { ModelSource } from './api.js';
import { stopIfAborted } from './boundary.js';
import { PellucidError } from './errors.js';
import type { Platform } from './platform.js';
import { bytesIn, isPlain, nameOf, refuse, short, tagOf } from './values.js';

export type Source = ModelSource;

/** More than a network of this kind ever has; what has no end, such as /dev/zero, must not fill the memory. */
export const largestFile = 2 ** 30;

const badFile = (message: string, cause?: unknown): PellucidError => new PellucidError('bad_file', message, { cause });
export const tooLarge = (what: string): PellucidError =>
    badFile(`${what} is too large: a model's file may have at most 1 GiB`);

/** What others pass now and then, and what they meant. */
const hints: Record<string, string> = {
    Promise: ': await it first',
    FileList: ': pass one file of it, files[0]',
    FileSystemFileHandle: ': pass await handle.getFile()',
    Request: ': pass await fetch(request)',
    ReadableStream: ': pass new Response(stream)',
    Array: ': pass Uint8Array.from(array)',
};

async function fromBlob(blob: Blob): Promise<Uint8Array> {
    const name = 'name' in blob ? `the file '${short(String(blob.name))}'` : 'the Blob';
    if (blob.size > largestFile) throw tooLarge(name);
    try {
        return new Uint8Array(await blob.arrayBuffer());
    } catch (error) {
        throw badFile(`${name} cannot be read: ${error instanceof Error ? error.message : String(error)}`, error);
    }
}

/** A response's body, up to the limit. `what` names it in messages. */
export async function fromResponse(response: Response, what: string, signal?: AbortSignal): Promise<Uint8Array> {
    if (response.type === 'opaque')
        throw badFile(`${what} cannot be read: it was fetched with mode 'no-cors'; fetch it without`);
    if (!response.ok) throw badFile(`${what} cannot be fetched: the server answers ${response.status}`);
    if (response.bodyUsed) refuse(`${what} was read before: pass it unread, or response.clone()`);
    const chunks: Uint8Array[] = [];
    let size = 0;
    try {
        const reader = response.body?.getReader();
        const stop = () => void reader?.cancel().catch(() => {});
        signal?.addEventListener('abort', stop, { once: true });
        for (let next = await reader?.read(); next && !next.done; next = await reader?.read()) {
            chunks.push(next.value);
            size += next.value.length;
            if (size > largestFile) {
                stop();
                throw tooLarge(what);
            }
        }
        signal?.removeEventListener('abort', stop);
    } catch (error) {
        stopIfAborted(signal);
        if (error instanceof PellucidError) throw error;
        throw badFile(`${what} cannot be read: ${error instanceof Error ? error.message : String(error)}`, error);
    }
    stopIfAborted(signal);
    const all = new Uint8Array(size);
    let at = 0;
    for (const chunk of chunks) {
        all.set(chunk, at);
        at += chunk.length;
    }
    return all;
}

/** `what` says whose bytes they are: 'the model', 'the patterns'. */
export async function bytesOf(
    source: unknown,
    what: string,
    platform: Platform,
    signal: AbortSignal | undefined,
): Promise<Uint8Array> {
    stopIfAborted(signal);
    if (typeof source === 'string') {
        if (source.trim() === '') refuse(`${what}: the address is empty`);
        return platform.read(source, signal);
    }
    const bytes = bytesIn(source, what);
    if (bytes) {
        if (bytes.length > largestFile) throw tooLarge(what);
        return bytes;
    }
    const tag = tagOf(source);
    const has = (method: string) => typeof (source as Record<string, unknown>)[method] === 'function';
    if (tag === 'URL') return platform.read(new URL(String(source)), signal);
    if ((tag === 'Blob' || tag === 'File') && has('arrayBuffer')) return fromBlob(source as Blob);
    if (tag === 'Response' && has('clone')) return fromResponse(source as Response, `${what} (a Response)`, signal);
    const right = 'an address, a File, a Blob, a Response, an ArrayBuffer or a typed array';
    return refuse(`${what} must be ${right}, not ${nameOf(source)}${hints[tag] ?? ''}`);
}

/** The files beside a model by its names for them: several, or one, which is called '' whatever its name. */
export async function dataOf(
    data: unknown,
    platform: Platform,
    signal: AbortSignal | undefined,
): Promise<Record<string, Uint8Array> | null> {
    if (data === undefined) return null;
    if (!isPlain(data)) return { '': await bytesOf(data, "the model's data", platform, signal) };
    const files = Object.entries(data);
    const example = "it is a file, or files by name such as {'model.onnx.data': file}";
    if (files.length === 0 || files.some(([name]) => name === '')) refuse(`loadModel: data names no file; ${example}`);
    return Object.fromEntries(
        await Promise.all(
            files.map(
                async ([name, source]) =>
                    [name, await bytesOf(source, `the model's data '${short(name)}'`, platform, signal)] as const,
            ),
        ),
    );
}
