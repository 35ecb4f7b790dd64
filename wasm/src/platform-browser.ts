import { PellucidError } from './errors.js';
import type { Variant } from './api.js';
import type { Platform, Port } from './platform.js';

// Written out, because bundlers recognise exactly these forms and take the files along.
const workers: Record<Variant, () => Worker> = {
    relaxed: () => new Worker(new URL('./worker-relaxed.js', import.meta.url), { type: 'module' }),
    simd128: () => new Worker(new URL('./worker-simd128.js', import.meta.url), { type: 'module' }),
    scalar: () => new Worker(new URL('./worker-scalar.js', import.meta.url), { type: 'module' }),
};
const modules: Record<Variant, () => URL> = {
    relaxed: () => new URL('./pellucid-relaxed.wasm', import.meta.url),
    simd128: () => new URL('./pellucid-simd128.wasm', import.meta.url),
    scalar: () => new URL('./pellucid-scalar.wasm', import.meta.url),
};

function spawn(variant: Variant, base: URL | undefined): Port {
    const worker = base ? new Worker(new URL(`worker-${variant}.js`, base), { type: 'module' }) : workers[variant]();
    const port: Port = {
        post: (message, transfer) => worker.postMessage(message, transfer),
        onreply: () => {},
        onfailure: () => {},
        busy: () => {},
        terminate: () => worker.terminate(),
    };
    worker.onmessage = ({ data }) => port.onreply(data);
    worker.onmessageerror = () => port.onfailure('an answer could not be read');
    worker.onerror = (event) => {
        event.preventDefault?.();
        port.onfailure(event.message || 'its file could not be loaded');
    };
    return port;
}

async function get(source: string | URL, signal: AbortSignal | undefined): Promise<Response> {
    let response: Response;
    try {
        response = await fetch(source, signal ? { signal } : {});
    } catch (error) {
        signal?.throwIfAborted();
        throw new PellucidError('bad_file', `${String(source)} cannot be fetched: ${String(error)}`, { cause: error });
    }
    if (!response.ok) throw new PellucidError('bad_file', `${String(source)} cannot be fetched: the server answers ${response.status}`);
    return response;
}

async function compile(variant: Variant, base: URL | undefined, signal: AbortSignal | undefined): Promise<WebAssembly.Module> {
    const response = await get(base ? new URL(`pellucid-${variant}.wasm`, base) : modules[variant](), signal);
    const isWasm = response.headers.get('content-type')?.startsWith('application/wasm');
    // Streaming lets engines keep the compiled code with the file, but asks for the right media type.
    return isWasm ? WebAssembly.compileStreaming(response) : WebAssembly.compile(await response.arrayBuffer());
}

export const browser: Platform = {
    cores: globalThis.navigator?.hardwareConcurrency ?? 2,
    spawn,
    compile,
    read: async (source, signal) => new Uint8Array(await (await get(source, signal)).arrayBuffer()),
};
