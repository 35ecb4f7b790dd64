/** The worker's side: one core, its models and runs, and an answer to every question. */
import { instantiate, value, type Core, type CoreModel, type CoreRun, type CreateCore } from './core.js';
import { PellucidError, toErrorData, type ErrorData } from './errors.js';
import { Mailbox } from './mailbox.js';
import type { Answer, Ask, FrameAnswer, FrameAsk, Operation, PortionAnswer, Question, Share, Slice } from './protocol.js';
import type { Explanation, Image } from './types.js';

interface RunningRun {
    core: CoreRun;
    parts: number;
    done: number;
    milliseconds: number;
}

export class Host {
    readonly #create: CreateCore;
    #core: Core | null = null;
    readonly #models = new Map<number, CoreModel>();
    readonly #runs = new Map<number, RunningRun>();
    readonly #mail = new Mailbox();

    constructor(create: CreateCore) {
        this.#create = create;
    }

    answer<K extends Operation>(operation: K, ask: Ask<K>): Answer<K> | Promise<Answer<K>> {
        return this.#handlers[operation](ask);
    }

    readonly #handlers: { [K in Operation]: (ask: Ask<K>) => Answer<K> | Promise<Answer<K>> } = {
        init: async ({ module }) => {
            const core = await instantiate(this.#create, module);
            this.#core = core;
            return {
                selfTest: core.selfTest(),
                version: core.version(),
                methods: core.methods(),
                penDigitCount: core.penDigitCount(),
            };
        },
        meet: ({ worker, port }) => {
            this.#mail.meet(worker, port);
            return null;
        },
        open: ({ model, bytes, data, range }) => {
            const opened = new (this.#there().CoreModel)();
            try {
                const own = value(data ? opened.openWithData(bytes, data) : opened.open(bytes));
                const info = range ? value(opened.declareRange(range)) : own;
                this.#models.set(model, opened);
                return info;
            } catch (error) {
                opened.delete();
                throw error;
            }
        },
        patterns: ({ model, bytes }) => {
            value(this.#model(model).setPatterns(bytes));
            return null;
        },
        close: ({ model }) => {
            this.#models.get(model)?.delete();
            this.#models.delete(model);
            return null;
        },
        normalise: ({ drawing }) => value(this.#there().normalise(drawing)),
        penDigit: ({ index }) => value(this.#there().penDigit(index)),
        predict: ({ model, input }) => value(this.#model(model).predict(input)),
        explain: (question) => this.#explain(question).explanation,
        received: ({ unit, strongest, ...question }) => {
            const { info, running } = this.#start(question);
            try {
                this.#stepTo(running, info.parts);
                return value(running.core.received(unit, strongest));
            } finally {
                running.core.delete();
            }
        },
        frame: (ask) => this.#frame(ask),
        portion: (ask) => this.#portion(ask, ask),
        start: (question) => {
            const run = this.#start(question);
            this.#runs.set(question.run, run.running);
            return run.info;
        },
        advance: ({ run, budget, snapshot }) => {
            const running = this.#run(run);
            const began = performance.now();
            do {
                if (!value(running.core.step())) break;
                ++running.done;
            } while (running.done < running.parts && performance.now() - began < budget);
            running.milliseconds += performance.now() - began;
            return this.#slice(running, snapshot);
        },
        compute: ({ run, first, count }) => {
            const { core } = this.#run(run);
            const began = performance.now();
            const parts = Array.from({ length: count }, (_, index) => value(core.compute(first + index)));
            return { parts, milliseconds: performance.now() - began };
        },
        absorb: ({ run, first, parts, milliseconds, snapshot }) => {
            const running = this.#run(run);
            parts.forEach((tensors, index) => value(running.core.absorb(first + index, tensors)));
            running.done += parts.length;
            running.milliseconds += milliseconds;
            return this.#slice(running, snapshot);
        },
        end: ({ run }) => {
            this.#runs.get(run)?.core.delete();
            this.#runs.delete(run);
            return null;
        },
    };

    #there(): Core {
        if (!this.#core) throw new PellucidError('internal', 'the worker has no core yet');
        return this.#core;
    }

    #model(id: number): CoreModel {
        const model = this.#models.get(id);
        if (!model) throw new PellucidError('disposed', 'the model was disposed of');
        return model;
    }

    #run(id: number): RunningRun {
        const run = this.#runs.get(id);
        if (!run) throw new PellucidError('internal', `there is no run ${id} in this worker`);
        return run;
    }

    #start(question: Question) {
        const core = new (this.#there().CoreRun)();
        try {
            const began = performance.now();
            const { model, method, input, target, params, layers } = question;
            if (layers) core.keepLayers();
            const info = value(core.start(this.#model(model), method, input, target, params));
            return { info, running: { core, parts: info.parts, done: 0, milliseconds: performance.now() - began } };
        } catch (error) {
            core.delete();
            throw error;
        }
    }

    #snapshot(run: RunningRun): Explanation {
        const progress = run.parts === 0 ? 1 : run.done / run.parts;
        const known = value(run.core.snapshot());
        // The first output is what the method is asked for.
        const map = Object.values(known.outputs)[0] as Image;
        return { ...known, map, milliseconds: run.milliseconds, progress };
    }

    #slice(run: RunningRun, snapshot: boolean): Slice {
        const finished = run.done >= run.parts;
        const explanation = finished || snapshot ? this.#snapshot(run) : null;
        return { done: run.done, finished, milliseconds: run.milliseconds, explanation };
    }

    #explain(question: Question): { explanation: Explanation; parts: number } {
        const { info, running } = this.#start(question);
        try {
            this.#stepTo(running, info.parts);
            return { explanation: this.#snapshot(running), parts: info.independent ? info.parts : 0 };
        } finally {
            running.core.delete();
        }
    }

    #stepTo(running: RunningRun, part: number): void {
        const began = performance.now();
        for (; running.done < part; ++running.done) value(running.core.step());
        running.milliseconds += performance.now() - began;
    }

    /** A share of a run. Up to its first wait, that is, all of this worker's own computing, it runs at once. */
    async #portion(share: Share, question: Question): Promise<PortionAnswer> {
        if (share.from === 0) return this.#keep(share, question);
        try {
            const { info, running } = this.#start(question);
            try {
                const [first, end] = boundsOf(share, info.parts);
                const began = performance.now();
                const parts = Array.from({ length: end - first }, (_, index) => value(running.core.compute(first + index)));
                this.#mail.send(share.keeper, { run: share.run, first, parts, milliseconds: performance.now() - began });
            } finally {
                running.core.delete();
            }
        } catch (error) {
            const data = toErrorData(error);
            if (data.fatal) throw error;
            this.#mail.send(share.keeper, { run: share.run, error: data });
        }
        return null;
    }

    /** The first share, then what the others write, in the parts' order: the same numbers as one worker's, bit by bit. */
    async #keep(share: Share, question: Question): Promise<Explanation> {
        const letters = this.#mail.expect(share.run, share.others);
        try {
            const { info, running } = this.#start(question);
            try {
                this.#stepTo(running, boundsOf(share, info.parts)[1]);
                while (running.done < running.parts) {
                    const { first, parts, milliseconds } = await letters.from(running.done);
                    parts.forEach((tensors, index) => value(running.core.absorb(first + index, tensors)));
                    running.done += parts.length;
                    running.milliseconds += milliseconds;
                }
                return this.#snapshot(running);
            } finally {
                running.core.delete();
            }
        } finally {
            letters.close();
        }
    }

