import { LitElement, css, html, type PropertyValues } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import type { Explanation, Image, Scores } from 'pellucid';
import { inlineStyle } from '../../core/inline-style.ts';
import { percent, short } from '../../core/numbers.ts';
import { paint } from '../../core/paint.ts';
import { ramp } from '../../core/ramp.ts';
import { largest } from '../../core/regions.ts';
import { Uses } from '../../state/signal.ts';
import { shared } from '../../styles/shared.ts';

const first = ({ outputs }: Explanation, name: string): number => (outputs[name] as number[] | undefined)?.[0] ?? NaN;

/**
 * How strongly the training images of each digit drive a unit: a strip of each digit's spread, and how well the unit
 * tells it.
 */
@customElement('pl-histograms')
export class PlHistograms extends LitElement {
    static override styles = [
        shared,
        css`
            :host {
                display: block;
                max-width: 40rem;
            }
            .rows {
                display: grid;
                grid-template-columns: max-content minmax(0, 1fr) 6ch;
                column-gap: var(--gap-3);
                align-items: center;
                line-height: 1.5;
            }
            .strip {
                position: relative;
                grid-column: 2;
            }
            canvas {
                display: block;
                width: 100%;
                height: calc(10 * 1.5em);
                image-rendering: pixelated;
                box-shadow: 0 0 0 1px var(--line);
            }
            .here {
                position: absolute;
                inset: -4px auto -4px;
                border-left: 2px solid var(--accent);
            }
            .names, .shares {
                display: grid;
                grid-auto-rows: 1.5em;
            }
            .shares {
                text-align: right;
            }
            .best {
                font-weight: 600;
            }
            .axis {
                grid-column: 2;
                display: flex;
                justify-content: space-between;
            }
        `,
    ];

    /** Of neuron_statistics. */
    @property({ attribute: false }) explanation!: Explanation;

    constructor() {
        super();
        new Uses(this, ramp);
    }
    protected override updated(_changed: PropertyValues<this>): void {
        const canvas = this.renderRoot.querySelector('canvas');
        const map = this.explanation.outputs['histogram'] as Image;
        if (canvas)
            paint(canvas, { map, kind: 'positive', input: null, scale: largest(map), marks: false }, ramp.value);
    }

    protected override render() {
        const { explanation } = this;
        const shares = (explanation.outputs['auc'] as Scores).values[0] ?? new Float32Array();
        const [low, high, here] = ['low', 'high', 'here'].map((name) => first(explanation, name));
        const best = shares.indexOf(Math.max(...shares));
        const place = Math.min(1, Math.max(0, (here! - low!) / (high! - low! || 1)));
        const words = Array.from(shares, (share, digit) => `${digit}: ${percent(share)} %`).join(', ');
        return html`
            <div class="rows" role="img" aria-label="How well it tells each digit from the others: ${words}">
                <div class="names">${Array.from(
                    shares,
                    (_, digit) => html`<span class=${digit === best ? 'best' : ''}>${digit}</span>`,
                )}</div>
                <div class="strip">
                    <canvas></canvas>
                    <span class="here" ${inlineStyle({ left: `${100 * place}%` })}></span>
                </div>
                <div class="shares">${Array.from(
                    shares,
                    (share, digit) => html`<span class=${digit === best ? 'best' : ''}>${percent(share)} %</span>`,
                )}</div>
                <span class="quiet axis"><span>${short(low!)}</span><span>its activity; the line: here,
                    ${short(here!)}</span><span>${short(high!)}</span></span>
            </div>
            <p class="quiet">
                A strip for each digit: how strongly its training images drive the unit. The per cents: how often an
                image of that digit
                drives it more than one of another; 50 % is chance.
            </p>
        `;
    }
}

declare global {
    interface HTMLElementTagNameMap {
        'pl-histograms': PlHistograms;
    }
}
