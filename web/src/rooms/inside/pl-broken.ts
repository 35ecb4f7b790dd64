import { LitElement, css, html, unsafeCSS } from 'lit';
import { customElement } from 'lit/decorators.js';
import type { MethodCard } from 'pellucid';
import { icon } from '../../core/icons.ts';
import { givesMap } from '../../core/items.ts';
import { twoColumns } from '../../core/layout.ts';
import { unitText } from '../../core/unit.ts';
import { sentence } from '../../core/words.ts';
import { changes, mend, setChange } from '../../state/changes.ts';
import { entryOf } from '../../state/models.ts';
import { phase } from '../../state/engine.ts';
import { address } from '../../state/route.ts';
import { Uses } from '../../state/signal.ts';
import { tray, usable, type Slot } from '../../state/tray.ts';
import { arrangement, largeView } from '../../state/views.ts';
import { shared } from '../../styles/shared.ts';
import './pl-mini.ts';
import { changeWords, unitOfChange } from './change-words.ts';

/** Says in every room that the network is broken on purpose, and where; one press mends it. */
@customElement('pl-broken')
export class PlBroken extends LitElement {
    static override styles = [
        shared,
        css`
            :host {
                display: grid;
                grid-template-columns: minmax(0, 1fr) auto;
                gap: var(--gap-2) var(--gap-4);
                align-items: center;
                padding: var(--gap-3) var(--gap-4);
                border: 1px dashed var(--accent);
                border-radius: var(--radius);
                background: var(--accent-soft);
            }
            /* Beside the board it stays in view, as the board does. */
            @media ${unsafeCSS(twoColumns)} {
                :host {
                    position: sticky;
                    z-index: 2;
                    top: var(--gap-2);
                }
            }
            .maps {
                display: flex;
                gap: var(--gap-3);
                grid-column: 1 / -1;
                align-items: start;
            }
            ul {
                display: flex;
                flex-wrap: wrap;
                gap: 0 var(--gap-4);
                grid-column: 1 / -1;
            }
            @container (min-width: 620px) {
                :host {
                    grid-template-columns: auto minmax(0, 1fr) auto;
                }
                .maps {
                    grid-area: 1 / 1 / 3 / 2;
                }
                p {
                    grid-area: 1 / 2;
                }
                ul {
                    grid-area: 2 / 2 / 3 / 4;
                    align-self: start;
                }
            }
            li {
                display: inline-flex;
                align-items: center;
            }
            b {
                font-weight: 600;
            }
        `,
    ];

    constructor() {
        super();
        new Uses(this, changes, phase, tray, arrangement);
    }

    protected override render() {
        const list = changes.value;
        if (phase.value.name !== 'ready' || list.length === 0) return '';
        const { model, modelId, cards } = phase.value;
        return html`
            <p><b>${entryOf(modelId).title} is broken on purpose.</b> Everything here is about the broken network.</p>
            <button class="main" @click=${mend}>${icon('reset')} Mend it</button>
            <ul>
                ${list.map((change) => {
                    const words = changeWords(change, model.layers);
                    const unit = unitOfChange(change);
                    return html`<li>
                        ${
                            unit
                                ? html`<a href=${address({
                                      room: 'unit',
                                      unit: unitText(unit),
                                  })}>${sentence(words)}</a>`
                                : html`<span>${sentence(words)}</span>`
                        }
                        <button class="icon bare" aria-label="Take back: ${words}" title="Take it back" @click=${() =>
                            setChange({ ...change, factor: 1, noise: 0 })}>${icon('close')}</button>
                    </li>`;
                })}
            </ul>
            <div class="maps">${this.#maps(cards)}</div>
        `;
    }

    /** Every map of the comparison; without any, the one that is shown large over the drawing. */
    #maps(cards: ReadonlyMap<string, MethodCard>) {
        const large = largeView(cards);
        const shown = usable(tray.value, cards).filter(({ view }) => givesMap(cards.get(view.method)!));
        const none = { target: null, model: null, drawing: null };
        const slots: readonly Slot[] = shown.length > 0 ? shown : large ? [{ view: large, ...none }] : [];
        return slots.map(
            ({ view, target, model, drawing }) => html`<pl-mini
                .view=${view}
                .card=${cards.get(view.method)}
                .source=${{ model, drawing }}
                .target=${target ?? undefined}
            ></pl-mini>`,
        );
    }
}

declare global {
    interface HTMLElementTagNameMap {
        'pl-broken': PlBroken;
    }
}
