import { LitElement, css, html } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { shared } from '../../styles/shared.ts';

/** A number that a method was asked for, as large as a map would be. */
@customElement('pl-number')
export class PlNumber extends LitElement {
    static override styles = [
        shared,
        css`
            :host {
                display: grid;
                align-content: center;
                justify-items: center;
                gap: var(--gap-1);
                min-height: 112px;
                padding: var(--gap-3);
                background: var(--paper);
                border-radius: 2px;
                box-shadow: 0 0 0 1px var(--line);
                text-align: center;
            }
            .number {
                font: 400 clamp(2rem, 1rem + 4vw, 3.25rem) / 1.1 var(--serif);
            }
            :host([small]) .number {
                font-size: 1.75rem;
            }
        `,
    ];

    @property({ attribute: false }) texts: string[] = [];
    @property() name = '';
    @property({ type: Boolean, reflect: true }) small = false;

    protected override render() {
        return html`<span class="number">${this.texts.join(', ')}</span><span class="quiet">${this.name}</span>`;
    }
}

declare global {
    interface HTMLElementTagNameMap {
        'pl-number': PlNumber;
    }
}
