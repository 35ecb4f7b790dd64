/** Calls at once, and then at most once per interval; the last call of a burst is never lost. */
export class Throttle {
    readonly #interval: number;
    readonly #work: () => void;
    #timer: ReturnType<typeof setTimeout> | undefined;
    #again = false;

    constructor(interval: number, work: () => void) {
        this.#interval = interval;
        this.#work = work;
    }
    call(): void {
        if (this.#timer !== undefined) {
            this.#again = true;
            return;
        }
        this.#work();
        this.#timer = setTimeout(() => {
            this.#timer = undefined;
            if (!this.#again) return;
            this.#again = false;
            this.call();
        }, this.#interval);
    }
}
