import { LitElement, html, type PropertyValues } from 'lit';
import { customElement, query, state } from 'lit/decorators.js';
import type { Explanation, Image, MethodCard, Params, Prediction } from 'pellucid';
import { furtherMaps } from '../../core/items.ts';
import { percentWords } from '../../core/numbers.ts';
import { largest } from '../../core/regions.ts';
import { Throttle } from '../../core/throttle.ts';
import { phase } from '../../state/engine.ts';
import { newest, watch, type Answer } from '../../state/live.ts';
import { address } from '../../state/route.ts';
import { settings } from '../../state/settings.ts';
import { Uses } from '../../state/signal.ts';
import { withArticle } from '../../state/target.ts';
import { shared } from '../../styles/shared.ts';
import { isBounded } from './attacks.ts';
import { foolStyles } from './pl-fool.css.ts';
import './pl-compare.ts';
import '../../elements/pl-legend.ts';
import '../../elements/pl-map.ts';
import type { PlMap } from '../../elements/pl-map.ts';

const textMs = 120;
const mostEpsilon = 0.5;

/** The attack: a drawing changed so little that people hardly see it, and what the network makes of it. */
@customElement('pl-fool')
export class PlFool extends LitElement {
    static override styles = [shared, foolStyles];

    @state() private method = 'pgd';
    @state() private epsilon = 0.15;
    /** The digit to be taken for; null: anything but the answer. */
    @state() private towards: number | null = null;
    @state() private original: Prediction | null = null;
    @state() private attacked: Prediction | null = null;
    @state() private answer: Answer | null = null;
    @query('#given') private given!: PlMap;
    @query('#added') private added!: PlMap;
    @query('#changed') private changed!: PlMap;
    #latest: { answer: Answer; after: Prediction } | null = null;
    #pending: Answer | null = null;
    #predicting = false;
    #unwatch = () => {};
    #end = () => {};
    readonly #words = new Throttle(textMs, () => {
        this.answer = this.#latest?.answer ?? null;
        this.original = this.#latest?.answer.frame.prediction ?? null;
        this.attacked = this.#latest?.after ?? null;
    });

    constructor() {
        super();
        new Uses(this, phase, settings);
    }
    override connectedCallback(): void {
        super.connectedCallback();
        if (this.hasUpdated) this.#ask();
        this.#end = newest.subscribe((frame) => {
            if (frame) return;
            this.#latest = null;
            for (const map of [this.given, this.added, this.changed]) map.show(null);
            this.#words.call();
        });
    }
    override disconnectedCallback(): void {
        super.disconnectedCallback();
        this.#unwatch();
        this.#end();
    }
    protected override firstUpdated(): void {
        this.#ask();
    }
    protected override updated(changed: PropertyValues): void {
        if (['method', 'epsilon', 'towards'].some((name) => changed.has(name))) this.#ask();
    }

    /** Every attack that the package has with a bound on the change. */
    get #attacks(): MethodCard[] {
        if (phase.value.name !== 'ready') return [];
        return phase.value.pellucid.methods.filter(isBounded);
    }

    #ask(): void {
        this.#unwatch();
        // An update that was asked for before the element was taken away comes afterwards.
        if (!this.isConnected) return;
        const card = this.#attacks.find(({ id }) => id === this.method) ?? this.#attacks[0];
        if (!card) return;
        const has = (name: string) => card.params.some((param) => param.name === name);
        const params: Params = { epsilon: this.epsilon };
        const steps = card.params.find(({ name }) => name === 'steps')?.default;
        // Steps that together reach two and a half times as far as allowed (Madry et al.): far enough for every ε.
        if (has('step_size') && typeof steps === 'number')
            params['step_size'] = Math.max(1e-4, (2.5 * this.epsilon) / steps);
        if (this.towards !== null && has('targeted')) params['targeted'] = true;
        this.#unwatch = watch(
            { method: card.id, params },
            (answer) => {
                this.#pending = answer;
                void this.#follow();
            },
            { target: this.towards === null ? 'predicted' : `class:${this.towards}` },
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
            this.#latest = { answer, after };
            this.given.show({ map: frame.input, kind: 'image' });
            const added = addedBy(explanation);
            if (added) this.added.show({ map: added, kind: 'change', scale: this.epsilon });
            this.changed.show({ map: explanation.map, kind: 'image' });
            this.#words.call();
        } finally {
            this.#predicting = false;
            void this.#follow();
        }
    }

    protected override render() {
        const change = this.#change;
        return html`
            <div>
                <h2 tabindex="-1">Can a small change fool it?</h2>
                <p class="intro">
                    An attack changes pixels in the direction in which the answer suffers most. How much you see of it is up to the bound: is it
                    still the same digit to you?
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
                    <figcaption>the change: ink added or taken away, at most ${change.toFixed(2)}</figcaption>
                </figure>
                <span class="operator" aria-hidden="true">=</span>
                <figure>
                    <pl-map id="changed" label=${`The changed drawing, read as ${this.attacked?.predicted ?? 'nothing'}`}></pl-map>
                    <figcaption>what it gets instead</figcaption>
                </figure>
            </div>
            <div class="controls screen">${this.#controls()}</div>
            <pl-compare .original=${this.original} .attacked=${this.attacked}></pl-compare>
            <p class="quiet">
                ${this.#attacks.find(({ id }) => id === this.method)?.caveat}
                <a href=${address({ room: 'method', method: this.method, params: {} })}>How this attack is computed</a>
            </p>
        `;
    }

    #controls() {
        return html`
            <label class="epsilon">
                <span>Largest change of a pixel: <b>ε = ${this.epsilon.toFixed(2)}</b> <small>of 1, the step from paper to ink</small></span>
                <input
                    id="epsilon"
                    type="range"
                    min="0"
                    max=${mostEpsilon}
                    step="0.01"
                    .value=${String(this.epsilon)}
                    @input=${(event: Event) => (this.epsilon = (event.target as HTMLInputElement).valueAsNumber)}
                />
            </label>
            <fieldset>
                <legend>Attack</legend>
                ${this.#attacks.map(
                    ({ id, title }) => html`<label>
                        <input type="radio" name="attack" value=${id} .checked=${id === this.method} @change=${() => (this.method = id)} />
                        ${title}
                    </label>`,
                )}
            </fieldset>
            <label class="towards">
                It should be taken for
                <select
                    @change=${(event: Event) => {
                        const { value } = event.target as HTMLSelectElement;
                        this.towards = value === '' ? null : Number(value);
                    }}
                >
                    <option value="">anything else</option>
                    ${Array.from({ length: 10 }, (_, digit) => html`<option value=${digit}>${withArticle(digit)}</option>`)}
                </select>
            </label>
        `;
    }

    /** What was changed in the answer that is shown, at most; the knob may be further already. */
    get #change(): number {
        const explanation = this.answer?.explanation;
        const added = !explanation || explanation instanceof Error ? undefined : addedBy(explanation);
        return added ? largest(added) : 0;
    }

    #verdict(): string {
        const { original, attacked, answer } = this;
        if (!original || !attacked || !answer || answer.explanation instanceof Error)
            return 'Draw a digit to attack it.';
        const say = (prediction: Prediction) =>
            `${withArticle(prediction.predicted)}\u00a0(${percentWords(prediction.probabilities[prediction.predicted] ?? 0)}\u00a0%)`;
        const change = this.#change;
        if (change === 0) return `Nothing is changed yet: I read ${say(original)}.`;
        const bound = `no pixel changed by more than ${change.toFixed(2)}`;
        const read =
            original.predicted === attacked.predicted
                ? `With ${bound}, I still read ${say(attacked)}; it was ${say(original)}.`
                : `With ${bound}, I now read ${say(attacked)} instead of ${say(original)}.`;
        const { target, params } = answer.explanation;
        const aim = params['targeted'] === true ? /^class:(\d)$/.exec(target)?.[1] : undefined;
        return aim === undefined || Number(aim) === attacked.predicted
            ? read
            : `${read} It was to be taken for ${withArticle(Number(aim))}: that failed.`;
    }
}

/** What an attack added to the drawing. */
function addedBy(explanation: Explanation): Image | undefined {
    const card = phase.value.name === 'ready' ? phase.value.cards.get(explanation.method) : undefined;
    return card && furtherMaps(card, explanation).find(({ output }) => output.map === 'change')?.image;
}
