import { LitElement, html, type PropertyValues } from 'lit';
import { customElement, query, state } from 'lit/decorators.js';
import type { MethodCard, Prediction } from 'pellucid';
import { percentWords } from '../../core/numbers.ts';
import { largest } from '../../core/regions.ts';
import { Throttle } from '../../core/throttle.ts';
import { sheet } from '../../state/drawing.ts';
import { phase } from '../../state/engine.ts';
import { newest, watch, type Answer } from '../../state/live.ts';
import { amountOrNone, digitOrAny, inAddress, word } from '../../state/room-settings.ts';
import { address } from '../../state/route.ts';
import { settings } from '../../state/settings.ts';
import { Uses } from '../../state/signal.ts';
import { withArticle } from '../../state/target.ts';
import { shared } from '../../styles/shared.ts';
import {
    addedBy,
    attackParams,
    epsilonWords,
    hasSteps,
    isBounded,
    leastParams,
    mostEpsilon,
    numberOf,
    type Attacked,
} from './attacks.ts';
import { foolStyles } from './pl-fool.css.ts';
import './pl-before-after.ts';
import './pl-by-hand.ts';
import './pl-compare.ts';
import './pl-epsilon.ts';
import type { EpsilonChange } from './pl-epsilon.ts';
import './pl-networks.ts';
import './pl-rounds.ts';
import '../../elements/pl-map.ts';
import type { PlMap } from '../../elements/pl-map.ts';

const textMs = 120;

/** The attack: a drawing changed so little that people hardly see it, and what networks make of it. */
@customElement('pl-fool')
export class PlFool extends LitElement {
    static override styles = [shared, foolStyles];

