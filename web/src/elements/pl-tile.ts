import { LitElement, css, html } from 'lit';
import { customElement, property, query } from 'lit/decorators.js';
import type { Explanation, MethodCard } from 'pellucid';
import { givesMap, mainItem, mainKind, numberIn } from '../core/items.ts';
import { icon } from '../core/icons.ts';
import { milliseconds } from '../core/numbers.ts';
import { missingFor } from '../state/belongings.ts';
import { phase } from '../state/engine.ts';
import { address } from '../state/route.ts';
import { settings } from '../state/settings.ts';
import { Uses } from '../state/signal.ts';
import { inTray, toggleSlot, tray } from '../state/tray.ts';
import { settingWords, shortTitle, showLarge, type View } from '../state/views.ts';
import { shared } from '../styles/shared.ts';
import '../views/pl-item.ts';
import { LiveView } from './live-view.ts';
import './pl-legend.ts';
import './pl-map.ts';
import type { PlMap } from './pl-map.ts';

/** One method, live: title, question, map, legend, time. The whole of it leads to the method in full. */
@customElement('pl-tile')
export class PlTile extends LitElement {
    static override styles = [
        shared,
        css`
            :host {
                display: grid;
                grid-row: span 6;
                grid-template-rows: subgrid;
                position: relative;
                min-width: 0;
                align-content: start;
            }
            h3 {
                display: flex;
                flex-wrap: wrap;
                align-items: baseline;
                column-gap: var(--gap-2);
                line-height: 1.3;
            }
            h3 small {
                font-weight: 400;
                font-size: var(--small);
                color: var(--muted);
            }
            h3 svg.icon {
                width: 14px;
                height: 14px;
                align-self: center;
                color: var(--accent);
            }
            a {
                color: inherit;
                text-decoration: none;
            }
            a::after {
                content: '';
                position: absolute;
                inset: calc(-1 * var(--gap-2));
                border-radius: var(--radius);
            }
            a:hover::after, a:focus-visible::after {
                box-shadow: 0 0 0 1px var(--line-strong);
            }
            a:focus-visible {
                outline: none;
            }
            a:focus-visible::after {
                outline: 2px solid var(--accent);
            }
            /* Whole pixels of the screen for each of the network's, and everything as wide as the map. */
            h3, .question, pl-map, pl-legend, .meta {
                width: round(down, 100%, var(--map-step));
            }
            pl-map {
                align-self: start;
            }
            .other {
                grid-row: span 2;
                align-self: start;
                width: round(down, 100%, var(--map-step));
            }
            .empty {
                aspect-ratio: 1;
                background: var(--paper);
                border-radius: 2px;
                box-shadow: 0 0 0 1px var(--line);
            }
            :host([asking]) .question {
                order: -1;
                color: var(--text);
                font: 400 1.0625rem / 1.35 var(--serif);
            }
            .question {
                padding-bottom: var(--gap-1);
            }
            .meta {
                display: flex;
                flex-wrap: wrap;
                justify-content: space-between;
                column-gap: var(--gap-2);
            }
            .error {
                color: var(--text);
            }
            .actions {
                position: absolute;
                z-index: 1;
                right: 0;
                display: none;
            }
            .actions button {
                background: var(--raised);
                border-color: var(--line);
            }
            /* Without a pointer that hovers they stand beneath the tile. */
            @media (hover: none), (pointer: coarse) {
                .actions {
                    position: relative;
                    display: flex;
                    gap: var(--gap-2);
                    justify-self: start;
                }
            }
            @media (hover: hover) and (pointer: fine) {
                :host(:hover) .actions, :host(:focus-within) .actions {
                    display: flex;
                    gap: var(--gap-1);
                    top: calc(-1 * var(--gap-2));
                    right: calc(-1 * var(--gap-2));
                }
            }
            @media print {
                .actions, .question {
                    display: none !important;
                }
                :host {
                    break-inside: avoid;
                }
            }
        `,
    ];

