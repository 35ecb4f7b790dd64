import type { Attachment, Model, Training, TrainOptions } from './api.js';
import { untilAborted } from './abort.js';
import { Attachments } from './attachments.js';
import { answering, awaited, callback, stopIfAborted } from './boundary.js';
import { checkChanges, checkDrawing, checkInput, checkRequest, checkUnit, checkUnitName } from './check.js';
import type { ModelInfo } from './core.js';
import { PellucidError } from './errors.js';
import { liveFrame } from './live.js';
import type { Platform } from './platform.js';
import type { Pool } from './pool.js';
import { runProgressive } from './run.js';
import type { ModelFiles, Question } from './protocol.js';
import { Schedule } from './schedule.js';
import type { SecondModule } from './second_module.js';
import { checkImages, checkLabels, checkOptions, PooledTraining } from './training.js';
import type {
    Computed,
    Drawing,
    ExplainOptions,
    Explanation,
    ExplainRequest,
    LayerInfo,
    LayerValues,
    LiveFrame,
    MethodCard,
    Prediction,
    Received,
    ReceivedOptions,
    Role,
} from './types.js';
import { functionOf, nameOf, optionsOf, refuse, signalOf } from './values.js';

/** What models of one pool have in common. */
export interface Around {
    platform: Platform;
    pool: Pool;
    studio: SecondModule;
    methods: readonly MethodCard[];
}

/** Opens a model's files in every worker. */
export async function openModel(around: Around, files: ModelFiles, signal: AbortSignal | undefined): Promise<Model> {
    const { pool } = around;
    const model = pool.newId();
    try {
        const infos = await untilAborted(pool.all('open', { model, module: 'live', ...files }), signal);
        return new PooledModel(around, model, infos[0]!, files);
    } catch (error) {
        // Some worker may have opened it.
        pool.all('close', { model }).catch(() => {});
        throw error;
    }
}

class PooledModel implements Model {
    readonly input: ModelInfo['input'];
    readonly layers: readonly LayerInfo[];
    readonly classes: number;
    readonly head: ModelInfo['head'];
    readonly range: ModelInfo['range'];
    readonly metadata: Readonly<Record<string, string>>;
    readonly #around: Around;
    readonly #files: ModelFiles;
    readonly #pool: Pool;
    readonly #studio: SecondModule;
    readonly #attachments: Attachments;
    readonly #id: number;
    readonly #progressive: Set<string>;
    readonly #schedule: Schedule;
    #disposed = false;

    constructor(around: Around, id: number, info: ModelInfo, files: ModelFiles) {
        const { platform, pool, studio, methods } = around;
        this.#around = around;
        this.#files = files;
        this.input = info.input;
        this.layers = info.layers;
        this.classes = info.classes;
        this.head = info.head;
        this.range = info.range;
        this.metadata = info.metadata;
        this.#pool = pool;
        this.#studio = studio;
        this.#id = id;
        this.#attachments = new Attachments(platform, pool, studio, id, files);
        this.#progressive = new Set(methods.filter((card) => card.progressive).map((card) => card.id));
        this.#schedule = new Schedule(this.#progressive);
    }

    attach<R extends Role>(role: R, source: Attachment<R>, options?: { signal?: AbortSignal }): Promise<void> {
        return answering(async () => {
            const signal = signalOf('attach', optionsOf<{ signal: AbortSignal }>('attach', options, ['signal']).signal);
            this.#there();
            await this.#attachments.attach(role, source, signal, () => this.#there());
        });
    }

    detach(role: Role): Promise<void> {
        return answering(() => {
            this.#there();
            return this.#attachments.detach(role);
        });
    }