    @inAddress('fool.attack', 'pgd', word) private method!: string;
    /** ε as it was chosen by hand; null: the smallest one that fools the network, whatever is drawn. */
    @inAddress('fool.epsilon', null, amountOrNone(0, mostEpsilon)) private chosen!: number | null;
    /** The smallest one that was found last. */
    @state() private found = 0.15;
    /** NaN: none does; null: nobody knows yet. */
    @state() private least: number | null = null;
    /** Within this, nothing changes the answer. */
    @state() private radius: number | null = null;
    /** The digit to be taken for; null: anything but the answer. */
    @inAddress('fool.aim', null, digitOrAny) private towards!: number | null;
    @state() private attacked: Attacked | null = null;
    @state() private answer: Answer | null = null;
    @query('#given') private given!: PlMap;
    @query('#added') private added!: PlMap;
    @query('#changed') private changed!: PlMap;
    #latest: { answer: Answer; attacked: Attacked } | null = null;
    #pending: Answer | null = null;
    #predicting = false;
    #model = phase.value.name === 'ready' ? phase.value.modelId : '';
    #unwatch = () => {};
    #unwatchLeast = () => {};
    #ends: (() => void)[] = [];
    readonly #words = new Throttle(textMs, () => {
        this.answer = this.#latest?.answer ?? null;
        this.attacked = this.#latest?.attacked ?? null;
    });

    constructor() {
        super();
        new Uses(this, phase, settings);
    }
    override connectedCallback(): void {
        super.connectedCallback();
        this.#ends = [
            sheet.version.subscribe(() => this.#forget()),
            phase.subscribe((now) => {
                if (now.name !== 'ready' || now.modelId === this.#model) return;
                this.#model = now.modelId;
                this.#forget();
            }),
            newest.subscribe((frame) => {
                if (frame) return;
                this.#latest = null;
                for (const map of [this.given, this.added, this.changed]) map.show(null);
                this.#words.call();
            }),
            watch(
                { method: 'certificate', params: {} },
                ({ explanation }) => {
                    this.radius = numberOf(explanation, 'radius') ?? this.radius;
                },
                { target: 'predicted' },
            ),
        ];
        if (this.hasUpdated) this.#begin();
    }
    override disconnectedCallback(): void {
        super.disconnectedCallback();
        this.#unwatch();
        this.#unwatchLeast();
        for (const end of this.#ends) end();
    }
    protected override firstUpdated(): void {
        this.#begin();
    }
    protected override updated(changed: PropertyValues): void {
        if (!['method', 'chosen', 'found', 'towards'].some((name) => changed.has(name))) return;
        this.#ask();
        if (!changed.has('method') && !changed.has('towards')) return;
        this.least = null;
        this.#askLeast();
    }
    /** What was found for another drawing, or another network, is not known of this one. */
    #forget(): void {
        this.least = this.radius = null;
    }
    #begin(): void {
        this.#ask();
        this.#askLeast();
    }

    /** Every attack that the package has with a bound on the change. */
    get #attacks(): MethodCard[] {
        if (phase.value.name !== 'ready') return [];
        return phase.value.pellucid.methods.filter(isBounded);
    }
    get #epsilon(): number {
        return this.chosen ?? this.found;
    }
    get #attack(): MethodCard | undefined {
        return this.#attacks.find(({ id }) => id === this.method) ?? this.#attacks[0];
    }
    get #target(): string {
        return this.towards === null ? 'predicted' : `class:${this.towards}`;
    }

    #ask(): void {
        this.#unwatch();
        // An update that was asked for before the element was taken away comes afterwards.
        const card = this.#attack;
        if (!this.isConnected || !card) return;
        this.#unwatch = watch(
            { method: card.id, params: attackParams(card, this.#epsilon, this.towards) },
            (answer) => {
                this.#pending = answer;
                void this.#follow();
            },
            { target: this.#target },
        );
    }

    /** The smallest ε, when the drawing rests. */
    #askLeast(): void {
        this.#unwatchLeast();
        const card = this.#attack;
        if (!this.isConnected || !card) return;
        this.#unwatchLeast = watch(
            { method: 'minimal_epsilon', params: leastParams(card, this.towards) },
            ({ explanation }) => {
                const found = numberOf(explanation, 'epsilon');
                if (found === null) return;
                this.least = found;
                if (Number.isFinite(found)) this.found = found;
            },
            { target: this.#target },
        );
    }

    /** The prediction for the changed drawing; one at a time, newest first. */
    async #follow(): Promise<void> {
        const answer = this.#pending;
        if (this.#predicting || !answer || phase.value.name !== 'ready') return;
        this.#pending = null;
        const { explanation, frame } = answer;
        if (explanation instanceof Error) {
            console.error(explanation);
            return;
        }
        this.#predicting = true;
        try {
            const after = await phase.value.model.predict(explanation.map.data);
            if (newest.value === null || !this.isConnected) return;
            const attacked = { original: frame.input, changed: explanation.map, before: frame.prediction, after };
            this.#latest = { answer, attacked };
            this.given.show({ map: frame.input, kind: 'image' });
            const added = addedBy(explanation);
            if (added) this.added.show({ map: added, kind: 'change', scale: largest(added) });
            this.changed.show({ map: explanation.map, kind: 'image' });
            this.#words.call();
        } finally {
            this.#predicting = false;
            void this.#follow();
        }
    }

    protected override render() {
        const change = this.#change;
        const { attacked } = this;
        const times = change > 0 ? 1 / change : 0;
        return html`
            <div>
                <h2 tabindex="-1">Can a small change fool it?</h2>
                <p class="intro">
                    An attack changes pixels in the direction in which the answer suffers most. It begins with the
                    smallest change that turns your
                    drawing into something else: is it still the same digit to you?
                </p>
            </div>
            <p class="verdict" aria-live="polite">${this.#verdict()}</p>
            <div class="sum">
                <figure>
                    <pl-map id="given" label="The drawing as the network gets it"></pl-map>
                    <figcaption>what the network got</figcaption>
                </figure>
                <span class="operator" aria-hidden="true">+</span>
                <figure>
                    <pl-map id="added" label="What is added to it"></pl-map>
                    <figcaption>
                        the change: ink added or taken away, at most ${epsilonWords(change)}${
                            times >= 1.5 ? `; drawn ${Math.round(times)} times as strong` : ''
                        }
                    </figcaption>
                </figure>
                <span class="operator" aria-hidden="true">=</span>
                <figure>
                    <pl-map id="changed"
                        label=${`The changed drawing, read as ${attacked?.after.predicted ?? 'nothing'}`}></pl-map>
                    <figcaption>what it gets instead</figcaption>
                </figure>
            </div>
            <div class="controls screen">${this.#controls()}</div>
            <pl-compare .original=${attacked?.before ?? null} .attacked=${attacked?.after ?? null}></pl-compare>
            <p class="quiet">
                ${this.#attack?.caveat}
                <a href=${address({
                    room: 'method',
                    method: this.#attack?.id ?? this.method,
                    params: {},
                })}>How this attack is computed</a>
            </p>
            <pl-networks .attacked=${attacked} .epsilon=${this.#epsilon} .towards=${this.towards}
                .attack=${this.#attack}></pl-networks>
            <pl-rounds .attack=${this.#attack} .epsilon=${this.#epsilon}></pl-rounds>
            <pl-before-after .attacked=${attacked}></pl-before-after>
            <pl-by-hand></pl-by-hand>
        `;
    }

    #controls() {
        const all = this.#attacks;
        const group = (label: string, cards: MethodCard[]) =>
            cards.length === 0
                ? ''
                : html`<optgroup label=${label}>
                      ${cards.map(
                          ({ id, title }) => html`<option value=${id}
                          ?selected=${id === this.#attack?.id}>${title}</option>`,
                      )}
                  </optgroup>`;
        return html`
            <pl-epsilon
                .epsilon=${this.#epsilon}
                .least=${this.least}
                .radius=${this.radius}
                ?follows=${this.chosen === null}
                @epsilon-change=${({ epsilon }: EpsilonChange) => (this.chosen = epsilon)}
            ></pl-epsilon>
            <div class="choices">
                <label>
                    Attack
                    <select aria-label="Attack" @change=${(event: Event) =>
                        (this.method = (event.target as HTMLSelectElement).value)}>
                        ${group('Many steps: what do they find that one misses?', all.filter(hasSteps))}
                        ${group(
                            'One step: is it enough?',
                            all.filter((card) => !hasSteps(card)),
                        )}
                    </select>
                </label>
                <label>
                    It should be taken for
                    <select
                        @change=${(event: Event) => {
                            const { value } = event.target as HTMLSelectElement;
                            this.towards = value === '' ? null : Number(value);
                        }}
                    >
                        <option value="" ?selected=${this.towards === null}>anything else</option>
                        ${Array.from(
                            { length: 10 },
                            (_, digit) => html`<option value=${digit}
                            ?selected=${digit === this.towards}>${withArticle(digit)}</option>`,
                        )}
                    </select>
                </label>
                <p class="quiet">${this.#attack?.question}</p>
            </div>
        `;
    }

    /** What was changed in the answer that is shown, at most; the knob may be further already. */
    get #change(): number {
        const explanation = this.answer?.explanation;
        const added = !explanation || explanation instanceof Error ? undefined : addedBy(explanation);
        return added ? largest(added) : 0;
    }

    #verdict(): string {
        const { attacked, answer } = this;
        if (!attacked || !answer || answer.explanation instanceof Error) return 'Draw a digit to attack it.';
        const { before, after } = attacked;
        const say = (prediction: Prediction) =>
            `${withArticle(prediction.predicted)}\u00a0(${percentWords(
                prediction.probabilities[prediction.predicted] ?? 0,
            )}\u00a0%)`;
        const change = this.#change;
        if (change === 0) return `Nothing is changed yet: I read ${say(before)}.`;
        const bound = `no pixel changed by more than ${epsilonWords(change)}`;
        const read =
            before.predicted === after.predicted
                ? `With ${bound}, I still read ${say(after)}; it was ${say(before)}.`
                : `With ${bound}, I now read ${say(after)} instead of ${say(before)}.`;
        const { target, params } = answer.explanation;
        const aim = params['targeted'] === true ? /^class:(\d)$/.exec(target)?.[1] : undefined;
        return aim === undefined || Number(aim) === after.predicted
            ? read
            : `${read} It was to be taken for ${withArticle(Number(aim))}: that failed.`;
    }
}