    @property({ attribute: false }) view!: View;
    @property({ attribute: false }) card!: MethodCard;
    /** The question first, the method's name second. */
    @property({ type: Boolean, reflect: true }) asking = false;
    @query('pl-map') private map!: PlMap | null;
    readonly #live = new LiveView(this, {
        map: () => this.map,
        card: () => this.card,
        view: () => this.view,
        onSheet: false,
    });

    constructor() {
        super();
        new Uses(this, settings, tray, phase);
    }
    override connectedCallback(): void {
        super.connectedCallback();
        this.addEventListener('pointermove', this.#point);
        this.addEventListener('pointerleave', this.#leave);
    }
    readonly #point = (event: PointerEvent): void => {
        if (event.pointerType !== 'touch') this.map?.point(event);
    };
    readonly #leave = (): void => this.map?.leave();

    protected override render() {
        const { card, view } = this;
        const { explanation: known, failure } = this.#live;
        const variant = settingWords(view, card);
        const title = shortTitle(card);
        const compared = inTray(view);
        const missing = phase.value.name === 'ready' ? missingFor(card, phase.value.modelId) : null;
        const said = missing ?? failure ?? this.#said();
        return html`
            <h3>
                <a href=${address({ room: 'method', ...view })} title=${card.title} @keydown=${this.#keys}>${title}</a>
                ${variant ? html`<small>${variant}</small>` : ''} ${compared ? icon('compare') : ''}
            </h3>
            <p class="quiet question">${card.question}</p>
            ${this.#picture()}
            <p class="quiet meta">
                <span class=${(missing ?? failure) ? 'error' : ''}>${said}</span>
                <span class="ms">${known ? milliseconds(known.milliseconds) : ''}</span>
            </p>
            <div class="actions">
                ${
                    givesMap(card) && card.pace !== 'asked'
                        ? html`<button class="icon" aria-label="Show ${title} large" title="Show large"
                            @click=${() => showLarge(view)}>${icon('large')}</button>`
                        : ''
                }
                <button
                    class="icon"
                    aria-label="Compare ${title}"
                    title=${compared ? 'Take out of the comparison' : 'Put into the comparison'}
                    aria-pressed=${compared}
                    @click=${() => toggleSlot(view)}
                >${icon('compare')}</button>
            </div>
        `;
    }

    #picture() {
        const { card } = this;
        const { answer, explanation: known } = this.#live;
        if (givesMap(card)) {
            const kind = mainKind(card);
            return html`<pl-map></pl-map><pl-legend kind=${kind === 'change' ? 'signed' : kind}
                .scale=${known ? (this.map?.scale ?? 0) : 0}></pl-legend>`;
        }
        const main = known ? mainItem(card, known) : undefined;
        return main && known
            ? html`<pl-item class="other" small .card=${card} .output=${main.output} .item=${main.item}
                .beside=${main.beside} .explanation=${known} .input=${answer?.frame.input ?? null}></pl-item>`
            : html`<div class="other empty"></div>`;
    }

    #said(): string {
        const { card } = this;
        const { answer, explanation: known, run } = this.#live;
        if (card.pace === 'asked')
            return run?.active ? `${Math.floor(100 * run.progress)} % done` : known ? '' : 'starts when you ask for it';
        if (known && known.progress < 1) return `${Math.floor(100 * known.progress)} % done`;
        if (answer?.shortened) return `preview: ${answer.shortened}`;
        return mainKind(card) === 'image' && known ? read(card, known) : '';
    }
    readonly #keys = (event: KeyboardEvent): void => {
        if (event.key === 'p') toggleSlot(this.view);
        else if (event.key === 'l' && givesMap(this.card)) showLarge(this.view);
    };
}

/** What the network makes of a changed drawing, in a few words. */
function read(card: MethodCard, explanation: Explanation): string {
    const predicted = numberIn('class', card, explanation);
    const probability = numberIn('share', card, explanation);
    return predicted === undefined ? '' : `read as ${predicted} (${Math.round(100 * (probability ?? 0))} %)`;
}