    without(changes: readonly string[]): Promise<Model> {
        return answering(() => {
            const more = checkChanges(changes);
            this.#there();
            return openModel(this.#around, { ...this.#files, without: [...this.#files.without, ...more] }, undefined);
        });
    }

    values(input: Float32Array): Promise<LayerValues[]> {
        return answering(() => this.#pool.call('values', { model: this.#there(), input: checkInput(input) }));
    }

    computed(input: Float32Array, unit: string): Promise<Computed> {
        return answering(() => {
            const asked = { model: this.#there(), input: checkInput(input), unit: checkUnitName(unit) };
            return this.#pool.call('computed', asked);
        });
    }

    predict(input: Float32Array): Promise<Prediction> {
        return answering(() => this.#pool.call('predict', { model: this.#there(), input: checkInput(input) }));
    }

    explain(method: string, input: Float32Array, options?: ExplainOptions): Promise<Explanation> {
        return answering(async () => {
            const names = ['target', 'params', 'layers', 'signal', 'onProgress', 'hold'] as const;
            const {
                signal: given,
                onProgress: told,
                hold: asked,
                ...rest
            } = optionsOf<ExplainOptions>('explain', options, names);
            const signal = signalOf('explain', given);
            const onProgress = callback(functionOf('explain', 'onProgress', told));
            const hold = awaited(functionOf('explain', 'hold', asked));
            const mine = { ...checkRequest({ ...rest, method }), model: this.#there(), input: checkInput(input) };
            stopIfAborted(signal);
            const question = this.#studio.holds(method) ? await this.#ready(mine, signal) : mine;
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
        return answering(async () => {
            const { strongest = 12, ...rest } = optionsOf<ReceivedOptions>('received', options, [
                'target',
                'params',
                'strongest',
            ]);
            const asked = {
                ...checkRequest({ ...rest, method, layers: true }),
                model: this.#there(),
                input: checkInput(input),
            };
            const checked = checkUnit(unit, strongest);
            return this.#pool.call('received', {
                ...(this.#studio.holds(method) ? await this.#ready(asked, undefined) : asked),
                ...checked,
            });
        });
    }

    train(
        images: Float32Array | Uint8Array,
        labels: Uint8Array | readonly number[],
        options?: TrainOptions,
    ): Promise<Training> {
        return answering(async () => {
            const { signal, ...checked } = checkOptions(options);
            const ask = { ...checked, images: checkImages(images), labels: checkLabels(labels), model: this.#there() };
            // Copies: the caller may change the arrays while the module is loaded.
            const question = { ...structuredClone(ask), run: this.#pool.newId() };
            stopIfAborted(signal);
            await untilAborted(this.#attachments.openStudio(), signal);
            this.#there();
            const channel = this.#pool.idlest();
            return new PooledTraining(channel, question.run, await channel.call('train', question));
        });
    }

    live(
        what: Drawing | Float32Array,
        requests: readonly ExplainRequest[],
        options?: { signal?: AbortSignal },
    ): Promise<LiveFrame> {
        return answering(async () => {
            const signal = signalOf('live', optionsOf<{ signal: AbortSignal }>('live', options, ['signal']).signal);
            const model = this.#there();
            stopIfAborted(signal);
            if (typeof what !== 'object' || what === null || Array.isArray(what)) {
                refuse(
                    `live: what is explained must be a drawing {width, height, strokes} or a Float32Array, ` +
                        `not ${nameOf(what)}`,
                );
            }
            const checked = ArrayBuffer.isView(what) ? checkInput(what) : checkDrawing(what);
            const wanted =
                Array.isArray(requests) &&
                requests.some((request) => this.#studio.holds((request as ExplainRequest | null)?.method));
            if (!wanted)
                return untilAborted(
                    liveFrame(this.#pool, this.#schedule, model, this.input, checked, requests),
                    signal,
                );
            const [shown, list] = structuredClone([checked, requests] as const);
            await untilAborted(this.#attachments.openStudio(), signal);
            return untilAborted(liveFrame(this.#pool, this.#schedule, model, this.input, shown, list), signal);
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

    /** Asked of the second module, which is loaded first: a copy, for the caller may change the arrays meanwhile. */
    async #ready(question: Question, signal: AbortSignal | undefined): Promise<Question> {
        const copy = structuredClone(question);
        await untilAborted(this.#attachments.openStudio(), signal);
        return copy;
    }

    #there(): number {
        if (this.#disposed) throw new PellucidError('disposed', 'the model was disposed of');
        return this.#id;
    }
}
