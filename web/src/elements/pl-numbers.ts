import { LitElement, css, html } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import type { Explanation, LedgerRow } from 'pellucid';
import { short } from '../core/numbers.ts';
import { words } from '../state/views.ts';
import { shared } from '../styles/shared.ts';
import './pl-map.ts';
import type { PlMap } from './pl-map.ts';

/** What else a method reports: numbers, further images, and the ledger of relevance layer by layer. */
@customElement('pl-numbers')
export class PlNumbers extends LitElement {
    static override styles = [
        shared,
        css`
            h3 {
                margin: var(--gap-4) 0 var(--gap-1);
            }
            dl {
                display: grid;
                grid-template-columns: minmax(8rem, max-content) 1fr;
                gap: 0 var(--gap-5);
            }
            dd {
                text-align: left;
            }
            dt {
                color: var(--muted);
            }
            .wide {
                overflow-x: auto;
            }
            table {
                border-collapse: collapse;
                width: 100%;
            }
            th, td {
                padding: 2px var(--gap-3) 2px 0;
                text-align: right;
                font-weight: 400;
                border-bottom: 1px solid var(--line);
            }
            thead th {
                color: var(--muted);
                font-size: var(--small);
            }
            th:first-child {
                text-align: left;
            }
            .images {
                display: flex;
                flex-wrap: wrap;
                gap: var(--gap-4);
            }
            figure {
                width: 168px;
            }
        `,
    ];

    @property({ attribute: false }) explanation!: Explanation;

    protected override updated(): void {
        const maps = this.renderRoot.querySelectorAll<PlMap>('pl-map');
        Object.values(this.explanation.images).forEach((map, index) => {
            const signed = map.data.some((value) => value < 0);
            maps[index]?.show({ map, kind: signed ? 'signed_map' : 'positive_map' });
        });
    }

    protected override render() {
        const { value, numbers, images, ledger, map } = this.explanation;
        const sum = map.data.reduce((total, each) => total + each, 0);
        const attack = numbers['success'] !== undefined;
        const pairs: [string, number][] = [['score f(x)', value], ...(attack ? [] : [['sum of the map', sum] satisfies [string, number]])];
        for (const [name, number] of Object.entries(numbers)) pairs.push([words(name), number]);
        return html`
            <h3>Numbers</h3>
            <dl>${pairs.map(([name, number]) => html`<dt>${name}</dt><dd>${short(number)}</dd>`)}</dl>
            ${ledger.length > 0 ? table(ledger) : ''}
            ${Object.keys(images).length > 0
                ? html`<h3>Further images</h3>
                      <div class="images">
                          ${Object.keys(images).map((name) => html`<figure><pl-map label=${words(name)}></pl-map><figcaption class="quiet">${words(name)}</figcaption></figure>`)}
                      </div>`
                : ''}
        `;
    }
}

function table(ledger: readonly LedgerRow[]) {
    return html`
        <h3>Where the score goes, layer by layer</h3>
        <div class="wide" tabindex="0" role="region" aria-label="Ledger of relevance">
            <table>
                <thead>
                    <tr><th scope="col">layer</th><th scope="col">enters</th><th scope="col">leaves</th><th scope="col">kept by bias</th><th scope="col">by stabiliser</th></tr>
                </thead>
                <tbody>
                    ${ledger.map(
                        (row) => html`<tr>
                            <th scope="row">${row.layer}</th>
                            <td>${short(row.entering)}</td>
                            <td>${short(row.leaving)}</td>
                            <td>${short(row.bias)}</td>
                            <td>${short(row.stabiliser)}</td>
                        </tr>`,
                    )}
                </tbody>
            </table>
        </div>
    `;
}
