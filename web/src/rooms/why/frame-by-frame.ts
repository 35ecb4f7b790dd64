/** What was shortened is computed in full when nothing has changed for this long. */
const restMs = 140;
/** The second frame is asked for while the first is answered and painted. */
const mostUnderWay = 2;

/**
 * Asks with every frame of the browser, as long as there is something new to ask; older answers never come after newer
 * ones. When it rests, it asks once more, in full. `ask` gives null where there is nothing to be said.
 */
export class FrameByFrame<Answer> {
    readonly #ask: (quick: boolean) => Promise<Answer | null>;
    readonly #show: (answer: Answer, asked: number) => void;
    #stale = false;
    #scheduled = 0;
    #underWay = 0;
    #asked = 0;
    #answered = 0;
    #rest: ReturnType<typeof setTimeout> | undefined;

    constructor(ask: (quick: boolean) => Promise<Answer | null>, show: (answer: Answer, asked: number) => void) {
        this.#ask = ask;
        this.#show = show;
    }

    /** Something has changed. */
    refresh(): void {
        clearTimeout(this.#rest);
        this.#stale = true;
        this.#scheduled ||= requestAnimationFrame(this.#next);
    }
    stop(): void {
        clearTimeout(this.#rest);
        cancelAnimationFrame(this.#scheduled);
        this.#scheduled = 0;
        this.#stale = false;
    }

    readonly #next = (): void => {
        this.#scheduled = 0;
        if (!this.#stale || this.#underWay >= mostUnderWay) return;
        this.#stale = false;
        this.#underWay++;
        void this.#work(true).finally(() => {
            this.#underWay--;
            if (this.#stale) this.#scheduled ||= requestAnimationFrame(this.#next);
        });
    };

    async #work(quick: boolean): Promise<void> {
        const began = performance.now();
        const number = ++this.#asked;
        let answer: Answer | null;
        try {
            answer = await this.#ask(quick);
        } catch (error) {
            console.error(error);
            return;
        }
        if (answer === null || number < this.#answered) return;
        this.#answered = number;
        this.#show(answer, began);
        if (this.#stale || !quick) return;
        clearTimeout(this.#rest);
        this.#rest = setTimeout(() => void this.#work(false), restMs);
    }
}
