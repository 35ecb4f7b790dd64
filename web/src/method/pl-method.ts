import { LitElement, html, type PropertyValues } from 'lit';
import { customElement, property, query } from 'lit/decorators.js';
import type { Explanation, MethodCard, Params } from 'pellucid';
import { inForce } from '../core/acting.ts';
import { formulas } from '../core/formula.ts';
import { icon } from '../core/icons.ts';
import { furtherItems, givesMap, isExplanation, isSeveral, mainItem, mainKind } from '../core/items.ts';
import { milliseconds } from '../core/numbers.ts';
import { wrongParams } from '../core/wrong.ts';
import { LiveView } from '../elements/live-view.ts';
import '../elements/pl-badges.ts';
import '../elements/pl-later.ts';
import '../elements/pl-legend.ts';
import '../elements/pl-map.ts';
import type { PlMap } from '../elements/pl-map.ts';
import '../elements/pl-run.ts';
import '../elements/pl-target.ts';
import { roomFor } from '../rooms/index.ts';
import { missingFor, ownImages, takesData } from '../state/belongings.ts';
import { phase } from '../state/engine.ts';
import type { Walked } from '../state/layers.ts';
import { address, amend, go, travelled } from '../state/route.ts';
import { settings } from '../state/settings.ts';
import { Uses } from '../state/signal.ts';
import { inTray, mostSlots, toggleSlot, tray } from '../state/tray.ts';
import { arrangement, reduced, sameView, setShown, showLarge, shownViews, type View } from '../state/views.ts';
import { shared } from '../styles/shared.ts';
import '../views/pl-item.ts';
import '../views/pl-results.ts';
import { controls } from './controls.ts';
import './pl-check.ts';
import { methodStyles } from './pl-method.css.ts';
import './pl-formula.ts';
import './pl-numbers.ts';
import './pl-walk.ts';

const loadImages = () => import('../elements/pl-own-images.ts');
const images = () => html`<pl-own-images></pl-own-images>`;

/** A method in full: what it gives, large, its controls, formula, numbers, and what it cannot tell. */
@customElement('pl-method')
export class PlMethod extends LitElement {
    static override styles = [shared, methodStyles];

