import { LitElement, css, html, type PropertyValues } from 'lit';
import { customElement, property, query } from 'lit/decorators.js';
import { inlineStyle } from '../../core/inline-style.ts';
import { fitCanvas, paintStrokes } from '../../core/ink.ts';
import { legendColour, ramp } from '../../core/ramp.ts';
import { inUnit } from '../../core/words.ts';
import { boardSize, sheet, type PenStroke } from '../../state/drawing.ts';
import { Uses } from '../../state/signal.ts';
import { shared } from '../../styles/shared.ts';

/** The drawing itself, each stroke in the colour of its value, with its number beside it. */
@customElement('pl-strokes')
export class PlStrokes extends LitElement {
    static override styles = [
        shared,
        css`
            :host {
                display: block;
                position: relative;
                width: 100%;
                max-width: 392px;
                aspect-ratio: 1;
                background: var(--paper);
                border-radius: 2px;
                box-shadow: 0 0 0 1px var(--line);
            }
            canvas {
                display: block;
                width: 100%;
                height: 100%;
            }
            span {
                position: absolute;
                transform: translate(-50%, -50%);
                padding: 0 5px;
                border-radius: 3px;
                background: var(--paper);
                font-size: var(--small);
                line-height: 1.4;
                white-space: nowrap;
            }
        `,
    ];

    @property({ attribute: false }) values: Float32Array = new Float32Array();
    @property() unit = '';
    @property() label = '';
    @query('canvas') private canvas!: HTMLCanvasElement;
    readonly #resized = new ResizeObserver(() => this.#paint());

    constructor() {
        super();
        new Uses(this, ramp);
    }
    override connectedCallback(): void {
        super.connectedCallback();
        this.#resized.observe(this);
    }
    override disconnectedCallback(): void {
        super.disconnectedCallback();
        this.#resized.disconnect();
    }
    protected override updated(_changed: PropertyValues<this>): void {
        this.#paint();
    }

    get #pens(): PenStroke[] {
        return sheet.strokes.filter(({ eraser }) => !eraser);
    }
    #paint(): void {
        const context = this.canvas?.getContext('2d');
        if (!context) return;
        const scale = fitCanvas(this.canvas);
        const most = Math.max(1e-30, ...Array.from(this.values, Math.abs));
        const [r, g, b] = ramp.value.ink;
        context.clearRect(0, 0, this.canvas.width, this.canvas.height);
        // A dark edge around each, so that a stroke of no value is still a stroke.
        let index = 0;
        for (const stroke of sheet.strokes) {
            if (stroke.eraser) {
                paintStrokes(context, [stroke], '#000', scale);
                continue;
            }
            paintStrokes(context, [stroke], `rgb(${r} ${g} ${b})`, scale);
            paintStrokes(
                context,
                [{ ...stroke, width: Math.max(1, stroke.width - 3) }],
                legendColour(ramp.value, (this.values[index++] ?? 0) / most),
                scale,
            );
        }
    }

    protected override render() {
        const places = this.#pens.map(({ points }) => {
            const middle = 3 * Math.floor(points.length / 6);
            return { x: points[middle] ?? 0, y: points[middle + 1] ?? 0 };
        });
        return html`
            <canvas role="img" aria-label=${this.label}></canvas>
            ${places.map(
                ({ x, y }, index) =>
                    html`<span aria-hidden="true" ${inlineStyle({
                        left: `${(100 * x) / boardSize}%`,
                        top: `${(100 * y) / boardSize}%`,
                    })}>${inUnit(this.values[index] ?? 0, this.unit)}</span>`,
            )}
        `;
    }
}

declare global {
    interface HTMLElementTagNameMap {
        'pl-strokes': PlStrokes;
    }
}
