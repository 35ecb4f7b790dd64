import { LitElement, css, html } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import type { Table } from 'pellucid';
import { inUnit, sentence, words } from '../../core/words.ts';
import { shared } from '../../styles/shared.ts';

const few = 12;
const fewSmall = 4;

/** Rows of numbers; long ones open on demand. */
@customElement('pl-table')
export class PlTable extends LitElement {
    static override styles = [
        shared,
        css`
            :host {
                display: block;
            }
            .wide {
                max-width: 100%;
                position: relative;
                overflow-x: auto;
            }
            table {
                border-collapse: collapse;
                font-size: 0.9375rem;
                line-height: 1.35;
            }
            :host([small]) table {
                font-size: var(--small);
            }
            th, td {
                padding: 4px var(--gap-4) 4px 0;
                text-align: right;
                font-weight: 400;
                white-space: nowrap;
                border-bottom: 1px solid var(--line);
            }
            th {
                color: var(--muted);
                font-size: var(--small);
            }
        `,
    ];

    @property({ attribute: false }) table!: Table;
    @property() name = '';
    @property({ type: Boolean, reflect: true }) small = false;
    @state() private open = false;

    protected override render() {
        const { columns, rows } = this.table;
        const shown = this.open ? rows : rows.slice(0, this.small ? fewSmall : few);
        return html`
            <div class="wide" tabindex=${this.small ? -1 : 0} role="region" aria-label=${this.name}>
                <table>
                    <thead><tr>${columns.map(
                        (column) => html`<th scope="col">${sentence(words(column))}</th>`,
                    )}</tr></thead>
                    <tbody>${shown.map(
                        (row) => html`<tr>${row.map((value) => html`<td>${inUnit(value, '')}</td>`)}</tr>`,
                    )}</tbody>
                </table>
            </div>
            ${
                rows.length > shown.length && !this.small
                    ? html`<button @click=${() => (this.open = true)}>Show all ${rows.length} rows</button>`
                    : ''
            }
        `;
    }
}

declare global {
    interface HTMLElementTagNameMap {
        'pl-table': PlTable;
    }
}
