/** load(): the fastest core that works here, in a pool of workers. */
import { relaxedSimd, simd } from 'wasm-feature-detect';
import type { LoadOptions, Pellucid, Variant } from './api.js';
import { PellucidError } from './errors.js';
import { PooledPellucid } from './pellucid.js';
import type { Platform } from './platform.js';
import { Pool } from './pool.js';

/** What to try, the fastest first. A variant that is asked for by name is the only one. */
async function candidates(wanted: 'auto' | Variant): Promise<Variant[]> {
    if (wanted !== 'auto') return [wanted];
    const [hasRelaxed, hasSimd] = await Promise.all([relaxedSimd(), simd()]);
    return [...(hasRelaxed ? ['relaxed' as const] : []), ...(hasSimd ? ['simd128' as const] : []), 'scalar'];
}

async function tryVariant(platform: Platform, variant: Variant, options: LoadOptions): Promise<Pellucid> {
    const { signal, onProgress } = options;
    const base = options.baseUrl === undefined ? undefined : new URL(options.baseUrl, globalThis.location?.href);
    const count = Math.max(1, Math.floor(options.workers ?? Math.min(platform.cores, 4)));
    onProgress?.('core', 0, 1);
    const module = await platform.compile(variant, base, signal);
    onProgress?.('core', 1, 1);
    const pool = new Pool(platform, variant, count, base);
    const stop = () => pool.close(new PellucidError('cancelled', 'loading was stopped'));
    signal?.addEventListener('abort', stop);
    try {
        signal?.throwIfAborted();
        const info = await pool.init(module, (ready) => onProgress?.('workers', ready, count));
        return new PooledPellucid(platform, pool, variant, info);
    } catch (error) {
        stop();
        throw error;
    } finally {
        signal?.removeEventListener('abort', stop);
    }
}

export const createLoad = (platform: Platform) => async (options: LoadOptions = {}): Promise<Pellucid> => {
    const failures: unknown[] = [];
    for (const variant of await candidates(options.variant ?? 'auto')) {
        options.signal?.throwIfAborted();
        try {
            return await tryVariant(platform, variant, options);
        } catch (error) {
            options.signal?.throwIfAborted();
            failures.push(error);
        }
    }
    const reasons = failures.map((error) => (error instanceof Error ? error.message : String(error)));
    throw new PellucidError('load_failed', `pellucid cannot start here: ${reasons.join('; ')}`, { cause: failures[0] });
};
