import { LitElement, css, html } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { inlineStyle } from '../../core/inline-style.ts';
import type { Prediction } from 'pellucid';
import { percent } from '../../core/numbers.ts';
import { shared } from '../../styles/shared.ts';

/** The ten probabilities before and after. */
@customElement('pl-compare')
export class PlCompare extends LitElement {
    static override styles = [
        shared,
        css`
            :host {
                display: block;
                max-width: 760px;
            }
            table {
                width: 100%;
                border-collapse: collapse;
            }
            th, td {
                padding: 1px 0;
                font-weight: 400;
                line-height: 1.2;
            }
            thead th {
                padding-bottom: var(--gap-1);
                color: var(--muted);
                font-size: var(--small);
                text-align: left;
            }
            tbody th {
                width: 2ch;
                text-align: left;
            }
            .best {
                font-weight: 600;
            }
            .cell {
                display: grid;
                grid-template-columns: 1fr 5.4ch;
                align-items: center;
                gap: var(--gap-2);
                padding-right: var(--gap-4);
                font-size: 0.875rem;
            }
            .number {
                white-space: nowrap;
                text-align: right;
            }
            .track {
                display: block;
                height: 10px;
                border-radius: 2px;
                background: color-mix(in srgb, var(--line) 60%, transparent);
                overflow: hidden;
            }
            .bar {
                display: block;
                height: 100%;
                background: var(--line-strong);
                transform-origin: 0 0;
            }
            .best .bar {
                background: var(--ink);
            }
        `,
    ];

    @property({ attribute: false }) original: Prediction | null = null;
    @property({ attribute: false }) attacked: Prediction | null = null;

    protected override render() {
        const cell = (prediction: Prediction | null, digit: number) => {
            const share = prediction?.probabilities[digit] ?? 0;
            return html`<td class=${prediction?.predicted === digit ? 'best' : ''}>
                <span class="cell">
                    <span class="track"><span class="bar" ${inlineStyle({
                        transform: `scaleX(${share.toFixed(4)})`,
                    })}></span></span>
                    <span class="number">${prediction ? `${percent(share)} %` : ''}</span>
                </span>
            </td>`;
        };
        return html`
            <table>
                <caption class="visually-hidden">Probability of each digit before and after the attack</caption>
                <thead>
                    <tr><th scope="col"><span class="visually-hidden">digit</span></th><th scope="col">before</th><th
                        scope="col">after</th></tr>
                </thead>
                <tbody>
                    ${Array.from(
                        { length: 10 },
                        (_, digit) => html`<tr><th
                        scope="row">${digit}</th>${cell(this.original, digit)}${cell(this.attacked, digit)}</tr>`,
                    )}
                </tbody>
            </table>
        `;
    }
}
