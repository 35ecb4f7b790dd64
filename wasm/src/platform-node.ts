import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { Worker, type Transferable } from 'node:worker_threads';
import type { Variant } from './api.js';
import { stopIfAborted } from './boundary.js';
import { CannotStart, PellucidError } from './errors.js';
import { moduleFile, type Platform, type Port } from './platform.js';
import type { ModuleName } from './protocol.js';
import { fromResponse, largestFile, tooLarge } from './source.js';
import { short } from './values.js';

const here = new URL('.', import.meta.url);
const address = (source: string | URL): string => short(String(source), 300);
const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

function start(file: URL, workerData: unknown): Worker {
    try {
        return new Worker(file, { workerData });
    } catch (error) {
        throw new CannotStart(`node starts no workers: ${textOf(error)}`, true, { cause: error });
    }
}

function spawn(variant: Variant, base: URL | undefined): Port {
    const folder = base ?? here;
    const worker = start(new URL('worker-node.js', folder), { worker: new URL(`worker-${variant}.js`, folder).href });
    const port: Port = {
        post: (message, transfer) => worker.postMessage(message, transfer as unknown as Transferable[]),
        onreply: () => {},
        onfailure: () => {},
        busy: (busy) => (busy ? worker.ref() : worker.unref()),
        terminate: () => void worker.terminate(),
    };
    worker.on('message', (data) => port.onreply(data));
    worker.on('messageerror', () => port.onfailure('an answer could not be read'));
    worker.on('error', (error: Error & { code?: string }) => {
        const missing = /MODULE_NOT_FOUND$/.test(error.code ?? '');
        const [line] = error.message.split('\n');
        const remedy = `put all files of its dist folder in ${folder.href}`;
        port.onfailure(
            missing ? new CannotStart(`a file of the package is missing: ${line}; ${remedy}`, false) : error.message,
        );
    });
    worker.on('exit', (code) => port.onfailure(`it ended with code ${code}`));
    return port;
}

/** A file's bytes, up to the limit: it need not be one that tells its size. */
async function readPath(path: string | URL, signal: AbortSignal | undefined): Promise<Uint8Array> {
    const told = await stat(path);
    if (told.isDirectory()) throw new Error('it is a folder');
    if (told.isCharacterDevice() || told.isBlockDevice()) throw new Error('it is a device');
    if (told.size > largestFile) throw tooLarge(address(path));
    const chunks: Buffer[] = [];
    let size = 0;
    for await (const chunk of createReadStream(path, signal ? { signal } : {}) as AsyncIterable<Buffer>) {
        size += chunk.length;
        if (size > largestFile) throw tooLarge(address(path));
        chunks.push(chunk);
    }
    // a copy, because node's buffers may share their memory with others
    return new Uint8Array(Buffer.concat(chunks, size));
}

async function read(source: string | URL, signal: AbortSignal | undefined): Promise<Uint8Array> {
    try {
        // A path may begin with a letter and a colon, so only these are addresses.
        const url = source instanceof URL ? source : /^(https?|file|data|blob):/i.test(source) ? new URL(source) : null;
        if (!url || url.protocol === 'file:') return await readPath(url ? fileURLToPath(url) : String(source), signal);
        return await fromResponse(await fetch(url, signal ? { signal } : {}), address(url), signal);
    } catch (error) {
        stopIfAborted(signal);
        if (error instanceof PellucidError) throw error;
        throw new PellucidError('bad_file', `${address(source)} cannot be read: ${short(textOf(error), 200)}`, {
            cause: error,
        });
    }
}

async function compile(
    variant: Variant,
    base: URL | undefined,
    signal: AbortSignal | undefined,
    module: ModuleName = 'live',
): Promise<WebAssembly.Module> {
    let bytes: Uint8Array;
    try {
        bytes = await read(new URL(moduleFile(variant, module), base ?? here), signal);
    } catch (error) {
        if (error instanceof PellucidError) throw new CannotStart(error.message, false, { cause: error });
        throw error;
    }
    return WebAssembly.compile(bytes as BufferSource);
}

const glue = (variant: Variant, base: URL | undefined): string => new URL(`studio-${variant}.js`, base ?? here).href;

export const node: Platform = { cores: availableParallelism(), spawn, compile, glue, read };
