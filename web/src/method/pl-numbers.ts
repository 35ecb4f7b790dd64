import { LitElement, css, html } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import type { Explanation, MethodCard } from 'pellucid';
import { givesMap, mainKind, numbersOf } from '../core/items.ts';
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

    @property({ attribute: false }) card!: MethodCard;
    @property({ attribute: false }) explanation!: Explanation;

    protected override render() {
        const { value, map } = this.explanation;
        const pairs: [string, string][] = this.card.subject !== 'data' ? [['score f(x)', short(value)]] : [];
        if (givesMap(this.card) && mainKind(this.card) !== 'image')
            pairs.push(['sum of the map', short(map.data.reduce((total, each) => total + each, 0))]);
        for (const { output, value: number } of numbersOf(this.card, this.explanation))
            pairs.push(report(output, number));
        return html`
            <h3>Numbers</h3>
            <dl>${pairs.map(([name, number]) => html`<dt>${name}</dt><dd>${number}</dd>`)}</dl>
        `;
    }
}
