import { LitElement, html, type PropertyValues } from 'lit';
import { customElement, property, query } from 'lit/decorators.js';
import type { MethodCard, Params } from 'pellucid';
import { icon } from '../core/icons.ts';
import { milliseconds } from '../core/numbers.ts';
import { phase } from '../state/engine.ts';
import { address, amend, go } from '../state/route.ts';
import { settings } from '../state/settings.ts';
import { Uses } from '../state/signal.ts';
import { arrangement, isPinned, reduced, sameView, setShown, showLarge, shownViews, togglePin, type View } from '../state/views.ts';
import { shared } from '../styles/shared.ts';
import { LiveView } from './live-view.ts';
import { methodStyles } from './pl-method.css.ts';
import './pl-formula.ts';
import './pl-legend.ts';
import './pl-map.ts';
import './pl-numbers.ts';
import './pl-param.ts';
import './pl-target.ts';
import type { PlMap } from './pl-map.ts';
import type { ParamChange } from './pl-param.ts';

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
        this.renderRoot.querySelector<HTMLElement>('h2')?.focus({ preventScroll: before !== undefined });
    }
    get #view(): View {
        return reduced({ method: this.card.id, params: this.params }, this.card);
    }

    #change(param: string, value: Params[string]): void {
        const view = reduced({ method: this.card.id, params: { ...this.params, [param]: value } }, this.card);
        amend({ room: 'method', ...view });
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
            <div class="picture">
                <pl-map steerable></pl-map>
                <pl-legend worded kind=${card.result} .scale=${known ? this.map.scale : 0}></pl-legend>
                <p class="quiet">
                    ${known ? `${milliseconds(known.milliseconds)} ms` : ''}${answer?.shortened ? `, preview: ${answer.shortened}` : ''}
                </p>
                ${failure ? html`<p role="alert">${failure}</p>` : ''}
                ${answer ? '' : html`<p class="quiet">Draw something to see it explained.</p>`}
            </div>
            <div class="controls screen">
                <pl-target></pl-target>
                ${this.#controls()}
            </div>
            <div class="text">
                <h3>What it computes</h3>
                <pl-formula .latex=${card.formula}></pl-formula>
                <h3>What it cannot tell</h3>
                <p class="serif">${card.caveat}</p>
                ${known ? html`<pl-numbers .explanation=${known}></pl-numbers>` : ''}
                <h3>Where it comes from</h3>
                <p class="serif">
                    ${card.reference.authors} (${card.reference.year}). <cite>${card.reference.title}</cite>. ${card.reference.venue}.
                </p>
            </div>
        `;
    }

    #controls() {
        const { card } = this;
        // Images come from programs, not from controls; neither do choices that need one.
        const params = card.params.filter(({ type }) => type !== 'image');
        const images = card.params.filter(({ type }) => type === 'image').map(({ name }) => name);
        if (params.length === 0) return html`<p class="quiet">This method has nothing to set.</p>`;
        return html`
            ${params.map(
                (param) => html`<pl-param
                    .card=${param}
                    .value=${this.params[param.name] ?? param.default}
                    .without=${images.includes(`${param.name}_image`) ? ['image'] : []}
                    @param-change=${(event: ParamChange) => this.#change(event.param, event.value)}
                ></pl-param>`,
            )}
            <button
                ?disabled=${Object.keys(this.#view.params).length === 0}
                @click=${() => amend({ room: 'method', method: card.id, params: {} })}
            >
                ${icon('reset')} Back to the defaults
            </button>
        `;
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
                <button aria-pressed=${isTile} @click=${() => setShown(view, !isTile, cards)}>${icon('tiles')} Tile</button>
                <button aria-pressed=${isPinned(view)} ?disabled=${!isTile} @click=${() => togglePin(view)}>${icon('pin')} Pin</button>
                <button @click=${toSheet}>${icon('large')} Large</button>
            </div>
        `;
    }
}
