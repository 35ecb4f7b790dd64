import type { TargetText } from 'pellucid';
import type { Column, Study } from '../../core/judging.ts';
import { Throttle } from '../../core/throttle.ts';
import { plainly } from '../../state/ask.ts';
import { judge, type About } from '../../state/judge.ts';

/** Cells fill up as they come, but not faster than one can look. */
const showMs = 100;

/** The person's own drawing in the tests of a study: a number for each cell, or why there is none. */
export class OwnFigures {
    readonly #told = new Map<string, number | string>();
    readonly #tell: Throttle;

    constructor(tell: () => void) {
        this.#tell = new Throttle(showMs, tell);
    }

    /** undefined while it is not known. */
    of(method: string, column: Column): number | string | undefined {
        return this.#told.get(`${method} ${column.key}`);
    }
    /** Cells that are done. */
    get count(): number {
        return this.#told.size;
    }
    clear(): void {
        this.#told.clear();
        this.#tell.call();
    }

    /** Fills what is missing, test by test; `own`: instead of the page's question. */
    async fill(
        study: Study,
        columns: readonly Column[],
        about: About,
        signal: AbortSignal,
        own: TargetText | undefined,
    ): Promise<void> {
        for (const metric of study.metrics) {
            const mine = columns.filter((column) => column.metric.text === metric);
            for (const method of study.methods) {
                if (mine.every((column) => this.of(method, column) !== undefined)) continue;
                let numbers: Record<string, number> = {};
                let why = '';
                try {
                    numbers = await judge(metric, method, about, { signal, target: own });
                } catch (error) {
                    signal.throwIfAborted();
                    why = plainly(error instanceof Error ? error.message : String(error));
                }
                signal.throwIfAborted();
                for (const column of mine)
                    this.#told.set(`${method} ${column.key}`, why !== '' ? why : (numbers[column.output] ?? NaN));
                this.#tell.call();
            }
        }
    }
}
