import { LitElement, html } from 'lit';
import { customElement, property, query } from 'lit/decorators.js';
import type { Explanation, MethodCard } from 'pellucid';
import { icon } from '../../core/icons.ts';
import { givesMap, growth, mainItem, mainKind, mainMap } from '../../core/items.ts';
import { milliseconds } from '../../core/numbers.ts';
import { LiveView } from '../../elements/live-view.ts';
import '../../elements/pl-legend.ts';
import '../../elements/pl-map.ts';
import type { PlMap } from '../../elements/pl-map.ts';
import '../../elements/pl-run.ts';
import { missingFor } from '../../state/belongings.ts';
import { changes } from '../../state/changes.ts';
import { drawingToText } from '../../state/drawing-text.ts';
import { sheet } from '../../state/drawing.ts';
import { phase } from '../../state/engine.ts';
import { allModels, visiting } from '../../state/models.ts';
import { address } from '../../state/route.ts';
import { settings } from '../../state/settings.ts';
import { Uses } from '../../state/signal.ts';
import { takesDigits } from '../../state/target.ts';
import { changeSlot, removeSlot, type Slot } from '../../state/tray.ts';
import { settingWords, shortTitle } from '../../state/views.ts';
import { shared } from '../../styles/shared.ts';
import '../../views/pl-item.ts';
import { slotStyles } from './pl-slot.css.ts';

/** Another answer is shown in a slot. */
export class SlotAnswer extends Event {
    readonly explanation: Explanation | null;

    constructor(explanation: Explanation | null) {
        super('slot-answer');
        this.explanation = explanation;
    }
}

/** One place of the comparison: a method, and what of it is its own: target, network, drawing. */
@customElement('pl-slot')
export class PlSlot extends LitElement {
    static override styles = [shared, slotStyles];

    @property({ attribute: false }) slotted!: Slot;
    @property({ attribute: false }) index = 0;
    @property({ attribute: false }) card!: MethodCard;
    /** The scale of all slots; null: each its own. */
    @property({ attribute: false }) fixed: number | null = null;
    @query('pl-map') private map!: PlMap | null;
    #told: Explanation | null = null;
    readonly #live = new LiveView(this, {
        map: () => this.map,
        card: () => this.card,
        view: () => this.slotted.view,
        onSheet: false,
        source: () => ({ model: this.slotted.model, drawing: this.slotted.drawing }),
        target: () => this.slotted.target ?? undefined,
    });

    constructor() {
        super();
        new Uses(this, settings, phase, changes, visiting);
    }
    protected override updated(): void {
        const { explanation } = this.#live;
        if (explanation === this.#told) return;
        this.#told = explanation;
        this.dispatchEvent(new SlotAnswer(explanation));
    }

    protected override render() {
        const { card, slotted, index } = this;
        const { answer, explanation: known, failure, run } = this.#live;
        const modelId = slotted.model ?? (phase.value.name === 'ready' ? phase.value.modelId : '');
        const missing = missingFor(card, modelId, slotted.model !== null);
        // A picture that grew is shown growing.
        const grown = known ? growth(card, known) : undefined;
        const main = known ? (grown ?? mainItem(card, known)) : undefined;
        const title = shortTitle(card);
        return html`
            <div class="head">
                <button class="method" aria-label="Another method than ${title}" title="Another method" @click=${() =>
                    this.dispatchEvent(new Event('slot-pick'))}>
                    <span>${title} <small>${settingWords(slotted.view, card)}</small></span>${icon('search')}
                </button>
                <button class="icon bare" aria-label="Take ${title} out" title="Take it out"
                    @click=${() => removeSlot(index)}>${icon('close')}</button>
            </div>
            ${
                givesMap(card) && !grown
                    ? html`<pl-map .fixed=${this.fixed}></pl-map><pl-legend kind=${
                          mainKind(card) === 'change' ? 'signed' : mainKind(card)
                      } .scale=${known ? (this.map?.scale ?? 0) : 0}></pl-legend>`
                    : main && known
                      ? html`<pl-item small controls .card=${card} .output=${main.output} .item=${main.item}
                          .beside=${main.beside} .explanation=${known} .input=${answer?.frame.input ?? null}></pl-item>`
                      : html`<div class="empty"></div>`
            }
            <p class="quiet meta">
                <span>${missing ?? failure ?? (answer ? `reads ${answer.frame.prediction.predicted}` : '')}</span>
                <span>${known ? milliseconds(known.milliseconds) : ''}</span>
            </p>
            <div class="run ${card.progressive ? 'kept' : ''}">
                ${
                    card.pace === 'asked' || card.progressive
                        ? html`<pl-run narrow ?asked=${card.pace === 'asked'}
                    .run=${run} .missing=${missing ?? ''} @run-start=${() => this.#live.start()}></pl-run>`
                        : ''
                }
            </div>
            ${this.#own()}
            <a class="adjust" href=${address({ room: 'method', ...slotted.view })}>Adjust</a>
        `;
    }

    /** What of it does not follow the page. */
    #own() {
        const { card, slotted, index } = this;
        const chosen = /^class:(\d)$/.exec(slotted.target ?? '')?.[1] ?? '';
        const kept = slotted.drawing !== null;
        return html`<div class="own screen">
            ${
                takesDigits(card)
                    ? html`<select
                      aria-label="What is explained in slot ${index + 1}"
                      @change=${(event: Event) => {
                          const { value } = event.target as HTMLSelectElement;
                          changeSlot(index, { target: value === '' ? null : `class:${value}` });
                      }}
                  >
                      <option value="" ?selected=${chosen === ''}>the page’s question</option>
                      ${Array.from(
                          { length: 10 },
                          (_, digit) => html`<option value=${digit}
                          ?selected=${chosen === String(digit)}>why ${digit}?</option>`,
                      )}
                  </select>`
                    : ''
            }
            ${
                allModels().length > 1
                    ? html`<select
                      aria-label="The network of slot ${index + 1}"
                      @change=${(event: Event) => {
                          const { value } = event.target as HTMLSelectElement;
                          changeSlot(index, { model: value === '' ? null : value });
                      }}
                  >
                      <option value="" ?selected=${slotted.model === null}>the page’s network${
                          changes.value.length > 0 ? ', broken' : ''
                      }</option>
                      ${allModels().map(
                          ({ id, title }) => html`<option value=${id}
                          ?selected=${slotted.model === id}>${title}</option>`,
                      )}
                  </select>`
                    : ''
            }
            <button
                aria-pressed=${kept}
                title=${kept ? 'Follow the drawing on the board' : 'Keep the drawing as it is now'}
                @click=${() => changeSlot(index, { drawing: kept ? null : drawingToText(sheet.strokes) || null })}
            >${kept ? 'kept drawing' : 'keep this drawing'}</button>
        </div>`;
    }

    /** The map that is compared. */
    static mapOf(card: MethodCard, explanation: Explanation | null) {
        return explanation && givesMap(card) ? mainMap(card, explanation) : null;
    }
}

declare global {
    interface HTMLElementTagNameMap {
        'pl-slot': PlSlot;
    }
}
