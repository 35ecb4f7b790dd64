import { LitElement, css, html } from 'lit';
import { customElement, query } from 'lit/decorators.js';
import { shared } from '../styles/shared.ts';
import './pl-dialog.ts';
import type { PlDialog } from './pl-dialog.ts';

const keys: readonly [string, string][] = [
    ['0 – 9', 'explain this digit; the same again: follow the answer'],
    ['Shift + 0 – 9', 'compare with this digit: why one and not the other'],
    ['Z, Y', 'undo, redo'],
    ['E', 'eraser'],
    ['C', 'clear the sheet'],
    ['Arrows', 'on the board: move (with Shift: three at a time); on a map: read single pixels'],
    ['Space', 'on the board: put the pen down, lift it'],
    ['L, P', 'on a tile: show it large, compare it'],
    ['Esc', 'back, close'],
    ['?', 'this list'],
];

/** The keys, and the gestures. */
@customElement('pl-keys')
export class PlKeys extends LitElement {
    static override styles = [
        shared,
        css`
            dl {
                display: grid;
                grid-template-columns: max-content 1fr;
                gap: var(--gap-2) var(--gap-4);
                align-items: baseline;
            }
            kbd {
                padding: 1px 8px;
                border: 1px solid var(--line-strong);
                border-radius: 4px;
                background: var(--paper);
                font: inherit;
                white-space: nowrap;
            }
            .more {
                margin-top: var(--gap-4);
            }
        `,
    ];
    @query('pl-dialog') private dialog!: PlDialog;

    show(): void {
        this.dialog.show();
    }

    protected override render() {
        return html`
            <pl-dialog heading="Keys">
                <dl>${keys.map(([key, what]) => html`<dt><kbd>${key}</kbd></dt><dd>${what}</dd>`)}</dl>
                <p class="quiet more">On a touch screen one finger draws; a second one on the board scrolls the
                    page.</p>
            </pl-dialog>
        `;
    }
}

declare global {
    interface HTMLElementTagNameMap {
        'pl-keys': PlKeys;
    }
}
