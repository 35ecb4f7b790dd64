/** load(): the fastest core that works here, in a pool of workers. */
import { relaxedSimd, simd } from 'wasm-feature-detect';
import type { LoadOptions, Pellucid, Variant } from './api.js';
import { answering, callback, stopIfAborted } from './boundary.js';
import { CannotStart, PellucidError } from './errors.js';
import { PooledPellucid } from './pellucid.js';
import type { Platform } from './platform.js';
import { Pool } from './pool.js';
import { functionOf, nameOf, optionsOf, refuse, signalOf, tagOf } from './values.js';

const variants = ['relaxed', 'simd128', 'scalar'] as const;
/** Each has a core of its own: more than this would only take memory. */
const mostWorkers = 64;

interface Checked {
    variant: 'auto' | Variant;
    workers: number | undefined;
    base: URL | undefined;
    signal: AbortSignal | undefined;
    onProgress: LoadOptions['onProgress'];
}

function folderOf(baseUrl: unknown): URL | undefined {
    if (baseUrl === undefined) return undefined;
    const wrong = () =>
        refuse(`load: baseUrl must be the address of a folder, such as './pellucid/', not ${nameOf(baseUrl)}`);
    if (typeof baseUrl !== 'string' && tagOf(baseUrl) !== 'URL') return wrong();
    try {
        return new URL(String(baseUrl), globalThis.document?.baseURI ?? globalThis.location?.href);
    } catch {
        return wrong();
    }
}

function checkOptions(given: unknown): Checked {
    const options = optionsOf<LoadOptions>('load', given, ['variant', 'workers', 'baseUrl', 'signal', 'onProgress']);
    const { variant = 'auto', workers } = options;
    if (variant !== 'auto' && !variants.includes(variant)) {
        refuse(`load: variant must be auto, ${variants.join(', ')}; not ${nameOf(variant)}`);
    }
    if (workers !== undefined && !(Number.isInteger(workers) && workers >= 1 && workers <= mostWorkers)) {
        refuse(`load: workers must be a whole number from 1 to ${mostWorkers}, not ${nameOf(workers)}`);
    }
    return {
        variant,
        workers,
        base: folderOf(options.baseUrl),
        signal: signalOf('load', options.signal),
        onProgress: callback(functionOf('load', 'onProgress', options.onProgress)),
    };
}

/** What to try, the fastest first. A variant that is asked for by name is the only one. */
async function candidates(wanted: 'auto' | Variant): Promise<Variant[]> {
    if (wanted !== 'auto') return [wanted];
    const [hasRelaxed, hasSimd] = await Promise.all([relaxedSimd(), simd()]);
    return [...(hasRelaxed ? ['relaxed' as const] : []), ...(hasSimd ? ['simd128' as const] : []), 'scalar'];
}

async function tryVariant(platform: Platform, variant: Variant, options: Checked): Promise<Pellucid> {
    const { signal, onProgress, base } = options;
    const count = options.workers ?? Math.max(1, Math.min(platform.cores, 4));
    onProgress?.('core', 0, 1);
    const module = await platform.compile(variant, base, signal);
    onProgress?.('core', 1, 1);
    stopIfAborted(signal);
    const pool = new Pool(platform, variant, count, base);
    const stop = () => pool.close(new PellucidError('cancelled', 'loading was stopped'));
    signal?.addEventListener('abort', stop);
    try {
        const info = await pool.init(module, (ready) => onProgress?.('workers', ready, count));
        return new PooledPellucid(platform, pool, variant, base, info);
    } catch (error) {
        stop();
        throw error;
    } finally {
        signal?.removeEventListener('abort', stop);
    }
}

/** One sentence: a kind of failure that every build meets is told once. */
function cannotStart(failures: readonly unknown[]): PellucidError {
    const lasting = failures.find((error) => error instanceof CannotStart && error.everywhere);
    const missing = failures.find((error) => error instanceof CannotStart);
    const others = failures.filter((error) => !(error instanceof CannotStart));
    const told = lasting ? [lasting] : [...(missing ? [missing] : []), ...others];
    const reasons = new Set(told.map((error) => (error instanceof Error ? error.message : String(error))));
    return new PellucidError('load_failed', `pellucid cannot start here: ${[...reasons].join('; ')}`, {
        cause: told[0],
    });
}

export const createLoad =
    (platform: Platform) =>
    (given?: LoadOptions): Promise<Pellucid> =>
        answering(async () => {
            const options = checkOptions(given);
            const failures: unknown[] = [];
            stopIfAborted(options.signal);
            if (typeof WebAssembly !== 'object') {
                const why = 'this browser runs no WebAssembly (is it locked down?)';
                throw new PellucidError('load_failed', `pellucid cannot start here: ${why}`);
            }
            for (const variant of await candidates(options.variant)) {
                try {
                    return await tryVariant(platform, variant, options);
                } catch (error) {
                    stopIfAborted(options.signal);
                    if (!(error instanceof Error)) throw error; // thrown by the caller's own onProgress
                    failures.push(error);
                    if (error instanceof CannotStart && error.everywhere) break;
                }
            }
            throw cannotStart(failures);
        });
