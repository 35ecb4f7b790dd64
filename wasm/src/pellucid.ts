import type { LoadModelOptions, Model, Pellucid, Variant } from './api.js';
import { answering } from './boundary.js';
import { allCards } from './cards.js';
import { checkDrawing, checkRange } from './check.js';
import { PellucidError } from './errors.js';
import { openModel } from './model.js';
import type { Platform } from './platform.js';
import type { Pool } from './pool.js';
import type { CoreInfo } from './protocol.js';
import { bytesOf, dataOf, type Source } from './source.js';
import type { Drawing, MethodCard, NormalisedDrawing } from './types.js';
import { nameOf, optionsOf, refuse, signalOf } from './values.js';
import { SecondModule } from './second_module.js';

export class PooledPellucid implements Pellucid {
    readonly variant: Variant;
    readonly version: string;
    readonly methods: readonly MethodCard[];
    readonly penDigitCount: number;
    readonly #platform: Platform;
    readonly #pool: Pool;
    readonly #studio: SecondModule;

    constructor(platform: Platform, pool: Pool, variant: Variant, base: URL | undefined, info: CoreInfo) {
        this.#platform = platform;
        this.#pool = pool;
        this.variant = variant;
        this.version = info.version;
        this.methods = allCards(info.methods);
        this.#studio = new SecondModule(platform, pool, variant, base, this.methods);
        this.penDigitCount = info.penDigitCount;
    }

    get workers(): number {
        return this.#pool.channels.length;
    }

    loadModel(source: Source, options?: LoadModelOptions): Promise<Model> {
        return answering(async () => {
            const given = optionsOf<LoadModelOptions>('loadModel', options, ['data', 'signal', 'range']);
            const signal = signalOf('loadModel', given.signal);
            const range = checkRange(given.range);
            const [bytes, data] = await Promise.all([
                bytesOf(source, 'the model', this.#platform, signal),
                dataOf(given.data, this.#platform, signal),
            ]);
            const around = {
                platform: this.#platform,
                pool: this.#pool,
                studio: this.#studio,
                methods: this.methods,
            };
            return openModel(around, { bytes, data, range, without: [] }, signal);
        });
    }

    normalise(drawing: Drawing): Promise<NormalisedDrawing> {
        return answering(() => this.#pool.call('normalise', { drawing: checkDrawing(drawing) }));
    }

    penDigit(index: number): Promise<{ label: number; drawing: Drawing }> {
        return answering(() => {
            if (!Number.isInteger(index) || index < 0 || index >= this.penDigitCount) {
                const last = this.penDigitCount - 1;
                refuse(`the pen digits have the numbers 0 to ${last}; there is none for ${nameOf(index)}`);
            }
            return this.#pool.call('penDigit', { index });
        });
    }

    dispose(): void {
        this.#pool.close(new PellucidError('disposed', 'pellucid was disposed of'));
    }

    [Symbol.dispose](): void {
        this.dispose();
    }
}
