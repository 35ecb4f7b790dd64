import { LitElement, css, html } from 'lit';
import { customElement, property, query } from 'lit/decorators.js';
import { icon } from '../core/icons.ts';
import { shared } from '../styles/shared.ts';

/** A modal panel with a heading and a way out: the button, Escape, or a press beside it. */
@customElement('pl-dialog')
export class PlDialog extends LitElement {
    static override styles = [
        shared,
        css`
            dialog {
                width: min(34rem, 100vw - 2 * var(--edge));
                max-height: calc(100dvh - 2 * var(--edge));
                padding: 0;
                border: 1px solid var(--line);
                border-radius: 10px;
                background: var(--table);
                color: var(--text);
                box-shadow: var(--lift);
                overscroll-behavior: contain;
            }
            :host([wide]) dialog {
                width: min(54rem, 100vw - 2 * var(--edge));
                max-width: none;
            }
            dialog::backdrop {
                background: light-dark(#26231f66, #000a);
            }
            .head {
                position: sticky;
                top: 0;
                z-index: 1;
                display: flex;
                align-items: center;
                justify-content: space-between;
                padding: var(--gap-2) var(--gap-2) var(--gap-2) var(--gap-5);
                background: var(--table);
            }
            .body {
                padding: var(--gap-1) var(--gap-5) var(--gap-5);
            }
        `,
    ];

    @property() heading = '';
    /** Room for two columns. */
    @property({ type: Boolean, reflect: true }) wide = false;
    @query('dialog') private dialog!: HTMLDialogElement;

    show(): void {
        this.dialog.showModal();
    }
    hide(): void {
        this.dialog.close();
    }

    protected override render() {
        const beside = (event: MouseEvent) => event.target === this.dialog && this.dialog.close();
        return html`
            <dialog aria-labelledby="heading" @click=${beside}>
                <div class="head">
                    <h2 id="heading">${this.heading}</h2>
                    <button class="icon bare" aria-label="Close"
                        @click=${() => this.dialog.close()}>${icon('close')}</button>
                </div>
                <div class="body"><slot></slot></div>
            </dialog>
        `;
    }
}

declare global {
    interface HTMLElementTagNameMap {
        'pl-dialog': PlDialog;
    }
}
