import { LitElement, css, html } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import type { MethodCard } from 'pellucid';
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

/** Methods in full are beneath: the parts above ask the questions. */
@customElement('pl-imagine')
export class PlImagine extends LitElement {
    static override styles = [
        shared,
        css`
            :host {
                display: grid;
                gap: var(--gap-6);
            }
            :host > * + * {
                padding-top: var(--gap-5);
                border-top: 1px solid var(--line);
            }
        `,
    ];

    @property({ attribute: false }) room!: Room;
    @property({ attribute: false }) cards: readonly MethodCard[] = [];

    protected override render() {
        return html`
            <pl-wall></pl-wall>
            <pl-morph></pl-morph>
            <pl-pad></pl-pad>
            <pl-depth></pl-depth>
            <pl-prior></pl-prior>
            <pl-fill></pl-fill>
            <pl-duel></pl-duel>
            <pl-room heading="Every synthesis, with all its settings" .room=${this.room} .cards=${this.cards}></pl-room>
        `;
    }
}

declare global {
    interface HTMLElementTagNameMap {
        'pl-imagine': PlImagine;
    }
}
