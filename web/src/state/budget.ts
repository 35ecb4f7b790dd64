/**
 * What is asked in one frame. Where there is not time for everything, cheap questions are still asked in every frame and
 * dear ones take turns: a map may skip frames, but the answer and the other maps do not wait for it.
 */
export interface Asked {
    key: string;
}

/** Time in the core that a frame may take, per worker: what is left of a sixtieth of a second is the page's. */
const frameMs = 9;
/** Questions below this are not worth counting. */
const cheapMs = 0.4;
/** Guess for what was never measured, in ms. */
const unknownMs = 1;
/** Weight of the newest time in the running mean. */
const newest = 0.2;

export class Budget {
    readonly #costs = new Map<string, number>();
    readonly #lastAsked = new Map<string, number>();
    #frame = 0;

    learn(key: string, milliseconds: number): void {
        const before = this.#costs.get(key);
        // Sliders make many keys.
        if (before === undefined && this.#costs.size > 300) this.#costs.clear();
        this.#costs.set(key, before === undefined ? milliseconds : before + newest * (milliseconds - before));
    }

    /** Keeps the questions' order. At least one dear question is asked, so that each has its turn. */
    choose<T extends Asked>(questions: readonly T[], workers: number): T[] {
        this.#frame++;
        const cost = ({ key }: T) => this.#costs.get(key) ?? unknownMs;
        const waiting = (question: T) => this.#frame - (this.#lastAsked.get(question.key) ?? -1);
        const chosen = new Set<T>();
        let left = frameMs * workers;
        const dear = questions.filter((question) => cost(question) >= cheapMs).sort((a, b) => waiting(b) - waiting(a));
        for (const question of dear) {
            if (chosen.size > 0 && cost(question) > left) continue;
            chosen.add(question);
            left -= cost(question);
            this.#lastAsked.set(question.key, this.#frame);
        }
        if (this.#lastAsked.size > 300) this.#lastAsked.clear();
        return questions.filter((question) => chosen.has(question) || cost(question) < cheapMs);
    }
}
