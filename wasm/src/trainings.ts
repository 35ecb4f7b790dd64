/** The worker's side of trainings, all in the second module. */
import { value, type Core, type CoreModel, type CoreTraining } from './core.js';
import { PellucidError } from './errors.js';
import type { TrainingQuestion } from './protocol.js';
import type { TrainingProgress } from './types.js';

export class Trainings {
    readonly #running = new Map<number, { core: CoreTraining; milliseconds: number }>();

    start({ CoreTraining }: Core, model: CoreModel, ask: TrainingQuestion): TrainingProgress {
        if (!CoreTraining) throw new PellucidError('internal', 'this module cannot train');
        const core = new CoreTraining();
        try {
            value(core.start(model, ask.images, ask.labels, ask.options));
            if (ask.from) value(core.restore(ask.from));
            this.#running.set(ask.run, { core, milliseconds: 0 });
            return this.#progress(ask.run);
        } catch (error) {
            this.#running.delete(ask.run);
            core.delete();
            throw error;
        }
    }

    advance(run: number, budget: number): TrainingProgress {
        const running = this.#of(run);
        const began = performance.now();
        while (value(running.core.step()) && performance.now() - began < budget);
        running.milliseconds += performance.now() - began;
        return this.#progress(run);
    }

    network(run: number): Uint8Array {
        return value(this.#of(run).core.network());
    }

    save(run: number): Uint8Array {
        return value(this.#of(run).core.save());
    }

    end(run: number): void {
        this.#running.get(run)?.core.delete();
        this.#running.delete(run);
    }

    #of(run: number) {
        const running = this.#running.get(run);
        if (!running) throw new PellucidError('disposed', 'the training was disposed of');
        return running;
    }

    #progress(run: number): TrainingProgress {
        const { core, milliseconds } = this.#of(run);
        const state = { done: core.done(), most: core.most(), finished: core.finished() };
        const progress = state.finished ? 1 : state.done / state.most;
        return { ...value(core.curves()), state, progress, milliseconds };
    }
}
