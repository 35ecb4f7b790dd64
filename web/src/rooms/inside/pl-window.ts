import { LitElement, css, html } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import type { Image } from 'pellucid';
import { inlineStyle } from '../../core/inline-style.ts';
import { short } from '../../core/numbers.ts';
import { largest } from '../../core/regions.ts';
import { legendColour, ramp } from '../../core/ramp.ts';
import { Uses } from '../../state/signal.ts';
import { shared } from '../../styles/shared.ts';
import '../../elements/pl-map.ts';

/** Larger windows are pictures: their numbers would be too small to read. */
const mostCells = 5;

/** A number that fits into a cell: two or three digits. */
function inCell(value: number): string {
    const size = Math.abs(value);
    if (size === 0) return '0';
    if (size < 0.0005) return '≈0';
    const digits = size.toFixed(size < 0.1 ? 3 : size < 9.95 ? 2 : size < 99.5 ? 1 : 0);
    return value < 0 ? `−${digits}` : digits;
}

/** One channel of a window: its numbers in their colours, or a picture. */
@customElement('pl-window')
export class PlWindow extends LitElement {
    static override styles = [
        shared,
        css`
            :host {
                display: block;
            }
            .cells {
                display: grid;
                width: max-content;
                gap: 1px;
                border: 1px solid var(--line-strong);
                background: var(--line);
            }
            .cells span {
                display: grid;
                place-items: center;
                width: 44px;
                height: 30px;
                background: var(--paper);
                font-size: 0.75rem;
                position: relative;
                isolation: isolate;
            }
            .cells i {
                position: absolute;
                inset: 0;
                z-index: -1;
                opacity: 0.45;
                forced-color-adjust: none;
            }
            .largest {
                font-weight: 600;
                outline: 2px solid var(--text);
                outline-offset: -2px;
            }
            pl-map {
                width: 126px;
            }
            @container (max-width: 519px) {
                .cells span {
                    width: 38px;
                }
            }
        `,
    ];

    /** Of one channel. */
    @property({ attribute: false }) values!: Image;
    /** Of the strongest colour; 0: its own largest value. */
    @property({ type: Number }) scale = 0;
    @property() label = '';
    /** The largest number is marked. */
    @property({ type: Boolean }) maximum = false;

    constructor() {
        super();
        new Uses(this, ramp);
    }

    protected override render() {
        const { values, label } = this;
        const { data, width, height } = values;
        const scale = this.scale || largest(values) || 1;
        if (width > mostCells || height > mostCells)
            return html`<pl-map label=${label} .shown=${{ map: values, kind: 'signed', scale }}></pl-map>`;
        const most = this.maximum ? data.indexOf(Math.max(...data)) : -1;
        return html`<div class="cells" role="img" aria-label="${label}: ${Array.from(data, short).join(', ')}"
            ${inlineStyle({ 'grid-template-columns': `repeat(${width}, max-content)` })}>
            ${Array.from(
                data,
                (value, at) =>
                    html`<span aria-hidden="true" class=${at === most ? 'largest' : ''}><i ${inlineStyle({
                        background: legendColour(ramp.value, Math.max(-1, Math.min(1, value / scale))),
                    })}></i>${inCell(value)}</span>`,
            )}
        </div>`;
    }
}

declare global {
    interface HTMLElementTagNameMap {
        'pl-window': PlWindow;
    }
}
