import { LitElement, html, type PropertyValues } from 'lit';
import { customElement, property, query } from 'lit/decorators.js';
import type { Explanation, MethodCard, ParamCard, Params } from 'pellucid';
import { formulas } from '../core/formula.ts';
import { furtherMaps, mainKind } from '../core/items.ts';
import { icon } from '../core/icons.ts';
import { milliseconds } from '../core/numbers.ts';
import { phase } from '../state/engine.ts';
import type { Walked } from '../state/layers.ts';
import { takesPicture } from '../state/pictures.ts';
import { address, amend, go, route } from '../state/route.ts';
import { settings } from '../state/settings.ts';
import { Uses } from '../state/signal.ts';
import { arrangement, isPinned, reduced, sameView, setShown, showLarge, shownViews, togglePin, type View } from '../state/views.ts';
import { shared } from '../styles/shared.ts';
import { LiveView } from './live-view.ts';
import { methodStyles } from './pl-method.css.ts';
import './pl-formula.ts';
import './pl-further.ts';
import './pl-legend.ts';
import './pl-map.ts';
import './pl-numbers.ts';
import './pl-param.ts';
import { keepDrawing } from './pl-picture.ts';
import './pl-target.ts';
import './pl-walk.ts';
import type { PlMap } from './pl-map.ts';
import type { ParamChange } from './pl-param.ts';

/** A method's parameters while there is no answer yet: defaults, and what was chosen. */
const inForce = ({ params }: MethodCard, chosen: Params): Params => ({
    ...Object.fromEntries(params.flatMap(({ name, default: value }) => (value === null ? [] : [[name, value]]))),
    ...chosen,
});

/** Whether people came here from another view: then the heading says so to screen readers. An opened address needs no focus. */
let travelled = false;
route.subscribe(() => (travelled = true));

/** A method in full: its map over the ink, its controls, formula, numbers, and what it cannot tell. */
@customElement('pl-method')
export class PlMethod extends LitElement {
    static override styles = [shared, methodStyles];

    @property({ attribute: false }) card!: MethodCard;
    @property({ attribute: false }) params: Params = {};
    @query('pl-map') private map!: PlMap;
    readonly #live = new LiveView(this, { map: () => this.map, card: () => this.card, view: () => this.#view, onSheet: true });

