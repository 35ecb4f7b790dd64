import { LitElement, css, html, svg } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import type { Series } from 'pellucid';
import { along, axis, type Axis } from '../../core/chart.ts';
import { inUnit } from '../../core/words.ts';
import { shared } from '../../styles/shared.ts';

const [width, height] = [360, 200];
const margin = { left: 46, right: 12, top: 10, bottom: 24 };

/** A curve for each sample: axes with round numbers, and the value under the pointer or the arrow keys. */
@customElement('pl-series')
export class PlSeries extends LitElement {
    static override styles = [
        shared,
        css`
            :host {
                display: block;
                position: relative;
            }
            svg {
                display: block;
                width: 100%;
                max-width: 40rem;
                overflow: visible;
                background: var(--paper);
                border-radius: 2px;
                box-shadow: 0 0 0 1px var(--line);
            }
            text {
                font: 400 12px var(--sans);
                fill: var(--muted);
            }
            :host([small]) text {
                font-size: 20px;
            }
            .grid {
                stroke: var(--line);
            }
            .zero {
                stroke: var(--line-strong);
            }
            .curve {
                fill: none;
                stroke: var(--accent);
                stroke-width: 2;
                stroke-linejoin: round;
            }
            :host([small]) .curve {
                stroke-width: 4;
            }
            .dot {
                fill: var(--accent);
            }
            .reading {
                display: flex;
                justify-content: space-between;
                gap: var(--gap-3);
                min-height: 1.5em;
            }
        `,
    ];

    @property({ attribute: false }) series!: Series;
    @property() name = '';
    @property() along = '';
    @property() unit = '';
    @property() label = '';
    @property({ type: Boolean, reflect: true }) small = false;
    @state() private index: number | null = null;

    readonly #point = (event: PointerEvent): void => {
        const box = (event.currentTarget as Element).getBoundingClientRect();
        const x = ((event.clientX - box.left) / box.width) * width;
        const across = this.#across;
        const distances = Array.from(this.series.at, (value) => Math.abs(this.#x(value, across) - x));
        this.index = distances.length > 0 ? distances.indexOf(Math.min(...distances)) : null;
    };
    readonly #leave = (): void => {
        this.index = null;
    };
    readonly #keys = (event: KeyboardEvent): void => {
        const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
        if (step === undefined) return;
        this.index = Math.min(this.series.at.length - 1, Math.max(0, (this.index ?? (step > 0 ? -1 : this.series.at.length)) + step));
        event.preventDefault();
    };

    get #across(): Axis {
        return axis(this.series.at);
    }
    #x(value: number, across: Axis): number {
        return margin.left + along(value, across) * (width - margin.left - margin.right);
    }

    protected override render() {
        const { series, unit, small } = this;
        const across = this.#across;
        // Shares are seen against nothing and all.
        const up = axis(series.values.flatMap((curve) => Array.from(curve)), unit === 'share' || unit === 'yes' ? [0, 1] : []);
        const x = (value: number) => this.#x(value, across);
        const y = (value: number) => height - margin.bottom - along(value, up) * (height - margin.top - margin.bottom);
        const line = (curve: Float32Array) =>
            Array.from(curve, (value, i) => (Number.isFinite(value) ? `${x(series.at[i] ?? i).toFixed(1)},${y(value).toFixed(1)}` : '')).join(' ');
        const at = this.index;
        const shown = (ticks: readonly number[]) => (small ? [ticks[0]!, ticks.at(-1)!] : ticks);
        return html`
            <svg
                viewBox="0 0 ${width} ${height}"
                role="img"
                aria-label=${this.label}
                tabindex=${small ? -1 : 0}
                @pointermove=${this.#point}
                @pointerleave=${this.#leave}
                @keydown=${this.#keys}
                @blur=${this.#leave}
            >
                ${shown(up.ticks).map((tick) => svg`
                    <line class=${tick === 0 ? 'zero' : 'grid'} x1=${margin.left} x2=${width - margin.right} y1=${y(tick)} y2=${y(tick)} />
                    <text x=${margin.left - 6} y=${y(tick) + 4} text-anchor="end">${inUnit(tick, unit)}</text>`)}
                ${shown(across.ticks).map((tick) => svg`<text x=${x(tick)} y=${height - 7} text-anchor="middle">${inUnit(tick, '')}</text>`)}
                ${series.values.map((curve) => svg`<polyline class="curve" points=${line(curve)} />`)}
                ${at === null ? '' : series.values.map((curve) => svg`<circle class="dot" r="4" cx=${x(series.at[at] ?? at)} cy=${y(curve[at] ?? 0)} />`)}
            </svg>
            ${small
                ? ''
                : html`<p class="quiet reading">
                      <span>${at === null ? html`↑ ${this.name}` : series.values.map((curve) => inUnit(curve[at] ?? NaN, unit)).join(', ')}</span>
                      <span>${at === null ? html`${this.along} →` : html`at ${this.along} ${inUnit(series.at[at] ?? at, '')}`}</span>
                  </p>`}
        `;
    }
}

declare global {
    interface HTMLElementTagNameMap {
        'pl-series': PlSeries;
    }
}
