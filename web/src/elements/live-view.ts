import type { ReactiveController, ReactiveControllerHost } from 'lit';
import type { Explanation, MethodCard, TargetText } from 'pellucid';
import { givesMap, mainKind, mainMap } from '../core/items.ts';
import { describe } from '../core/regions.ts';
import { sentence } from '../core/words.ts';
import { Throttle } from '../core/throttle.ts';
import { plainly } from '../state/ask.ts';
import { begin, keyOf } from '../state/begin.ts';
import { changes } from '../state/changes.ts';
import { chosenModel } from '../state/engine.ts';
import { isAside, newest, refresh, watch, type Answer, type Source } from '../state/live.ts';
import { runOf, runs, type Run } from '../state/run.ts';
import { sharedScale } from '../state/scale.ts';
import { target } from '../state/target.ts';
import { viewKey, type View } from '../state/views.ts';
import type { PlMap } from './pl-map.ts';

/** Numbers and words that change sixty times a second cannot be read. */
const textMs = 180;

interface Options {
    /** null before the element was rendered for the first time, and for methods that give no map. */
    map: () => PlMap | null;
    card: () => MethodCard;
    view: () => View;
    /** The map is laid onto the sheet, not shown by itself. */
    onSheet: boolean;
    /** Instead of the page's network and drawing, and instead of its target. */
    source?: () => Source;
    target?: () => TargetText | undefined;
}

/**
 * A method's live answers in an element: every one goes to the map at once; words and numbers follow a few times a
 * second.
 */
export class LiveView implements ReactiveController {
    /** The answer that words and numbers are to be made of. */
    answer: Answer | null = null;
    #latest: Answer | null = null;
    #run: Run | undefined;
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
        // Of the method that was shown before, until the new one answers.
        return explanation instanceof Error || explanation?.method !== this.#options.card().id ? null : explanation;
    }
    /** Why there is no explanation. */
    get failure(): string | null {
        const explanation = this.answer?.explanation;
        return explanation instanceof Error ? `${sentence(plainly(explanation.message)).replace(/\.$/, '')}.` : null;
    }
    /** What computes the answer, where that takes its time. */
    get run(): Run | undefined {
        return this.#run;
    }
    get source(): Source | undefined {
        return this.#options.source?.();
    }
    /** Begins what is computed only when asked. */
    start(): void {
        const { card, view, target: own } = this.#options;
        begin(view(), card(), this.source, own?.()).catch((error: unknown) => console.error(error));
    }

    /** A little before it is seen, so that the map is there by then. */
    readonly #seen = new IntersectionObserver(
        (entries) => {
            const before = this.#inView;
            this.#inView = entries.at(-1)?.isIntersecting ?? false;
            if (!this.#inView || before) return;
            // What was left out while it was out of view, or is a preview still, is asked for now.
            if (this.#waits()) this.#host.requestUpdate();
            else if (this.#latest?.frame !== newest.value || this.#latest?.shortened) refresh();
        },
        { rootMargin: '40px' },
    );
    /** What is answered beside the frames begins when it comes into view for the first time. */
    #waits(): boolean {
        return this.#watched === '' && isAside(this.#options.card(), this.source);
    }

    hostConnected(): void {
        this.#connected = true;
        this.#seen.observe(this.#host);
        this.#ends = [
            newest.subscribe((frame) => frame === null && this.#followsSheet() && this.#show(null)),
            // The legend is written with the words.
            sharedScale.subscribe(() => this.#words.call()),
            target.subscribe(() => this.#followRun()),
            chosenModel.subscribe(() => this.#followRun()),
            changes.subscribe(() => this.#followRun()),
            runs.subscribe(() => this.#followRun()),
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
        const { view: viewOf, card: cardOf, target: own } = this.#options;
        const [view, card, source] = [viewOf(), cardOf(), this.source];
        const key = [viewKey(view), own?.() ?? '', source?.model ?? '', source?.drawing ?? ''].join(' ');
        if (key === this.#watched || (this.#waits() && !this.#inView)) return;
        this.#unwatch();
        this.#watched = key;
        if (card.pace === 'asked') {
            this.#unwatch = () => {};
            this.#followRun();
            return;
        }
        const ownTarget = own?.();
        this.#unwatch = watch(view, (answer) => this.#show(answer), {
            inView: () => this.#inView,
            ...(ownTarget === undefined ? {} : { target: ownTarget }),
            ...(source === undefined ? {} : { source }),
        });
    }

    #followsSheet(): boolean {
        const { card } = this.#options;
        return card().pace !== 'asked' && !isAside(card(), this.source);
    }

    /** Shows the run about what is looked at now, if there is one. */
    #followRun(): void {
        const { card: cardOf, view, target: own } = this.#options;
        const card = cardOf();
        if (!this.#connected || card.pace !== 'asked') return;
        const run = runOf(keyOf(view(), card, this.source, own?.()));
        const tell = () => {
            const explanation = run?.error ?? run?.snapshot;
            this.#show(run && explanation ? { explanation, frame: run.order.frame, shortened: null, run } : null, run);
        };
        this.#unwatch();
        this.#unwatch = run?.changed.subscribe(tell) ?? (() => {});
        tell();
        this.#host.requestUpdate();
    }

    #show(answer: Answer | null, run: Run | undefined = answer?.run): void {
        this.#latest = answer;
        this.#run = run;
        const { map, card, onSheet } = this.#options;
        const { explanation, frame } = answer ?? {};
        const shown = explanation && !(explanation instanceof Error) ? mainMap(card(), explanation) : null;
        const lies =
            onSheet && this.source === undefined && shown?.width === frame?.input.width && !this.#standsAlone();
        map()?.show(
            shown && frame
                ? { map: shown, kind: mainKind(card()), input: frame.input, place: lies ? frame.normalised : null }
                : null,
        );
        this.#words.call();
    }
    /** A picture of its own, not one of the drawing, has no place on the sheet. */
    #standsAlone(): boolean {
        const card = this.#options.card();
        return card.subject !== 'input' || (mainKind(card) === 'image' && card.pace === 'asked');
    }
    #settle(): void {
        this.answer = this.#latest;
        const { explanation } = this;
        const card = this.#options.card();
        const words =
            explanation && this.answer && givesMap(card)
                ? describe(card, explanation, this.answer.frame.input)
                : 'No map yet.';
        const map = this.#options.map();
        if (map) map.label = `${card.title}. ${words}`;
        this.#host.requestUpdate();
    }
}
