import { LitElement, css, html } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import type { MethodCard } from 'pellucid';
import '../../elements/pl-target.ts';
import '../../elements/pl-tile.ts';
import { phase } from '../../state/engine.ts';
import { Uses } from '../../state/signal.ts';
import { families } from '../../state/views.ts';
import { shared } from '../../styles/shared.ts';
import type { Room } from '../index.ts';

/** A room's methods, a tile each: the question first, then what answers it. */
@customElement('pl-room')
export class PlRoom extends LitElement {
    static override styles = [
        shared,
        css`
            :host {
                display: grid;
                gap: var(--gap-5);
            }
            .tiles {
                display: grid;
                grid-template-columns: repeat(auto-fill, minmax(196px, 1fr));
                gap: var(--gap-1) var(--gap-4);
                margin-top: var(--gap-3);
            }
            .tiles pl-tile {
                margin-bottom: var(--gap-5);
            }
            section + section {
                padding-top: var(--gap-4);
                border-top: 1px solid var(--line);
            }
            @media (max-width: 639px) {
                .tiles {
                    grid-template-columns: repeat(2, minmax(0, 1fr));
                }
            }
        `,
    ];

    @property({ attribute: false }) room!: Room;
    @property({ attribute: false }) cards: readonly MethodCard[] = [];
    /** Instead of the room's question, where these are not all of its methods. */
    @property() heading = '';

    constructor() {
        super();
        new Uses(this, phase);
    }

    protected override render() {
        if (phase.value.name !== 'ready') return html``;
        const groups = families(new Map(this.cards.map((card) => [card.id, card])));
        return html`
            <h2 tabindex="-1">${this.heading || this.room.question}</h2>
            ${this.cards.some(({ subject }) => subject !== 'data') ? html`<pl-target></pl-target>` : ''}
            ${groups.map(
                ({ family, title, cards }) => html`<section aria-labelledby=${family}>
                <h3 id=${family} class=${groups.length > 1 ? '' : 'visually-hidden'}>${title}</h3>
                <div class="tiles">
                    ${repeat(
                        cards,
                        ({ id }) => id,
                        (card) =>
                            html`<pl-tile asking .view=${{ method: card.id, params: {} }} .card=${card}></pl-tile>`,
                    )}
                </div>
            </section>`,
            )}
        `;
    }
}

declare global {
    interface HTMLElementTagNameMap {
        'pl-room': PlRoom;
    }
}
