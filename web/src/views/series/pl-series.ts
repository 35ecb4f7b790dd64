import { LitElement, css, html, svg } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { along, axis, logAxis, type Axis } from '../../core/chart.ts';
import { inUnit, unitName } from '../../core/words.ts';
import { shared } from '../../styles/shared.ts';

const [width, height] = [360, 200];
const margin = { left: 46, right: 22, top: 10, bottom: 24 };

/** A line of the picture. */
export interface Curve {
    name: string;
    at: Float32Array;
    values: Float32Array;
}

/** Curves over one axis: axes with round numbers, and the value under the pointer or the arrow keys. */
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
            .mark {
                stroke: var(--line-strong);
                stroke-dasharray: 2 3;
            }
            /* Curves differ in their dashes, so that colour is not the only carrier. */
            .curve.c1 {
                stroke: var(--for);
                stroke-dasharray: 6 4;
            }
            .curve.c2 {
                stroke: var(--against);
                stroke-dasharray: 2 4;
            }
            .curve.c3 {
                stroke: var(--muted);
                stroke-dasharray: 10 3 2 3;
            }
            .key {
                margin-right: var(--gap-3);
                white-space: nowrap;
            }
            i {
                display: inline-block;
                width: 18px;
                margin-right: 5px;
                border-top: 2px solid var(--accent);
                vertical-align: middle;
            }
            i.c1 {
                border-top: 2px dashed var(--for);
            }
            i.c2 {
                border-top: 2px dotted var(--against);
            }
            i.c3 {
                border-top: 2px dashed var(--muted);
            }
            b {
                font-weight: 600;
                color: var(--text);
            }
            .reading {
                display: flex;
                justify-content: space-between;
                gap: var(--gap-3);
                min-height: 1.5em;
            }
            .reading > :last-child {
                flex: none;
                max-width: 50%;
                text-align: right;
            }
        `,
    ];

    @property({ attribute: false }) curves: readonly Curve[] = [];
    @property() name = '';
    @property() along = '';
    @property() unit = '';
    @property() label = '';
    @property({ type: Boolean, reflect: true }) small = false;
    /** A place of the first curve that is marked whatever the pointer does, such as where a slider stands. */
    @property({ attribute: false }) mark: number | null = null;
    /** Of a place of the first curve. */
    @state() private index: number | null = null;

    get #at(): Float32Array {
        return this.curves[0]?.at ?? new Float32Array();
    }
    readonly #point = (event: PointerEvent): void => {
        const box = (event.currentTarget as Element).getBoundingClientRect();
        const x = ((event.clientX - box.left) / box.width) * width;
        const across = this.#across;
        const distances = Array.from(this.#at, (value) => Math.abs(this.#x(value, across) - x));
        this.index = distances.length > 0 ? distances.indexOf(Math.min(...distances)) : null;
    };
    readonly #leave = (): void => {
        this.index = null;
    };
    readonly #keys = (event: KeyboardEvent): void => {
        const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
        if (step === undefined) return;
        this.index = Math.min(
            this.#at.length - 1,
            Math.max(0, (this.index ?? (step > 0 ? -1 : this.#at.length)) + step),
        );
        event.preventDefault();
    };

    get #across(): Axis {
        return logAxis(this.#at) ?? axis(this.curves.flatMap(({ at }) => Array.from(at)));
    }
    #x(value: number, across: Axis): number {
        return margin.left + along(value, across) * (width - margin.left - margin.right);
    }

    protected override render() {
        const { curves, unit, small } = this;
        const across = this.#across;
        // Shares are seen against nothing and all.
        const up = axis(
            curves.flatMap(({ values }) => Array.from(values)),
            ['share', 'probability', 'yes'].includes(unit) ? [0, 1] : [],
        );
        const x = (value: number) => this.#x(value, across);
        const y = (value: number) => height - margin.bottom - along(value, up) * (height - margin.top - margin.bottom);
        const line = ({ at, values }: Curve) =>
            Array.from(values, (value, i) =>
                Number.isFinite(value) ? `${x(at[i] ?? i).toFixed(1)},${y(value).toFixed(1)}` : '',
            ).join(' ');
        const index = this.index ?? this.mark;
        const place = index === null ? undefined : this.#at[index];
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
                ${shown(up.ticks).map(
                    (tick) => svg`
                    <line class=${tick === 0 ? 'zero' : 'grid'} x1=${margin.left} x2=${width - margin.right}
                        y1=${y(tick)} y2=${y(tick)} />
                    <text x=${margin.left - 6} y=${y(tick) + 4} text-anchor="end">${axisWords(tick, unit)}</text>`,
                )}
                ${shown(across.ticks).map(
                    (tick) => svg`<text x=${x(tick)} y=${height - 7}
                    text-anchor="middle">${inUnit(tick, '')}</text>`,
                )}
                ${
                    place === undefined || this.mark === null
                        ? ''
                        : svg`<line class="mark" x1=${x(place)} x2=${x(place)}
                    y1=${margin.top} y2=${height - margin.bottom} />`
                }
                ${curves.map((curve, which) => svg`<polyline class="curve c${which % 4}" points=${line(curve)} />`)}
                ${
                    index === null || place === undefined
                        ? ''
                        : curves.map(
                              ({ values }, which) => svg`<circle
                    class="dot c${which % 4}" r="4" cx=${x(place)} cy=${y(values[index] ?? 0)} />`,
                          )
                }
            </svg>
            ${small ? '' : this.#reading(index, place)}
        `;
    }

    #reading(index: number | null, place: number | undefined) {
        const { curves, unit } = this;
        const value = (curve: Curve) =>
            index === null ? '' : html` <b>${inUnit(curve.values[index] ?? NaN, unit)}</b>`;
        return html`<p class="quiet reading">
            <span>${
                index === null && curves.length < 2
                    ? html`↑ ${this.name}${unitName(unit) ? ` in ${unitName(unit)}` : ''}`
                    : curves.map(
                          (curve, which) =>
                              html`<span class="key">${
                                  curves.length > 1 ? html`<i class="c${which % 4}"></i>${curve.name}` : ''
                              }${value(curve)}</span>`,
                      )
            }</span>
            <span>${
                index === null ? html`${this.along} →` : html`at ${this.along} ${inUnit(place ?? index, '')}`
            }</span>
        </p>`;
    }
}

/** On an axis all is said to be all. */
const axisWords = (value: number, unit: string): string =>
    unit === 'share' || unit === 'probability' ? `${inUnit(100 * value, '')} %` : inUnit(value, unit);

declare global {
    interface HTMLElementTagNameMap {
        'pl-series': PlSeries;
    }
}