    constructor() {
        super();
        new Uses(this, settings, arrangement);
    }
    protected override updated(changed: PropertyValues<this>): void {
        if (!changed.has('card')) return;
        const before = changed.get('card');
        if (travelled) this.renderRoot.querySelector<HTMLElement>('h2')?.focus({ preventScroll: before !== undefined });
    }
    get #view(): View {
        const view = reduced({ method: this.card.id, params: this.params }, this.card);
        // What a link gives and the method has not stays in, so that the core says so.
        const unknown = Object.entries(this.params).filter(([name]) => !this.card.params.some((param) => param.name === name));
        return { ...view, params: { ...Object.fromEntries(unknown), ...view.params } };
    }

    #change(param: string, value: Params[string] | null): void {
        const view = reduced({ method: this.card.id, params: this.#with(param, value) }, this.card);
        amend({ room: 'method', ...view });
    }
    /** A choice of "image" and its picture come together: `baseline` and `baseline_image`. */
    #with(param: string, value: Params[string] | null): Params {
        const params: Params = { ...this.params };
        if (value === null) delete params[param];
        else params[param] = value;
        // A picture that counts under one choice of another parameter comes and goes with that choice.
        for (const image of this.card.params.filter(takesPicture)) {
            const when = image.counts_when?.[0];
            const choice = when?.values[0];
            if (when === undefined || choice === undefined) continue;
            if (param === image.name) {
                if (value === null) delete params[when.param];
                else params[when.param] = choice;
            } else if (param === when.param) {
                if (value === choice) params[image.name] ??= keepDrawing() ?? 'digit-0';
                else delete params[image.name];
            }
        }
        return params;
    }

    protected override render() {
        const { card } = this;
        const { answer, explanation: known, failure } = this.#live;
        return html`
            <header>
                <a class="button screen" href=${address({ room: 'why' })}>${icon('back')} All methods</a>
                ${this.#actions()}
            </header>
            <div class="title">
                <h2 tabindex="-1">${card.title}</h2>
                <p class="question">${card.question}</p>
            </div>
            <div class="work">
                <div class="picture">
                    <pl-map steerable></pl-map>
                    <pl-legend worded kind=${mainKind(card)} .scale=${known ? this.map.scale : 0}></pl-legend>
                    <p class="quiet">
                        ${known ? milliseconds(known.milliseconds) : ''}${answer?.shortened ? `, preview: ${answer.shortened}` : ''}
                    </p>
                    ${failure ? html`<p role="alert">${failure}</p>` : ''}
                    ${answer ? '' : html`<p class="quiet">Draw something to see it explained.</p>`}
                </div>
                <div class="side">
                    <div class="controls screen">
                        <pl-target></pl-target>
                        ${this.#controls()}
                    </div>
                    ${known && answer && furtherMaps(card, known).length > 0
                        ? html`<pl-further .card=${card} .explanation=${known} .input=${answer.frame.input}></pl-further>`
                        : ''}
                </div>
            </div>
            <div class="text">
                <h3>What it computes</h3>
                ${formulas(card.id, known?.params ?? inForce(card, this.params), card.formula).map(
                    ({ where, latex }) => html`${where ? html`<p class="quiet where">${where}</p>` : ''}<pl-formula .latex=${latex}></pl-formula>`,
                )}
                <h3>What it cannot tell</h3>
                <p class="serif">${card.caveat}</p>
                ${known ? html`<pl-numbers .card=${card} .explanation=${known}></pl-numbers>` : ''}
                <h3>Where it comes from</h3>
                <p class="serif">
                    ${card.reference.authors} (${card.reference.year}). <cite>${card.reference.title}</cite>. ${card.reference.venue}.
                </p>
            </div>
            ${answer && known && known.ledger.length > 0
                ? html`<pl-walk .walked=${this.#walked(known, answer.frame.input.data)}></pl-walk>`
                : ''}
        `;
    }

    /** The same object for the same answer, so that nothing is asked twice. */
    #walked({ target }: Explanation, input: Float32Array): Walked {
        const now = { ...this.#view, target, input };
        const before = this.#walk;
        if (!before || before.input !== input || before.target !== target || !sameView(before, now)) this.#walk = now;
        return this.#walk ?? now;
    }
    #walk: Walked | undefined;

    #controls() {
        const { card } = this;
        const params = card.params.filter((param) => param.type !== 'image' || takesPicture(param));
        if (params.length === 0) return html`<p class="quiet">This method has nothing to set.</p>`;
        const advanced = params.filter((param) => param.advanced);
        // One or two are no burden; more of them hide what matters.
        const folded = advanced.length > 2 ? advanced : [];
        const changed = folded.some(({ name }) => name in this.params);
        return html`
            ${params.filter((param) => !folded.includes(param)).map((param) => this.#control(param))}
            ${folded.length > 0
                ? html`<details ?open=${changed}>
                      <summary>${folded.length} finer settings</summary>
                      <div class="folded">${folded.map((param) => this.#control(param))}</div>
                  </details>`
                : ''}
            <button
                ?disabled=${Object.keys(this.#view.params).length === 0}
                @click=${() => amend({ room: 'method', method: card.id, params: {} })}
            >
                ${icon('reset')} Back to the defaults
            </button>
        `;
    }

    #control(param: ParamCard) {
        return html`<pl-param
            .card=${param}
            .value=${this.params[param.name] ?? param.default}
            @param-change=${(event: ParamChange) => this.#change(event.param, event.value)}
        ></pl-param>`;
    }

    #actions() {
        if (phase.value.name !== 'ready') return '';
        const { cards } = phase.value;
        const view = this.#view;
        const isTile = shownViews(cards).some((other) => sameView(other, view));
        const toSheet = () => {
            showLarge(view);
            go({ room: 'why' });
        };
        return html`
            <div class="actions screen">
                <button aria-pressed=${isTile} aria-label="Tile" title="Show among the tiles" @click=${() => setShown(view, !isTile, cards)}>
                    ${icon('tiles')}<span class="word">Tile</span>
                </button>
                <button aria-pressed=${isPinned(view)} aria-label="Pin" title="Pin first among the tiles" ?disabled=${!isTile} @click=${() => togglePin(view)}>
                    ${icon('pin')}<span class="word">Pin</span>
                </button>
                <button aria-label="Large" title="Show large over the drawing" @click=${toSheet}>${icon('large')}<span class="word">Large</span></button>
            </div>
        `;
    }
}
