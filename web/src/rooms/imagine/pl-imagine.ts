import { LitElement, css, html } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import type { MethodCard } from 'pellucid';
import { reducedMotion } from '../../state/settings.ts';
import { shared } from '../../styles/shared.ts';
import '../generic/pl-room.ts';
import type { Room } from '../index.ts';
import './pl-depth.ts';
import './pl-duel.ts';
import './pl-fill.ts';
import './pl-morph.ts';
import './pl-pad.ts';
import './pl-prior.ts';
import './pl-wall.ts';

/** The room's parts, and what they are called in its list. */
const parts = [
    { words: 'Ten digits', shown: () => html`<pl-wall></pl-wall>` },
    { words: 'Another answer', shown: () => html`<pl-morph></pl-morph>` },
    { words: 'Between digits', shown: () => html`<pl-pad></pl-pad>` },
    { words: 'Layer by layer', shown: () => html`<pl-depth></pl-depth>` },
    { words: 'Strokes and noise', shown: () => html`<pl-prior></pl-prior>` },
    { words: 'A gap', shown: () => html`<pl-fill></pl-fill>` },
    { words: 'No digit at all', shown: () => html`<pl-duel></pl-duel>` },
];

/** Methods in full are beneath: the parts above ask the questions. */
@customElement('pl-imagine')
export class PlImagine extends LitElement {
    static override styles = [
        shared,
        css`
            :host {
                display: grid;
                grid-template-columns: minmax(0, 1fr);
                gap: var(--gap-6);
            }
            .part {
                padding-top: var(--gap-5);
                border-top: 1px solid var(--line);
                scroll-margin-top: var(--desk);
            }
            .part:first-of-type {
                padding-top: 0;
                border-top: 0;
            }
            nav {
                display: flex;
                flex-wrap: wrap;
                gap: var(--gap-1);
                margin-bottom: calc(var(--gap-5) - var(--gap-6));
            }
            nav button {
                font-size: var(--small);
            }
        `,
    ];

    @property({ attribute: false }) room!: Room;
    @property({ attribute: false }) cards: readonly MethodCard[] = [];

    protected override render() {
        return html`
            <nav class="screen" aria-label="In this room">
                ${parts.map(
                    ({ words }, index) => html`<button class="bare" @click=${() => this.#to(index)}>${words}</button>`,
                )}
            </nav>
            ${parts.map(({ shown }) => html`<section class="part">${shown()}</section>`)}
            <section class="part">
                <pl-room heading="Every synthesis, with all its settings" .room=${this.room}
                    .cards=${this.cards}></pl-room>
            </section>
        `;
    }
    #to(index: number): void {
        const part = this.renderRoot.querySelectorAll('.part')[index];
        part?.scrollIntoView({ behavior: reducedMotion() ? 'auto' : 'smooth' });
        part?.firstElementChild?.shadowRoot?.querySelector('h2')?.focus({ preventScroll: true });
    }
}

declare global {
    interface HTMLElementTagNameMap {
        'pl-imagine': PlImagine;
    }
}
