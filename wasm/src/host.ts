/** The worker's side: one core, its models and runs, and an answer to every question. */
import { instantiate, value, type Core, type CoreModel, type CoreRun, type CreateCore } from './core.js';
import { PellucidError, toErrorData, type ErrorData } from './errors.js';
import type { Answer, Ask, FrameAnswer, FrameAsk, Operation, PortionAnswer, Question, Slice } from './protocol.js';
import type { Explanation } from './types.js';

interface RunningRun {
    core: CoreRun;
    method: string;
    parts: number;
    done: number;
    milliseconds: number;
}

export class Host {
    readonly #create: CreateCore;
    #core: Core | null = null;
    readonly #models = new Map<number, CoreModel>();
    readonly #runs = new Map<number, RunningRun>();

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
        open: ({ model, bytes }) => {
            const opened = new (this.#there().CoreModel)();
            try {
                const info = value(opened.open(bytes));
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
        portion: ({ run, from, to, ...question }) => this.#portion(run, from, to, question),
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
            return { info, running: { core, method, parts: info.parts, done: 0, milliseconds: performance.now() - began } };
        } catch (error) {
            core.delete();
            throw error;
        }
    }

    #snapshot(run: RunningRun): Explanation {
        const progress = run.parts === 0 ? 1 : run.done / run.parts;
        return { method: run.method, ...value(run.core.snapshot()), milliseconds: run.milliseconds, progress };
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

    #portion(run: number, from: number, to: number, question: Question): PortionAnswer {
        const { info, running } = this.#start(question);
        // The same rounding everywhere, so that the shares meet.
        const [first, end] = [Math.round(info.parts * from), Math.round(info.parts * to)];
        if (from === 0) {
            this.#runs.set(run, running);
            this.#stepTo(running, end);
            return { first, parts: [], milliseconds: 0 };
        }
        try {
            const began = performance.now();
            const parts = Array.from({ length: end - first }, (_, index) => value(running.core.compute(first + index)));
            return { first, parts, milliseconds: performance.now() - began };
        } finally {
            running.core.delete();
        }
    }

    #frame({ model, what, first, requests, portions }: FrameAsk): FrameAnswer {
        const began = performance.now();
        const normalised = what instanceof Float32Array ? null : value(this.#there().normalise(what));
        const input = what instanceof Float32Array ? what : (normalised?.input.data ?? new Float32Array());
        // Traces the input as well, for every explanation that follows.
        const prediction = value(this.#model(model).predict(input));
        const setUp = performance.now() - began;
        return {
            portions: portions.map(({ request, run, from, to }) => orError(() => this.#portion(run, from, to, { ...request, model, input }))),
            explanations: requests.map((request) => orError(() => this.#explain({ ...request, model, input }))),
            // A copy: `normalised` goes out with its own.
            input: first ? input.slice() : null,
            normalised: first ? normalised : null,
            prediction: first ? prediction : null,
            setUp,
        };
    }
}

/** One request's failure is its own; only what the core cannot survive is everybody's. */
function orError<T>(work: () => T): T | ErrorData {
    try {
        return work();
    } catch (error) {
        const data = toErrorData(error);
        if (data.fatal) throw error;
        return data;
    }
}