    @property({ attribute: false }) card!: MethodCard;
    @property({ attribute: false }) params: Params = {};
    @query('.picture > pl-map') private map!: PlMap | null;
    readonly #live = new LiveView(this, {
        map: () => this.map,
        card: () => this.card,
        view: () => this.#view,
        onSheet: true,
    });

    constructor() {
        super();
        new Uses(this, settings, arrangement, tray, phase, ownImages);
    }
    protected override updated(changed: PropertyValues<this>): void {
        if (!changed.has('card')) return;
        const before = changed.get('card');
        if (travelled())
            this.renderRoot.querySelector<HTMLElement>('h2')?.focus({ preventScroll: before !== undefined });
    }
    get #view(): View {
        const view = reduced({ method: this.card.id, params: this.params }, this.card);
        // What a link gives and the method has not stays in, so that the core says so.
        const unknown = Object.entries(this.params).filter(
            ([name]) => !this.card.params.some((param) => param.name === name),
        );
        return { ...view, params: { ...Object.fromEntries(unknown), ...view.params } };
    }
    readonly #change = (params: Params): void =>
        amend({ room: 'method', ...reduced({ method: this.card.id, params }, this.card) });

    protected override render() {
        const { card } = this;
        const { answer, explanation: known } = this.#live;
        const room = roomFor(card);
        const further = known ? furtherItems(card, known) : [];
        // Small maps stand beneath the controls; what needs room has all of the width.
        const wide = further.some(({ output }) => output.kind !== 'map');
        const results = () =>
            html`<pl-results .card=${card} .explanation=${known} .input=${answer?.frame.input ?? null}></pl-results>`;
        return html`
            <header>
                <a class="button back screen" href=${address({ room: room.id })} title="Back to ${room.title}">
                    ${icon('back')} <span class="to">${room.id === 'why' ? 'All methods' : room.title}</span>
                </a>
                <div class="title">
                    <h2 tabindex="-1">${card.title}</h2>
                    <p class="question">${card.question}</p>
                    ${isExplanation(card) ? html`<pl-badges line class="screen" .view=${this.#view}></pl-badges>` : ''}
                </div>
                ${this.#actions()}
            </header>
            <div class="work">
                <div class="picture">${this.#picture()}</div>
                <div class="side">
                    <div class="controls screen">
                        <pl-target .card=${card}></pl-target>
                        ${controls(card, this.params, Object.keys(this.#view.params).length > 0, this.#change)}
                    </div>
                    ${takesData(card) ? html`<pl-later .load=${loadImages} .content=${images}></pl-later>` : ''}
                    ${known && answer && further.length > 0 && !wide ? results() : ''}
                </div>
            </div>
            ${known && answer && wide ? results() : ''}
            <div class="text">
                <h3>What it computes</h3>
                ${formulas(card.id, known?.params ?? inForce(card, this.params), card.formula).map(
                    ({ where, latex }) =>
                        html`${
                            where ? html`<p class="quiet where">${where}</p>` : ''
                        }<pl-formula .latex=${latex}></pl-formula>`,
                )}
                <h3>What it cannot tell</h3>
                <p class="serif">${card.caveat}</p>
                ${known ? html`<pl-numbers .card=${card} .explanation=${known}></pl-numbers>` : ''}
                ${
                    isExplanation(card)
                        ? html`<pl-check .view=${this.#view} .card=${card}
                    .explanation=${known}></pl-check>`
                        : ''
                }
                <h3>Where it comes from</h3>
                <p class="serif">
                    ${card.reference.authors} (${card.reference.year}). <cite>${card.reference.title}</cite>.
                    ${card.reference.venue}.
                </p>
            </div>
            ${
                answer && known && known.ledger.length > 0
                    ? html`<pl-walk .walked=${this.#walked(known, answer.frame.input.data)}></pl-walk>`
                    : ''
            }
        `;
    }

    #picture() {
        const { card } = this;
        const { answer, explanation: known, failure, run } = this.#live;
        const lacking = phase.value.name === 'ready' ? missingFor(card, phase.value.modelId) : null;
        // What waits to be asked says beforehand what is wrong; of all others the core does.
        const wrong = card.pace === 'asked' ? wrongParams(card, this.params) : null;
        const missing = lacking ?? wrong;
        const partly = known && known.progress < 1 ? `${Math.floor(100 * known.progress)} % of it` : '';
        const preview = [answer?.shortened ?? '', partly].filter((each) => each !== '').join(', ');
        const asMap = givesMap(card) && !(known && isSeveral(known.map));
        const main = known && !asMap ? mainItem(card, known) : undefined;
        return html`
            ${
                asMap
                    ? html`<pl-map steerable></pl-map><pl-legend worded kind=${mainKind(card)}
                        .scale=${known ? (this.map?.scale ?? 0) : 0}></pl-legend>`
                    : main && known
                      ? html`<pl-item captioned .card=${card} .output=${main.output} .item=${main.item}
                          .beside=${main.beside} .explanation=${known} .input=${answer?.frame.input ?? null}></pl-item>`
                      : html`<div class="empty"></div>`
            }
            <p class="quiet">${
                known && card.pace !== 'asked'
                    ? html`${milliseconds(known.milliseconds)}${preview ? `, preview: ${preview}` : ''}`
                    : ''
            }</p>
            <pl-run
                ?asked=${card.pace === 'asked'}
                ?ofDrawing=${card.subject === 'input' || card.subject === 'attribution'}
                .run=${run}
                .missing=${wrong ? 'It cannot begin like this.' : (missing ?? '')}
                @run-start=${() => this.#live.start()}
            ></pl-run>
            ${
                (wrong ?? (card.pace === 'asked' ? null : lacking))
                    ? html`<p
                role="alert">${wrong ?? lacking}</p>`
                    : failure
                      ? html`<p role="alert">${failure}</p>`
                      : ''
            }
            ${
                answer || card.pace === 'asked' || card.subject === 'model' || card.subject === 'data'
                    ? ''
                    : html`<p
                class="quiet">Draw something to see it explained.</p>`
            }
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

    #actions() {
        if (phase.value.name !== 'ready') return '';
        const { cards } = phase.value;
        const view = this.#view;
        const isTile = shownViews(cards).some((other) => sameView(other, view));
        const compared = inTray(view);
        const toSheet = () => {
            showLarge(view);
            go({ room: 'why' });
        };
        return html`
            <div class="actions screen">
                <button aria-pressed=${isTile} aria-label="Tile" title="Show among the tiles of Why"
                    @click=${() => setShown(view, !isTile, cards)}>
                    ${icon('tiles')}<span class="word">Tile</span>
                </button>
                <button
                    aria-pressed=${compared}
                    aria-label="Compare"
                    title=${compared ? 'Take out of the comparison' : `Put into the comparison, of up to ${mostSlots}`}
                    @click=${() => toggleSlot(view)}
                >${icon('compare')}<span class="word">Compare</span></button>
                ${
                    givesMap(this.card) && this.card.pace !== 'asked'
                        ? html`<button aria-label="Large" title="Show large over the drawing"
                            @click=${toSheet}>${icon('large')}<span class="word">Large</span></button>`
                        : ''
                }
            </div>
        `;
    }
}

declare global {
    interface HTMLElementTagNameMap {
        'pl-method': PlMethod;
    }
}
