import { LitElement, css, html } from 'lit';
import { customElement, query } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import { icon } from '../../core/icons.ts';
import { givesMap } from '../../core/items.ts';
import { phase } from '../../state/engine.ts';
import { address } from '../../state/route.ts';
import { settings } from '../../state/settings.ts';
import { Uses } from '../../state/signal.ts';
import { arrangement, families, largeView, showLarge, shownViews, viewKey } from '../../state/views.ts';
import { shared } from '../../styles/shared.ts';
import '../../elements/pl-later.ts';
import '../../elements/pl-picker.ts';
import './pl-hero.ts';
import '../../elements/pl-tile.ts';
import type { PlPicker } from '../../elements/pl-picker.ts';

/** The first room: the big map, and a tile for every method, all of the same drawing. */
@customElement('pl-why')
export class PlWhy extends LitElement {
    static override styles = [
        shared,
        css`
            :host {
                display: grid;
                gap: var(--gap-6);
            }
            .head {
                display: flex;
                align-items: start;
                justify-content: space-between;
                gap: var(--gap-4);
                margin-bottom: var(--gap-4);
                padding-top: var(--gap-5);
                border-top: 1px solid var(--line);
            }
            .choose {
                flex: none;
            }
            /* As high as what comes, so that nothing beneath it moves. */
            .later {
                min-height: 420px;
                padding-top: var(--gap-5);
                border-top: 1px solid var(--line);
            }
            .tiles {
                display: grid;
                grid-template-columns: repeat(auto-fill, minmax(196px, 1fr));
                gap: var(--gap-1) var(--gap-4);
            }
            .families {
                columns: 18rem 3;
                column-gap: var(--gap-5);
                margin-top: var(--gap-3);
            }
            .family {
                break-inside: avoid;
                margin-bottom: var(--gap-5);
            }
            .family a {
                display: block;
                min-height: var(--touch);
                padding: var(--gap-2) 0;
                border-bottom: 1px solid var(--line);
                text-decoration: none;
                line-height: 1.3;
            }
            .family a:hover {
                border-color: var(--accent);
            }
            .family a .quiet {
                display: block;
                line-height: 1.35;
            }
            .tiles pl-tile {
                margin-bottom: var(--gap-5);
            }
            @media (max-width: 639px) {
                .head .word {
                    display: none;
                }
                .choose {
                    padding: 0;
                }
                .tiles {
                    grid-template-columns: repeat(2, minmax(0, 1fr));
                }
            }
        `,
    ];

    @query('pl-picker') private choose!: PlPicker;

    constructor() {
        super();
        new Uses(this, phase, arrangement, settings);
    }

    /** What is laid over the drawing follows it, and so is no method that waits to be asked. */
    readonly #pick = (): void => this.choose.pick(showLarge, (card) => givesMap(card) && card.pace !== 'asked');

    protected override render() {
        if (phase.value.name !== 'ready') return html``;
        const { cards } = phase.value;
        const large = largeView(cards);
        const largeCard = large && cards.get(large.method);
        const views = shownViews(cards);
        return html`
            ${
                large && largeCard
                    ? html`<pl-hero .view=${large} .card=${largeCard}
                @hero-pick=${this.#pick}></pl-hero>`
                    : ''
            }
            <section aria-labelledby="methods">
                <div class="head">
                    <div>
                        <h2 id="methods">One drawing, ${views.length} ${views.length === 1 ? 'method' : 'methods'}</h2>
                        <p class="quiet">
                            ${
                                settings.value.scale === 'own'
                                    ? 'Each map has its own scale, given beneath it.'
                                    : 'All maps share one scale, given beneath each.'
                            }
                            Where they disagree, that is part of the answer.
                        </p>
                    </div>
                    <button class="choose screen" aria-label="Choose methods"
                        @click=${() => this.choose.show()}>${icon('tiles')}<span class="word">Choose</span></button>
                </div>
                ${
                    views.length === 0
                        ? html`<p>No method is shown. Choose some, or <button
                            @click=${() => this.choose.show()}>take the standard ones</button>.</p>`
                        : html`<div class="tiles">
                          ${repeat(
                              views,
                              viewKey,
                              (view) => html`<pl-tile .view=${view}
                              .card=${cards.get(view.method)}></pl-tile>`,
                          )}
                      </div>`
                }
            </section>
            <section class="later" aria-label="What if a part were missing?">
                <pl-later .load=${() => import('./pl-hiding.ts')}
                    .content=${() => html`<pl-hiding></pl-hiding>`}></pl-later>
            </section>
            <section class="later" aria-label="And if it had never seen that part?">
                <pl-later .load=${() => import('./pl-ablation.ts')}
                    .content=${() => html`<pl-ablation></pl-ablation>`}></pl-later>
            </section>
            <section class="screen" aria-labelledby="all">
                <h2 id="all">All ${cards.size} methods</h2>
                <div class="families">
                    ${families(cards).map(
                        ({ title, cards: members }) => html`
                            <div class="family">
                                <h3>${title}</h3>
                                <ul>
                                    ${members.map(
                                        (card) => html`<li>
                                            <a href=${address({ room: 'method', method: card.id, params: {} })}>
                                                ${card.title}<span class="quiet">${card.question}</span>
                                            </a>
                                        </li>`,
                                    )}
                                </ul>
                            </div>
                        `,
                    )}
                </div>
            </section>
            <pl-picker></pl-picker>
        `;
    }
}
