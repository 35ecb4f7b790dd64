import type { Model } from './api.js';
import { untilAborted } from './abort.js';
import { checkDrawing, checkInput, checkRequest, checkUnit } from './check.js';
import type { ModelInfo } from './core.js';
import { PellucidError } from './errors.js';
import { liveFrame } from './live.js';
import { bytesOf, type Platform, type Source } from './platform.js';
import type { Pool } from './pool.js';
import { runProgressive } from './run.js';
import { Schedule } from './schedule.js';
import type {
    Drawing, ExplainOptions, Explanation, ExplainRequest, LayerInfo, LiveFrame, MethodCard, Prediction, Received, ReceivedOptions,
} from './types.js';

export class PooledModel implements Model {
    readonly input: ModelInfo['input'];
    readonly layers: readonly LayerInfo[];
    readonly classes: number;
    readonly metadata: Readonly<Record<string, string>>;
    readonly #platform: Platform;
    readonly #pool: Pool;
    readonly #id: number;
    readonly #progressive: Set<string>;
    readonly #schedule: Schedule;
    #disposed = false;

    constructor(platform: Platform, pool: Pool, id: number, info: ModelInfo, methods: readonly MethodCard[]) {
        this.input = info.input;
        this.layers = info.layers;
        this.classes = info.classes;
        this.metadata = info.metadata;
        this.#platform = platform;
        this.#pool = pool;
        this.#id = id;
        this.#progressive = new Set(methods.filter((card) => card.progressive).map((card) => card.id));
        this.#schedule = new Schedule(this.#progressive);
    }

    async setPatterns(source: Source, { signal }: { signal?: AbortSignal } = {}): Promise<void> {
        const bytes = await bytesOf(source, this.#platform, signal);
        await untilAborted(this.#pool.all('patterns', { model: this.#there(), bytes }), signal);
    }

    async predict(input: Float32Array): Promise<Prediction> {
        return this.#pool.call('predict', { model: this.#there(), input: checkInput(input) });
    }

    async explain(method: string, input: Float32Array, options: ExplainOptions = {}): Promise<Explanation> {
        const { signal, onProgress, ...rest } = options;
        const question = { ...checkRequest({ ...rest, method }), model: this.#there(), input: checkInput(input) };
        signal?.throwIfAborted();
        if (!this.#progressive.has(method)) return untilAborted(this.#pool.call('explain', question), signal);
        const check = () => {
            signal?.throwIfAborted();
            this.#there();
        };
        // A copy: workers join later, and the caller may have changed the arrays by then.
        return runProgressive(this.#pool, this.#schedule, structuredClone(question), check, onProgress);
    }

    async received(method: string, input: Float32Array, unit: string, options: ReceivedOptions = {}): Promise<Received> {
        const { strongest = 12, ...rest } = options;
        const question = { ...checkRequest({ ...rest, method, layers: true }), model: this.#there(), input: checkInput(input) };
        return this.#pool.call('received', { ...question, ...checkUnit(unit, strongest) });
    }

    async live(
        what: Drawing | Float32Array, requests: readonly ExplainRequest[], options: { signal?: AbortSignal } = {},
    ): Promise<LiveFrame> {
        const model = this.#there();
        options.signal?.throwIfAborted();
        const checked = what instanceof Float32Array ? checkInput(what) : checkDrawing(what);
        return untilAborted(liveFrame(this.#pool, this.#schedule, model, this.input, checked, requests), options.signal);
    }

    dispose(): void {
        if (this.#disposed) return;
        this.#disposed = true;
        // Workers that are gone have closed it already.
        this.#pool.all('close', { model: this.#id }).catch(() => {});
    }

    [Symbol.dispose](): void {
        this.dispose();
    }

    #there(): number {
        if (this.#disposed) throw new PellucidError('disposed', 'the model was disposed of');
        return this.#id;
    }
}
