import type { ReactiveController, ReactiveControllerHost } from 'lit';
import type { Explanation, MethodCard } from 'pellucid';
import { mainKind } from '../core/items.ts';
import { describe } from '../core/regions.ts';
import { Throttle } from '../core/throttle.ts';
import { newest, watch, type Answer } from '../state/live.ts';
import { viewKey, type View } from '../state/views.ts';
import type { PlMap } from './pl-map.ts';

/** Numbers and words that change sixty times a second cannot be read. */
const textMs = 180;

interface Options {
    map: () => PlMap;
    card: () => MethodCard;
    view: () => View;
    /** The map is laid onto the sheet, not shown by itself. */
    onSheet: boolean;
    inView?: () => boolean;
}

/** A method's live answers in an element: every one goes to the map at once; words and numbers follow a few times a second. */
export class LiveView implements ReactiveController {
    /** The answer that words and numbers are to be made of. */
    answer: Answer | null = null;
    #latest: Answer | null = null;
    #watched = '';
    #unwatch = () => {};
    #end = () => {};
    readonly #host: ReactiveControllerHost;
    readonly #options: Options;
    readonly #words = new Throttle(textMs, () => this.#settle());

    constructor(host: ReactiveControllerHost, options: Options) {
        this.#host = host;
        this.#options = options;
        host.addController(this);
    }

    get explanation(): Explanation | null {
        const explanation = this.answer?.explanation;
        return explanation instanceof Error ? null : (explanation ?? null);
    }
    /** Why there is no explanation. */
    get failure(): string | null {
        const explanation = this.answer?.explanation;
        return explanation instanceof Error ? explanation.message : null;
    }
    /** Whether the newest drawing has not been answered for this view. */
    get behind(): boolean {
        return this.#latest?.frame !== newest.value;
    }

    hostConnected(): void {
        this.#end = newest.subscribe((frame) => frame === null && this.#show(null));
    }
    hostDisconnected(): void {
        this.#unwatch();
        this.#watched = '';
        this.#end();
    }
    hostUpdated(): void {
        const view = this.#options.view();
        const key = viewKey(view);
        if (key === this.#watched) return;
        this.#unwatch();
        this.#watched = key;
        const { inView } = this.#options;
        this.#unwatch = watch(view, (answer) => this.#show(answer), inView ? { inView } : {});
    }

    #show(answer: Answer | null): void {
        this.#latest = answer;
        const { map, card, onSheet } = this.#options;
        const { explanation, frame } = answer ?? {};
        map().show(
            explanation && frame && !(explanation instanceof Error)
                ? { map: explanation.map, kind: mainKind(card()), input: frame.input, place: onSheet ? frame.normalised : null }
                : null,
        );
        this.#words.call();
    }
    #settle(): void {
        this.answer = this.#latest;
        const { explanation } = this;
        const words = explanation && this.answer ? describe(this.#options.card(), explanation, this.answer.frame.input) : 'No map yet.';
        this.#options.map().label = `${this.#options.card().title}. ${words}`;
        this.#host.requestUpdate();
    }
}
