/** The worker's side: one core, its models and runs, and an answer to every question. */
import { instantiate, value, type Core, type CoreModel, type CoreRun, type CreateCore } from './core.js';
import { PellucidError, toErrorData, type ErrorData } from './errors.js';
import { Mailbox } from './mailbox.js';
import type {
    Answer,
    Ask,
    FrameAnswer,
    FrameAsk,
    ModuleName,
    Operation,
    PortionAnswer,
    Question,
    RunInfo,
    Share,
    Slice,
} from './protocol.js';
import { Trainings } from './trainings.js';
import type { Explanation, Image, Item, State } from './types.js';

interface RunningRun {
    core: CoreRun;
    milliseconds: number;
}

/** An instance of one of the two modules, and the models that it has open. */
interface Instance {
    core: Core;
    methods: ReadonlySet<string>;
    models: Map<number, CoreModel>;
}

const instanceOf = (core: Core): Instance => ({ core, methods: new Set(core.methods()), models: new Map() });

export class Host {
    readonly #create: CreateCore;
    readonly #instances: Partial<Record<ModuleName, Instance>> = {};
    readonly #runs = new Map<number, RunningRun>();
    readonly #trainings = new Trainings();
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
            this.#instances.live = instanceOf(core);
            return {
                selfTest: core.selfTest(),
                version: core.version(),
                methods: core.methods(),
                penDigitCount: core.penDigitCount(),
            };
        },
        studio: async ({ module, glue }) => {
            const { default: create } = (await import(/* @vite-ignore */ glue)) as { default: CreateCore };
            this.#instances.studio = instanceOf(await instantiate(create, module));
            return null;
        },
        meet: ({ worker, port }) => {
            this.#mail.meet(worker, port);
            return null;
        },
        open: ({ model, module, bytes, data, range, without }) => {
            const { core, models } = this.#instance(module);
            const opened = new core.CoreModel();
            try {
                const own = value(data ? opened.openWithData(bytes, data) : opened.open(bytes));
                const ranged = range ? value(opened.declareRange(range)) : own;
                const info = without.length > 0 ? value(opened.without(without)) : ranged;
                models.set(model, opened);
                return info;
            } catch (error) {
                opened.delete();
                throw error;
            }
        },
        attach: ({ model, module, role, what }) => {
            value(modelIn(this.#instance(module), model).attach(role, what));
            return null;
        },
        detach: ({ model, role }) => {
            for (const { models } of Object.values(this.#instances)) {
                const open = models.get(model);
                if (open) value(open.detach(role));
            }
            return null;
        },
        close: ({ model }) => {
            for (const { models } of Object.values(this.#instances)) {
                models.get(model)?.delete();
                models.delete(model);
            }
            return null;
        },
        normalise: ({ drawing }) => value(this.#instance('live').core.normalise(drawing)),
        penDigit: ({ index }) => value(this.#instance('live').core.penDigit(index)),
        values: ({ model, input }) => value(modelIn(this.#instance('live'), model).values(input)),
        computed: ({ model, input, unit }) => value(modelIn(this.#instance('live'), model).computed(input, unit)),
        predict: ({ model, input }) => value(modelIn(this.#instance('live'), model).predict(input)),
        explain: (question) => this.#explain(question).explanation,
        received: ({ unit, strongest, ...question }) => {
            const { running } = this.#start(question);
            try {
                this.#finish(running);
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
            while (value(running.core.step())) {
                if (running.core.finished() || performance.now() - began >= budget) break;
            }
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
            parts.forEach((tensors, index) => {
                value(running.core.absorb(first + index, tensors));
            });
            running.milliseconds += milliseconds;
            return this.#slice(running, snapshot);
        },
        end: ({ run }) => {
            this.#runs.get(run)?.core.delete();
            this.#runs.delete(run);
            return null;
        },
        train: (ask) => {
            const studio = this.#instance('studio');
            return this.#trainings.start(studio.core, modelIn(studio, ask.model), ask);
        },
        trainOn: ({ run, budget }) => this.#trainings.advance(run, budget),
        trained: ({ run }) => this.#trainings.network(run),
        saveTraining: ({ run }) => this.#trainings.save(run),
        endTraining: ({ run }) => {
            this.#trainings.end(run);
            return null;
        },
    };

    #instance(module: ModuleName): Instance {
        const instance = this.#instances[module];
        if (!instance) throw new PellucidError('internal', `the worker has no module '${module}' yet`);
        return instance;
    }

    /** The one that holds the method; a name that neither has is refused by the first. */
    #holding(method: string): Instance {
        const live = this.#instance('live');
        const { studio } = this.#instances;
        return !live.methods.has(method) && studio?.methods.has(method) ? studio : live;
    }

    #run(id: number): RunningRun {
        const run = this.#runs.get(id);
        if (!run) throw new PellucidError('internal', `there is no run ${id} in this worker`);
        return run;
    }

    #start(question: Question): { info: RunInfo; running: RunningRun } {
        const { model, method, input, target, params, layers } = question;
        const instance = this.#holding(method);
        const core = new instance.core.CoreRun();
        try {
            const began = performance.now();
            if (layers) core.keepLayers();
            value(core.start(modelIn(instance, model), method, input, target, params));
            const info = { most: core.most(), independent: core.independent() };
            return { info, running: { core, milliseconds: performance.now() - began } };
        } catch (error) {
            core.delete();
            throw error;
        }
    }

    #snapshot(run: RunningRun): Explanation {
        const state = stateOf(run.core);
        const progress = state.finished ? 1 : state.done / Math.max(state.most, state.done + 1);
        const known = value(run.core.snapshot());
        // The first output is what the method is asked for.
        const first = Object.values(known.outputs)[0];
        const map = isImage(first) ? first : noImage();
        return { ...known, map, milliseconds: run.milliseconds, state, progress };
    }

    #slice(run: RunningRun, snapshot: boolean): Slice {
        const state = stateOf(run.core);
        const explanation = state.finished || snapshot ? this.#snapshot(run) : null;
        return { ...state, milliseconds: run.milliseconds, explanation };
    }

    #explain(question: Question): { explanation: Explanation; parts: number } {
        const { info, running } = this.#start(question);
        try {
            this.#finish(running);
            return { explanation: this.#snapshot(running), parts: info.independent ? info.most : 0 };
        } finally {
            running.core.delete();
        }
    }

    #finish(running: RunningRun): void {
        this.#stepTo(running, Infinity);
    }

    #stepTo(running: RunningRun, part: number): void {
        const began = performance.now();
        while (running.core.done() < part && value(running.core.step()));
        running.milliseconds += performance.now() - began;
    }

    /** A share of a run. Up to its first wait, that is, all of this worker's own computing, it runs at once. */
    async #portion(share: Share, question: Question): Promise<PortionAnswer> {
        if (share.from === 0) return this.#keep(share, question);
        try {
            const { info, running } = this.#start(question);
            try {
                const [first, end] = boundsOf(share, info.most);
                const began = performance.now();
                const parts = Array.from({ length: end - first }, (_, index) =>
                    value(running.core.compute(first + index)),
                );
                this.#mail.send(share.keeper, {
                    run: share.run,
                    first,
                    parts,
                    milliseconds: performance.now() - began,
                });
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

    /**
     * The first share, then what the others write, in the parts' order: the same numbers as one worker's, bit by bit.
     */
    async #keep(share: Share, question: Question): Promise<Explanation> {
        const letters = this.#mail.expect(share.run, share.others);
        try {
            const { info, running } = this.#start(question);
            try {
                this.#stepTo(running, boundsOf(share, info.most)[1]);
                while (!running.core.finished()) {
                    const { first, parts, milliseconds } = await letters.from(running.core.done());
                    parts.forEach((tensors, index) => {
                        value(running.core.absorb(first + index, tensors));
                    });
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
            const live = this.#instance('live');
            const normalised = what instanceof Float32Array ? null : value(live.core.normalise(what));
            const input = normalised ? value(modelIn(live, model).ink(normalised.input.data)) : (what as Float32Array);
            // Traces the input as well, for every explanation that follows.
            return { input, normalised, prediction: value(modelIn(live, model).predict(input)) };
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
            this.#portion(share, { ...request, model, input }).catch((error: unknown) => orThrow(error)),
        );
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

/** A new one each time: its buffer leaves with the answer. */
const noImage = (): Image => ({ data: new Float32Array(0), height: 0, width: 0, channels: 0 });
const isImage = (item: Item | undefined): item is Image =>
    typeof item === 'object' && 'data' in item && 'height' in item;

function modelIn({ models }: Instance, id: number): CoreModel {
    const model = models.get(id);
    if (!model) throw new PellucidError('disposed', 'the model was disposed of');
    return model;
}

const stateOf = (core: CoreRun): State => ({ done: core.done(), most: core.most(), finished: core.finished() });

/** A share's first part and the one after its last. The same rounding everywhere, so that the shares meet. */
const boundsOf = ({ from, to }: Share, parts: number): [number, number] => [
    Math.round(parts * from),
    Math.round(parts * to),
];

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
