import { LitElement, css, html } from 'lit';
import { customElement, query, state } from 'lit/decorators.js';
import type { Image, NormalisedDrawing } from 'pellucid';
import { fitCanvas, paintStrokes } from '../../core/ink.ts';
import { ramp } from '../../core/ramp.ts';
import { sheet } from '../../state/drawing.ts';
import { newest } from '../../state/live.ts';
import { shared } from '../../styles/shared.ts';
import '../../elements/pl-map.ts';
import type { PlMap } from '../../elements/pl-map.ts';

/** What the network gets, and how the drawing becomes it, step by step. */
@customElement('pl-input')
export class PlInput extends LitElement {
    static override styles = [
        shared,
        css`
            :host {
                display: grid;
                gap: var(--gap-5);
            }
            .intro {
                max-width: 60ch;
                color: var(--muted);
                font: 400 var(--large) / 1.45 var(--serif);
            }
            ol {
                display: grid;
                grid-template-columns: repeat(auto-fill, minmax(min(224px, 100%), 1fr));
                gap: var(--gap-5);
                counter-reset: step;
            }
            li {
                counter-increment: step;
            }
            h3::before {
                content: counter(step) '. ';
                color: var(--muted);
                font-weight: 400;
            }
            canvas, pl-map {
                display: block;
                width: min(round(down, 100%, 28px), 280px);
                aspect-ratio: 1;
                margin: var(--gap-2) 0;
            }
            canvas {
                background: var(--paper);
                box-shadow: 0 0 0 1px var(--line);
            }
        `,
    ];

    @query('canvas') private canvas!: HTMLCanvasElement;
    @query('#raster') private raster!: PlMap;
    @query('#scaled') private scaled!: PlMap;
    @query('#input') private input!: PlMap;
    @state() private shift: { column: number; row: number } | null = null;
    #ends: (() => void)[] = [];

    override connectedCallback(): void {
        super.connectedCallback();
        this.#ends = [newest.subscribe(() => this.#paint()), ramp.subscribe(() => this.#paint())];
    }
    override disconnectedCallback(): void {
        super.disconnectedCallback();
        for (const end of this.#ends) end();
    }
    protected override firstUpdated(): void {
        this.#paint();
    }

    #paint(): void {
        const normalised = newest.value?.normalised ?? null;
        const show = (map: PlMap, image: Image | undefined) => map.show(image ? { map: image, kind: 'image' } : null);
        show(this.raster, normalised?.raster);
        show(this.scaled, normalised?.scaled);
        show(this.input, normalised?.input);
        const shift = normalised ? place(normalised) : null;
        if (shift?.column !== this.shift?.column || shift?.row !== this.shift?.row) this.shift = shift;
        this.#paintSheet(normalised, shift);
    }

    #paintSheet(normalised: NormalisedDrawing | null, shift: { column: number; row: number } | null): void {
        const context = this.canvas.getContext('2d');
        const scale = fitCanvas(this.canvas);
        if (!context || scale === 0) return;
        context.clearRect(0, 0, this.canvas.width, this.canvas.height);
        const colour = ([r, g, b]: readonly [number, number, number]) => `rgb(${r} ${g} ${b})`;
        paintStrokes(context, sheet.strokes, colour(sheet.ghost ? ramp.value.ghost : ramp.value.ink), scale);
        if (!normalised || !shift) return;
        const side = (20 / normalised.scale) * scale;
        const left = ((shift.column - normalised.offsetX) / normalised.scale) * scale;
        const top = ((shift.row - normalised.offsetY) / normalised.scale) * scale;
        context.strokeStyle = colour(ramp.value.accent);
        context.lineWidth = 2 * devicePixelRatio;
        context.strokeRect(left, top, side, side);
    }

    protected override render() {
        const { shift } = this;
        return html`
            <div>
                <h2 tabindex="-1">What the network gets</h2>
                <p class="intro">
                    Not your sheet, but 784 numbers. The drawing is prepared just as the digits were that it learned
                    from (MNIST), so where you
                    draw hardly matters. How large matters through the pen: in a small digit the same pen makes a thick
                    stroke.
                </p>
            </div>
            <ol>
                <li>
                    <h3>Find the ink</h3>
                    <canvas role="img" aria-label="The sheet, with a square around the ink"></canvas>
                    <p class="quiet">The smallest square around everything drawn; never smaller than three pen
                        widths.</p>
                </li>
                <li>
                    <h3>Cut it out</h3>
                    <pl-map id="raster" label="The ink, cut out"></pl-map>
                    <p class="quiet">80 × 80 points, each with the share of it that is covered by ink.</p>
                </li>
                <li>
                    <h3>Shrink it</h3>
                    <pl-map id="scaled" label="The ink on 20 by 20 pixels"></pl-map>
                    <p class="quiet">Averaged to 20 × 20 pixels, which the longer side of the square fills. Strokes
                        thinner than 1.75 of them are made that thick: the network has seen hardly any thinner ones.</p>
                </li>
                <li>
                    <h3>Balance it</h3>
                    <pl-map id="input" steerable label="The 28 by 28 pixels that the network gets"></pl-map>
                    <p class="quiet">
                        Put into 28 × 28 pixels so that the ink's centre of mass is in the middle${
                            shift ? `: here with its corner at column ${shift.column}, row ${shift.row}` : ''
                        }. This is all that the network gets: 0 is paper, 1 is ink.
                    </p>
                </li>
            </ol>
        `;
    }
}

/** Where the 20×20 image lies in the 28×28 one: the first inked column and row of both tell. */
function place({ scaled, input }: NormalisedDrawing): { column: number; row: number } | null {
    const first = ({ data, width, height }: Image) => {
        let column = width;
        let row = height;
        data.forEach((value, at) => {
            if (value <= 0) return;
            column = Math.min(column, at % width);
            row = Math.min(row, Math.floor(at / width));
        });
        return column === width ? null : { column, row };
    };
    const from = first(scaled);
    const to = first(input);
    return from && to ? { column: to.column - from.column, row: to.row - from.row } : null;
}
