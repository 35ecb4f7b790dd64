import { LitElement, css, html } from 'lit';
import { customElement, property, query } from 'lit/decorators.js';
import type { Explanation, MethodCard } from 'pellucid';
import { mainKind, numberIn } from '../core/items.ts';
import { icon } from '../core/icons.ts';
import { milliseconds } from '../core/numbers.ts';
import { address } from '../state/route.ts';
import { settings } from '../state/settings.ts';
import { Uses } from '../state/signal.ts';
import { isPinned, settingWords, shortTitle, showLarge, togglePin, type View } from '../state/views.ts';
import { shared } from '../styles/shared.ts';
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
    @query('pl-map') private map!: PlMap;
    readonly #live = new LiveView(this, { map: () => this.map, card: () => this.card, view: () => this.view, onSheet: false });

    constructor() {
        super();
        new Uses(this, settings);
    }
    override connectedCallback(): void {
        super.connectedCallback();
        this.addEventListener('pointermove', this.#point);
        this.addEventListener('pointerleave', this.#leave);
    }
    readonly #point = (event: PointerEvent): void => {
        if (event.pointerType !== 'touch') this.map.point(event);
    };
    readonly #leave = (): void => this.map.leave();

    protected override render() {
        const { card, view } = this;
        const { answer, explanation: known, failure } = this.#live;
        const variant = settingWords(view, card);
        const title = shortTitle(card);
        const pinned = isPinned(view);
        return html`
            <h3>
                <a href=${address({ room: 'method', ...view })} title=${card.title} @keydown=${this.#keys}>${title}</a>
                ${variant ? html`<small>${variant}</small>` : ''} ${pinned ? icon('pin') : ''}
            </h3>
            <p class="quiet question">${card.question}</p>
            <pl-map></pl-map>
            <pl-legend kind=${mainKind(card)} .scale=${known ? this.map.scale : 0}></pl-legend>
            <p class="quiet meta">
                <span class=${failure ? 'error' : ''}>
                    ${failure ?? (answer?.shortened ? `preview: ${answer.shortened}` : mainKind(card) === 'image' && known ? read(card, known) : '')}
                </span>
                <span class="ms">${known ? milliseconds(known.milliseconds) : ''}</span>
            </p>
            <div class="actions">
                <button class="icon" aria-label="Show ${title} large" title="Show large" @click=${() => showLarge(view)}>${icon('large')}</button>
                <button class="icon" aria-label="Pin ${title}" title=${pinned ? 'Unpin' : 'Pin first'} aria-pressed=${pinned} @click=${() => togglePin(view)}>
                    ${icon('pin')}
                </button>
            </div>
        `;
    }
    readonly #keys = (event: KeyboardEvent): void => {
        if (event.key === 'p') togglePin(this.view);
        else if (event.key === 'l') showLarge(this.view);
    };
}

/** What the network makes of a changed drawing, in a few words. */
function read(card: MethodCard, explanation: Explanation): string {
    const predicted = numberIn('class', card, explanation);
    const probability = numberIn('share', card, explanation);
    return predicted === undefined ? '' : `read as ${predicted} (${Math.round(100 * (probability ?? 0))} %)`;
}
