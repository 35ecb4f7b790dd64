import type { Model } from './api.js';
import { untilAborted } from './abort.js';
import { answering, awaited, callback, stopIfAborted } from './boundary.js';
import { checkDrawing, checkInput, checkRequest, checkUnit } from './check.js';
import type { ModelInfo } from './core.js';
import { PellucidError } from './errors.js';
import { liveFrame } from './live.js';
import type { Platform } from './platform.js';
import type { Pool } from './pool.js';
import { runProgressive } from './run.js';
import { Schedule } from './schedule.js';
import { bytesOf, type Source } from './source.js';
import type {
    Drawing, ExplainOptions, Explanation, ExplainRequest, LayerInfo, LiveFrame, MethodCard, Prediction, Received, ReceivedOptions,
} from './types.js';
import { functionOf, nameOf, optionsOf, refuse, signalOf } from './values.js';

export class PooledModel implements Model {
    readonly input: ModelInfo['input'];
    readonly layers: readonly LayerInfo[];
    readonly classes: number;
    readonly head: ModelInfo['head'];
    readonly range: ModelInfo['range'];
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
        this.head = info.head;
        this.range = info.range;
        this.metadata = info.metadata;
        this.#platform = platform;
        this.#pool = pool;
        this.#id = id;
        this.#progressive = new Set(methods.filter((card) => card.progressive).map((card) => card.id));
        this.#schedule = new Schedule(this.#progressive);
    }

    setPatterns(source: Source, options?: { signal?: AbortSignal }): Promise<void> {
        return answering(async () => {
            const signal = signalOf('setPatterns', optionsOf<{ signal: AbortSignal }>('setPatterns', options, ['signal']).signal);
            const bytes = await bytesOf(source, 'the patterns', this.#platform, signal);
            await untilAborted(this.#pool.all('patterns', { model: this.#there(), bytes }), signal);
        });
    }

    predict(input: Float32Array): Promise<Prediction> {
        return answering(() => this.#pool.call('predict', { model: this.#there(), input: checkInput(input) }));
    }

    explain(method: string, input: Float32Array, options?: ExplainOptions): Promise<Explanation> {
        return answering(() => {
            const names = ['target', 'params', 'layers', 'signal', 'onProgress', 'hold'] as const;
            const { signal: given, onProgress: told, hold: asked, ...rest } = optionsOf<ExplainOptions>('explain', options, names);
            const signal = signalOf('explain', given);
            const onProgress = callback(functionOf('explain', 'onProgress', told));
            const hold = awaited(functionOf('explain', 'hold', asked));
            const question = { ...checkRequest({ ...rest, method }), model: this.#there(), input: checkInput(input) };
            stopIfAborted(signal);
            if (!this.#progressive.has(method)) return untilAborted(this.#pool.call('explain', question), signal);
            const check = async () => {
                stopIfAborted(signal);
                if (hold) await untilAborted(hold(), signal);
                this.#there();
            };
            // A copy: workers join later, and the caller may have changed the arrays by then.
            return runProgressive(this.#pool, this.#schedule, structuredClone(question), check, onProgress);
        });
    }

    received(method: string, input: Float32Array, unit: string, options?: ReceivedOptions): Promise<Received> {
        return answering(() => {
            const { strongest = 12, ...rest } = optionsOf<ReceivedOptions>('received', options, ['target', 'params', 'strongest']);
            const question = { ...checkRequest({ ...rest, method, layers: true }), model: this.#there(), input: checkInput(input) };
            return this.#pool.call('received', { ...question, ...checkUnit(unit, strongest) });
        });
    }

    live(
        what: Drawing | Float32Array, requests: readonly ExplainRequest[], options?: { signal?: AbortSignal },
    ): Promise<LiveFrame> {
        return answering(() => {
            const signal = signalOf('live', optionsOf<{ signal: AbortSignal }>('live', options, ['signal']).signal);
            const model = this.#there();
            stopIfAborted(signal);
            if (typeof what !== 'object' || what === null || Array.isArray(what)) {
                refuse(`live: what is explained must be a drawing {width, height, strokes} or a Float32Array, not ${nameOf(what)}`);
            }
            const checked = ArrayBuffer.isView(what) ? checkInput(what) : checkDrawing(what);
            return untilAborted(liveFrame(this.#pool, this.#schedule, model, this.input, checked, requests), signal);
        });
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
