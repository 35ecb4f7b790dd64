import type { Variant } from './api.js';
import { listenToPolicy, startWorker, whyNotCompiled, whyNotFetched, whyNotLoaded } from './blocked.js';
import { stopIfAborted } from './boundary.js';
import { CannotStart, PellucidError } from './errors.js';
import { moduleFile, type Platform, type Port } from './platform.js';
import type { ModuleName } from './protocol.js';
import { fromResponse } from './source.js';
import { short } from './values.js';

const address = (source: string | URL): string => short(String(source), 300);

type Start = new (url: URL, options: WorkerOptions) => Worker;

// Written out, because bundlers recognise exactly these forms and take the files along. The parameter stands in for the
// browser's own Worker, and says why where there is none.
const workers: Record<Variant, (Worker: Start) => Worker> = {
    relaxed: (Worker) => new Worker(new URL('./worker-relaxed.js', import.meta.url), { type: 'module' }),
    simd128: (Worker) => new Worker(new URL('./worker-simd128.js', import.meta.url), { type: 'module' }),
    scalar: (Worker) => new Worker(new URL('./worker-scalar.js', import.meta.url), { type: 'module' }),
};
const modules: Record<Variant, () => URL> = {
    relaxed: () => new URL('./pellucid-relaxed.wasm', import.meta.url),
    simd128: () => new URL('./pellucid-simd128.wasm', import.meta.url),
    scalar: () => new URL('./pellucid-scalar.wasm', import.meta.url),
};

const studios: Record<Variant, () => URL> = {
    relaxed: () => new URL('./pellucid-relaxed-studio.wasm', import.meta.url),
    simd128: () => new URL('./pellucid-simd128-studio.wasm', import.meta.url),
    scalar: () => new URL('./pellucid-scalar-studio.wasm', import.meta.url),
};
const glues: Record<Variant, () => URL> = {
    relaxed: () => new URL('./studio-relaxed.js', import.meta.url),
    simd128: () => new URL('./studio-simd128.js', import.meta.url),
    scalar: () => new URL('./studio-scalar.js', import.meta.url),
};
/** Whole: what a bundler puts there may begin with the page's folder. */
const glue = (variant: Variant, base: URL | undefined): string =>
    new URL(base ? new URL(`studio-${variant}.js`, base) : glues[variant](), globalThis.location?.href).href;

function spawn(variant: Variant, base: URL | undefined): Port {
    listenToPolicy();
    let file: URL | undefined;
    const start = function start(url: URL, options: WorkerOptions): Worker {
        // Bundlers may put a text in place of the URL.
        file = new URL(url, globalThis.location?.href);
        return startWorker(file, options);
    } as unknown as Start;
    const worker = base
        ? new start(new URL(`worker-${variant}.js`, base), { type: 'module' })
        : workers[variant](start);
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
        // An event without words is that of a file that was not loaded.
        if (event.message || !file) port.onfailure(event.message || 'its file could not be loaded');
        else void whyNotLoaded(file).then((error) => port.onfailure(error));
    };
    return port;
}

async function get(source: string | URL, signal: AbortSignal | undefined): Promise<Response> {
    listenToPolicy();
    let why: string | null;
    try {
        return await fetch(source, signal ? { signal } : {});
    } catch (error) {
        stopIfAborted(signal);
        let url: URL | null = null;
        try {
            url = new URL(source, globalThis.document?.baseURI ?? globalThis.location?.href);
        } catch {
            // fetch has said so already
        }
        why = url && (await whyNotFetched(url));
        throw new PellucidError(
            'bad_file',
            `${address(source)} cannot be fetched: ${why ?? (error instanceof Error ? error.message : String(error))}`,
            { cause: error },
        );
    }
}

async function compile(
    variant: Variant,
    base: URL | undefined,
    signal: AbortSignal | undefined,
    module: ModuleName = 'live',
): Promise<WebAssembly.Module> {
    const url = base ? new URL(moduleFile(variant, module), base) : (module === 'live' ? modules : studios)[variant]();
    let response: Response;
    try {
        response = await get(url, signal);
    } catch (error) {
        if (!(error instanceof PellucidError)) throw error;
        throw new CannotStart(error.message, (await whyNotFetched(url)) !== null, { cause: error });
    }
    if (!response.ok) {
        throw new CannotStart(
            `${url.href} is missing (the server answers ${response.status}): put all files of the package's ` +
                'dist folder there, under their own names',
            false,
        );
    }
    const isWasm = response.headers.get('content-type')?.startsWith('application/wasm');
    try {
        // Streaming lets engines keep the compiled code with the file, but asks for the right media type.
        return await (isWasm
            ? WebAssembly.compileStreaming(response)
            : WebAssembly.compile(await response.arrayBuffer()));
    } catch (error) {
        stopIfAborted(signal);
        const why = await whyNotCompiled(error);
        if (why) throw new CannotStart(why, true, { cause: error });
        throw error;
    }
}

export const browser: Platform = {
    cores: globalThis.navigator?.hardwareConcurrency ?? 2,
    spawn,
    compile,
    glue,
    read: async (source, signal) => fromResponse(await get(source, signal), address(source), signal),
};
