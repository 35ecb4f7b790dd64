import { LitElement, css, html } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { inlineStyle } from '../core/inline-style.ts';
import type { MapKind } from 'pellucid';
import { short } from '../core/numbers.ts';
import { legendColour, ramp } from '../core/ramp.ts';
import { settings } from '../state/settings.ts';
import { Uses } from '../state/signal.ts';
import { shared } from '../styles/shared.ts';

const stops = 12;

/** Which colour is which number. */
@customElement('pl-legend')
export class PlLegend extends LitElement {
    static override styles = [
        shared,
        css`
            :host {
                display: block;
                font-size: var(--small);
                line-height: 1.3;
                color: var(--muted);
            }
            .scale {
                display: grid;
                grid-template-columns: auto 1fr auto;
                align-items: center;
                gap: var(--gap-2);
            }
            .scale span:first-child {
                min-width: 4.5ch;
            }
            .scale span:last-child {
                min-width: 4.5ch;
                text-align: right;
            }
            .bar {
                height: 8px;
                border-radius: 2px;
                box-shadow: 0 0 0 1px var(--line);
                print-color-adjust: exact;
            }
            @media (forced-colors: active) {
                .scale .bar {
                    outline: 1px solid CanvasText;
                }
                .against, .for {
                    color: CanvasText;
                }
            }
            .words {
                display: flex;
                justify-content: space-between;
            }
            .against {
                color: var(--against);
            }
            .for {
                color: var(--for);
            }
        `,
    ];

    @property() kind: MapKind = 'signed';
    @property({ type: Number }) scale = 0;
    /** With the words "for" and "against" beneath. */
    @property({ type: Boolean }) worded = false;

    constructor() {
        super();
        new Uses(this, ramp, settings);
    }

    protected override render() {
        const { kind, scale } = this;
        const { ink, paper } = ramp.value;
        const from = kind === 'signed' ? -1 : 0;
        const colours = Array.from({ length: stops + 1 }, (_, i) =>
            legendColour(ramp.value, from + ((1 - from) * i) / stops),
        );
        const gradient = kind === 'image' ? [paper, ink].map(([r, g, b]) => `rgb(${r} ${g} ${b})`) : colours;
        const [low, high] =
            kind === 'image'
                ? ['0', '1']
                : scale === 0
                  ? ['', '']
                  : kind === 'signed'
                    ? [short(-scale), `+${short(scale)}`]
                    : ['0', short(scale)];
        const { marks } = settings.value;
        return html`
            <div class="scale">
                <span>${low}</span>
                <span class="bar" ${inlineStyle({
                    background: `linear-gradient(to right, ${gradient.join(', ')})`,
                })}></span>
                <span>${high}</span>
            </div>
            ${
                this.worded && kind === 'signed'
                    ? html`<div class="words">
                      <span class="against">${marks ? '− ' : ''}against</span><span
                          class="for">${marks ? '+ ' : ''}for</span>
                  </div>`
                    : this.worded && kind === 'image'
                      ? html`<div class="words"><span>paper</span><span>ink</span></div>`
                      : ''
            }
        `;
    }
}
