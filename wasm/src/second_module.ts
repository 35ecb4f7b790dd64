/** The core's second module: in all workers, once a method that it holds is asked for. */
import type { Variant } from './api.js';
import type { Platform } from './platform.js';
import type { Pool } from './pool.js';
import type { MethodCard } from './types.js';

export class SecondModule {
    readonly #platform: Platform;
    readonly #pool: Pool;
    readonly #variant: Variant;
    readonly #base: URL | undefined;
    readonly #methods: ReadonlySet<string>;
    #loading: Promise<void> | null = null;

    constructor(platform: Platform, pool: Pool, variant: Variant, base: URL | undefined, cards: readonly MethodCard[]) {
        this.#platform = platform;
        this.#pool = pool;
        this.#variant = variant;
        this.#base = base;
        this.#methods = new Set(cards.filter(({ module }) => module === 'studio').map(({ id }) => id));
    }

    /** Whether it alone holds the method. */
    holds(method: unknown): boolean {
        return typeof method === 'string' && this.#methods.has(method);
    }

    /** Loaded once; after a failure it is tried again. */
    load(): Promise<void> {
        this.#loading ??= this.#load().catch((error: unknown) => {
            this.#loading = null;
            throw error;
        });
        return this.#loading;
    }

    async #load(): Promise<void> {
        const { glue, compile } = this.#platform;
        const module = await compile(this.#variant, this.#base, undefined, 'studio');
        await this.#pool.all('studio', { module, glue: glue(this.#variant, this.#base) });
    }
}
