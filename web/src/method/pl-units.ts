import { LitElement, css, html } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import type { Image } from 'pellucid';
import { arrows } from '../core/arrows.ts';
import { short } from '../core/numbers.ts';
import { paint } from '../core/paint.ts';
import { ramp } from '../core/ramp.ts';
import { settings } from '../state/settings.ts';
import { shared } from '../styles/shared.ts';

export interface Cell {
    row: number;
    column: number;
}

/** A cell was chosen by a press or with the keyboard. */
export class CellChoice extends Event {
    readonly row: number;
    readonly column: number;

    constructor({ row, column }: Cell) {
        super('cell-choice');
        this.row = row;
        this.column = column;
    }
}

/** A layer's map whose cells can be chosen: with a press, or with the arrow keys. */
@customElement('pl-units')
export class PlUnits extends LitElement {
    static override styles = [
        shared,
        css`
            :host {
                display: block;
                position: relative;
                background: var(--paper);
                box-shadow: 0 0 0 1px var(--line);
                cursor: pointer;
            }
            canvas {
                display: block;
                width: 100%;
                height: 100%;
                image-rendering: pixelated;
            }
            span {
                position: absolute;
                pointer-events: none;
            }
            .chosen {
                outline: 2px solid var(--accent);
                box-shadow: 0 0 0 3.5px var(--paper);
                z-index: 1;
            }
            .sender {
                outline: 1.5px solid var(--text);
            }
            .hovered {
                outline: 1px solid var(--line-strong);
            }
            @media (forced-colors: active) {
                :host {
                    outline: 1px solid CanvasText;
                    forced-color-adjust: none;
                }
            }
            .value {
                left: 0;
                bottom: 0;
                padding: 0 4px;
                background: var(--paper);
                font-size: 0.75rem;
                line-height: 1.4;
                z-index: 2;
            }
            .value.up {
                bottom: auto;
                top: 0;
            }
        `,
    ];

    @property({ attribute: false }) map!: Image;
    @property({ type: Number }) scale = 0;
    @property({ attribute: false }) chosen: Cell | null = null;
    /** Cells that sent something to the chosen unit of the layer beneath. */
    @property({ attribute: false }) senders: readonly Cell[] = [];
    @property() label = '';
    @state() private hovered: Cell | null = null;
    @query('canvas') private canvas!: HTMLCanvasElement;
    #ends: (() => void)[] = [];

    override connectedCallback(): void {
        super.connectedCallback();
        const again = () => this.requestUpdate();
        this.#ends = [ramp.subscribe(again), settings.subscribe(again)];
    }
    override disconnectedCallback(): void {
        super.disconnectedCallback();
        for (const end of this.#ends) end();
    }
    protected override updated(): void {
        const { map, scale } = this;
        this.style.aspectRatio = `${map.width} / ${map.height}`;
        paint(this.canvas, { map, kind: 'signed', input: null, scale, marks: settings.value.marks }, ramp.value);
        this.renderRoot.querySelectorAll<HTMLElement>('span[data-row]').forEach((mark) => {
            const { row, column } = mark.dataset;
            mark.style.left = `${(100 * Number(column)) / map.width}%`;
            mark.style.top = `${(100 * Number(row)) / map.height}%`;
            mark.style.width = `${100 / map.width}%`;
            mark.style.height = `${100 / map.height}%`;
        });
    }

    #at(event: PointerEvent | MouseEvent): Cell {
        const box = this.getBoundingClientRect();
        const place = (at: number, size: number, cells: number) =>
            Math.min(cells - 1, Math.max(0, Math.floor((at / size) * cells)));
        return {
            row: place(event.clientY - box.top, box.height, this.map.height),
            column: place(event.clientX - box.left, box.width, this.map.width),
        };
    }
    readonly #choose = (event: MouseEvent): void => {
        // A press by the keyboard comes without a place.
        if (event.detail > 0) this.dispatchEvent(new CellChoice(this.#at(event)));
    };
    readonly #steer = (event: KeyboardEvent): void => {
        const { width, height } = this.map;
        const move = arrows[event.key];
        if (!move && event.key !== 'Enter' && event.key !== ' ') return;
        event.preventDefault();
        event.stopPropagation();
        const { row, column } = this.chosen ?? { row: height >> 1, column: width >> 1 };
        const [right, down] = this.chosen && move ? move : [0, 0];
        this.dispatchEvent(
            new CellChoice({
                row: Math.min(height - 1, Math.max(0, row + down)),
                column: Math.min(width - 1, Math.max(0, column + right)),
            }),
        );
    };
    readonly #point = (event: PointerEvent): void => {
        if (event.pointerType === 'touch') return;
        const cell = this.#at(event);
        if (cell.row !== this.hovered?.row || cell.column !== this.hovered.column) this.hovered = cell;
    };

    protected override render() {
        const { chosen, hovered, map, senders } = this;
        const mark = (kind: string, { row, column }: Cell) =>
            html`<span class=${kind} data-row=${row} data-column=${column}></span>`;
        const value = hovered && map.data[hovered.row * map.width + hovered.column];
        return html`
            <canvas
                width="1"
                height="1"
                role="application"
                aria-roledescription="map of units"
                aria-label=${this.label}
                tabindex="0"
                @click=${this.#choose}
                @keydown=${this.#steer}
                @pointermove=${this.#point}
                @pointerleave=${() => (this.hovered = null)}
            ></canvas>
            ${senders.map((cell) => mark('sender', cell))} ${hovered ? mark('hovered', hovered) : ''}
            ${chosen ? mark('chosen', chosen) : ''}
            ${
                typeof value === 'number'
                    ? html`<span class="value ${
                          hovered && hovered.row >= map.height / 2 ? 'up' : ''
                      }">${short(value)}</span>`
                    : ''
            }
        `;
    }
}

declare global {
    interface HTMLElementTagNameMap {
        'pl-units': PlUnits;
    }
}
