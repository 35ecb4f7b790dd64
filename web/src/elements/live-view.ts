import type { ReactiveController, ReactiveControllerHost } from 'lit';
import type { Explanation, MethodCard } from 'pellucid';
import { mainKind } from '../core/items.ts';
import { describe } from '../core/regions.ts';
import { Throttle } from '../core/throttle.ts';
import { newest, refresh, watch, type Answer } from '../state/live.ts';
import { sharedScale } from '../state/scale.ts';
import { viewKey, type View } from '../state/views.ts';
import type { PlMap } from './pl-map.ts';

/** Numbers and words that change sixty times a second cannot be read. */
const textMs = 180;

interface Options {
    /** null before the element was rendered for the first time. */
    map: () => PlMap | null;
    card: () => MethodCard;
    view: () => View;
    /** The map is laid onto the sheet, not shown by itself. */
    onSheet: boolean;
}

/** A method's live answers in an element: every one goes to the map at once; words and numbers follow a few times a second. */
export class LiveView implements ReactiveController {
    /** The answer that words and numbers are to be made of. */
    answer: Answer | null = null;
    #latest: Answer | null = null;
    #watched = '';
    #unwatch = () => {};
    #ends: (() => void)[] = [];
    #connected = false;
    #inView = false;
    readonly #host: ReactiveControllerHost & Element;
    readonly #options: Options;
    readonly #words = new Throttle(textMs, () => this.#settle());

    constructor(host: ReactiveControllerHost & Element, options: Options) {
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
    /** A little before it is seen, so that the map is there by then. */
    readonly #seen = new IntersectionObserver(
        (entries) => {
            const before = this.#inView;
            this.#inView = entries.at(-1)?.isIntersecting ?? false;
            // What was left out while it was out of view, or is a preview still, is asked for now.
            if (this.#inView && !before && (this.#latest?.frame !== newest.value || this.#latest?.shortened)) refresh();
        },
        { rootMargin: '40px' },
    );

    hostConnected(): void {
        this.#connected = true;
        this.#seen.observe(this.#host);
        this.#ends = [
            newest.subscribe((frame) => frame === null && this.#show(null)),
            // The legend is written with the words.
            sharedScale.subscribe(() => this.#words.call()),
        ];
        this.#host.requestUpdate();
    }
    hostDisconnected(): void {
        this.#connected = false;
        this.#inView = false;
        this.#seen.disconnect();
        this.#unwatch();
        this.#watched = '';
        for (const end of this.#ends) end();
    }
    hostUpdated(): void {
        // An update that was asked for before the element was taken away comes afterwards.
        if (!this.#connected) return;
        const view = this.#options.view();
        const key = viewKey(view);
        if (key === this.#watched) return;
        this.#unwatch();
        this.#watched = key;
        this.#unwatch = watch(view, (answer) => this.#show(answer), { inView: () => this.#inView });
    }

    #show(answer: Answer | null): void {
        this.#latest = answer;
        const { map, card, onSheet } = this.#options;
        const { explanation, frame } = answer ?? {};
        map()?.show(
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
        const map = this.#options.map();
        if (map) map.label = `${this.#options.card().title}. ${words}`;
        this.#host.requestUpdate();
    }
}
