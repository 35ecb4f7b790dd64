import { readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { Worker, type Transferable } from 'node:worker_threads';
import { PellucidError } from './errors.js';
import type { Variant } from './api.js';
import type { Platform, Port } from './platform.js';

const here = new URL('.', import.meta.url);

function spawn(variant: Variant, base: URL | undefined): Port {
    const folder = base ?? here;
    const worker = new Worker(new URL('worker-node.js', folder), {
        workerData: { worker: new URL(`worker-${variant}.js`, folder).href },
    });
    const port: Port = {
        post: (message, transfer) => worker.postMessage(message, transfer as unknown as Transferable[]),
        onreply: () => {},
        onfailure: () => {},
        busy: (busy) => (busy ? worker.ref() : worker.unref()),
        terminate: () => void worker.terminate(),
    };
    worker.on('message', (data) => port.onreply(data));
    worker.on('messageerror', () => port.onfailure('an answer could not be read'));
    worker.on('error', (error: Error) => port.onfailure(error.message));
    worker.on('exit', (code) => port.onfailure(`it ended with code ${code}`));
    return port;
}

async function read(source: string | URL, signal: AbortSignal | undefined): Promise<Uint8Array> {
    const url = source instanceof URL ? source : /^(https?|file|data):/.test(source) ? new URL(source) : null;
    try {
        if (!url || url.protocol === 'file:') return await readFile(url ? fileURLToPath(url) : source, signal ? { signal } : {});
        const response = await fetch(url, signal ? { signal } : {});
        if (!response.ok) throw new Error(`the server answers ${response.status}`);
        return new Uint8Array(await response.arrayBuffer());
    } catch (error) {
        signal?.throwIfAborted();
        const why = error instanceof Error ? error.message : String(error);
        throw new PellucidError('bad_file', `${String(source)} cannot be read: ${why}`, { cause: error });
    }
}

export const node: Platform = {
    cores: availableParallelism(),
    spawn,
    compile: async (variant, base, signal) =>
        // A copy, because node's buffers may share their memory with others.
        WebAssembly.compile(new Uint8Array(await read(new URL(`pellucid-${variant}.wasm`, base ?? here), signal))),
    read,
};
