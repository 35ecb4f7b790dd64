import { LitElement, css, html } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import type { Explanation } from 'pellucid';
import { short } from '../core/numbers.ts';
import { report } from '../core/words.ts';
import { shared } from '../styles/shared.ts';

/** What else a method reports: its numbers. */
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
        `,
    ];

    @property({ attribute: false }) explanation!: Explanation;

    protected override render() {
        const { value, numbers, map } = this.explanation;
        const sum = map.data.reduce((total, each) => total + each, 0);
        const attack = numbers['success'] !== undefined;
        const pairs: [string, string][] = [['score f(x)', short(value)], ...(attack ? [] : [['sum of the map', short(sum)] satisfies [string, string]])];
        for (const [name, number] of Object.entries(numbers)) pairs.push(report(name, number));
        return html`
            <h3>Numbers</h3>
            <dl>${pairs.map(([name, text]) => html`<dt>${name}</dt><dd>${text}</dd>`)}</dl>
        `;
    }
}
