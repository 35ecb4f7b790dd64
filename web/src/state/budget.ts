/** Of a sixtieth of a second, what may pass between a frame's question and its answer; the rest is the page's own. */
const targetMs = 9;
/** Questions below this are not worth counting, in ms. */
const cheapMs = 0.4;
/** Guess for what was never measured, in ms. */
const unknownMs = 1;
/** Weight of the newest time in the running mean. */
const newest = 0.2;
/** Keys that are remembered; sliders make many. */
const mostKeys = 300;

/**
 * What is asked in one frame. Where there is not time for everything, cheap questions are still asked in every frame
 * and dear ones take turns: a map may skip frames, but the answer and the other maps do not wait for it. How much there
 * is time for is found out: less after a frame that took too long, a little more after each one that did not.
 */
export class Budget {
    /** Time in the core that a frame may take, summed over the workers. */
    #spend: number;
    readonly #most: number;
    readonly #costs = new Map<string, number>();
    readonly #lastAsked = new Map<string, number>();
    #frame = 0;

    constructor(workers: number) {
        this.#most = workers * targetMs;
        this.#spend = this.#most;
    }

    /** How long a question took in the core. */
    learn(key: string, milliseconds: number): void {
        const before = this.#costs.get(key);
        if (before === undefined && this.#costs.size >= mostKeys) this.#costs.clear();
        this.#costs.set(key, before === undefined ? milliseconds : before + newest * (milliseconds - before));
    }
    /** How long a whole frame took, there and back. */
    adjust(milliseconds: number): void {
        if (milliseconds > targetMs) this.#spend = Math.max(1, 0.93 * this.#spend);
        else this.#spend = Math.min(this.#most, this.#spend + 0.25);
    }

    /** Keeps the questions' order. At least one dear question is asked, so that each has its turn. */
    choose<T extends { key: string }>(questions: readonly T[]): T[] {
        this.#frame++;
        if (this.#lastAsked.size >= mostKeys) this.#lastAsked.clear();
        const cost = ({ key }: T) => this.#costs.get(key) ?? unknownMs;
        const waiting = ({ key }: T) => this.#frame - (this.#lastAsked.get(key) ?? -1);
        const chosen = new Set<T>();
        let left = this.#spend;
        const dear = questions.filter((question) => cost(question) >= cheapMs).sort((a, b) => waiting(b) - waiting(a));
        for (const question of dear) {
            if (chosen.size > 0 && cost(question) > left) continue;
            chosen.add(question);
            left -= cost(question);
            this.#lastAsked.set(question.key, this.#frame);
        }
        return questions.filter((question) => chosen.has(question) || cost(question) < cheapMs);
    }
}