    #setUp(model: number, what: FrameAsk['what'], portions: readonly Share[]) {
        try {
            const normalised = what instanceof Float32Array ? null : value(this.#there().normalise(what));
            const input = normalised ? value(this.#model(model).ink(normalised.input.data)) : (what as Float32Array);
            // Traces the input as well, for every explanation that follows.
            return { input, normalised, prediction: value(this.#model(model).predict(input)) };
        } catch (error) {
            // Nobody may wait for what will not be computed, nor keep what will not be read.
            for (const { run, from, keeper, others } of portions) {
                if (from === 0) this.#mail.expect(run, others).close();
                else this.#mail.send(keeper, { run, error: toErrorData(error) });
            }
            throw error;
        }
    }

    async #frame({ model, what, first, requests, portions }: FrameAsk): Promise<FrameAnswer> {
        const began = performance.now();
        const { input, normalised, prediction } = this.#setUp(model, what, portions);
        const setUp = performance.now() - began;
        // What others wait for comes first; what they compute is awaited last.
        const shared = portions.map(({ request, ...share }) =>
            this.#portion(share, { ...request, model, input }).catch((error: unknown) => orThrow(error)));
        const explanations = requests.map((request) => orError(() => this.#explain({ ...request, model, input })));
        return {
            portions: await Promise.all(shared),
            explanations,
            // A copy: `normalised` goes out with its own.
            input: first ? input.slice() : null,
            normalised: first ? normalised : null,
            prediction: first ? prediction : null,
            setUp,
        };
    }
}

/** A share's first part and the one after its last. The same rounding everywhere, so that the shares meet. */
const boundsOf = ({ from, to }: Share, parts: number): [number, number] => [Math.round(parts * from), Math.round(parts * to)];

/** One request's failure is its own; only what the core cannot survive is everybody's. */
function orThrow(error: unknown): ErrorData {
    const data = toErrorData(error);
    if (data.fatal) throw error;
    return data;
}
function orError<T>(work: () => T): T | ErrorData {
    try {
        return work();
    } catch (error) {
        return orThrow(error);
    }
}
