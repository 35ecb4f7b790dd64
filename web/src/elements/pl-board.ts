import { LitElement, css, html } from 'lit';
import { customElement, query, state } from 'lit/decorators.js';
import { fitCanvas, paintStrokes } from '../core/ink.ts';
import { ramp } from '../core/ramp.ts';
import { pen, sheet } from '../state/drawing.ts';
import { Uses } from '../state/signal.ts';
import { shared } from '../styles/shared.ts';
import { BoardKeys } from './board-keys.ts';
import { BoardPointers } from './board-pointers.ts';

/** The sheet of paper that people draw on. Ink is painted at once; everything that is computed follows later. */
@customElement('pl-board')
export class PlBoard extends LitElement {
    static override styles = [
        shared,
        css`
            :host {
                display: block;
                position: relative;
                width: var(--board);
                height: var(--board);
            }
            canvas {
                display: block;
                width: 100%;
                height: 100%;
                border-radius: 2px;
                background: var(--paper);
                box-shadow: var(--lift);
                cursor: crosshair;
                touch-action: none;
                user-select: none;
                -webkit-user-select: none;
            }
            .invitation {
                position: absolute;
                inset: auto 0 2%;
                text-align: center;
                font: 400 clamp(0.875rem, calc(var(--board) / 22), 1.1875rem) / 1.3 var(--serif);
                color: var(--muted);
                pointer-events: none;
            }
            .cursor {
                position: absolute;
                left: 0;
                top: 0;
                width: calc(100% / 28);
                height: calc(100% / 28);
                outline: 2px solid var(--accent);
                outline-offset: 1px;
                border-radius: 50%;
                pointer-events: none;
            }
            .cursor.down {
                background: var(--accent);
            }
            @media (forced-colors: active) {
                :host {
                    /* More than what the page says of an element in focus. */
                    outline: 1px solid CanvasText !important;
                    forced-color-adjust: none;
                }
            }
            @media print {
                canvas {
                    border: 1px solid #999;
                }
                .invitation, .cursor {
                    display: none;
                }
            }
        `,
    ];

    @query('canvas') private canvas!: HTMLCanvasElement;
    @query('.cursor') private cursorMark!: HTMLElement | null;
    @state() private invites = true;
    @state() private ghost = false;
    readonly keys = new BoardKeys(this);
    #pointers: BoardPointers | undefined;
    #ends: (() => void)[] = [];
    #scale = 0;
    #width = 0;
    #active = false;
    /** What the canvas shows: a structural revision, and how far the last stroke has been painted. */
    #shown = { revision: -1, strokes: 0, points: 0 };

    constructor() {
        super();
        new Uses(this, pen);
    }

    override connectedCallback(): void {
        super.connectedCallback();
        const repaint = () => this.#paint(true);
        const resized = new ResizeObserver(([entry]) => {
            this.#width = entry?.contentRect.width ?? 0;
            repaint();
        });
        resized.observe(this);
        this.#ends = [
            sheet.version.subscribe(() => this.#paint(false)),
            ramp.subscribe(repaint),
            () => resized.disconnect(),
        ];
    }
    override disconnectedCallback(): void {
        super.disconnectedCallback();
        this.#pointers?.release();
        for (const end of this.#ends) end();
    }
    protected override firstUpdated(): void {
        this.#pointers = new BoardPointers(this.canvas, this.keys);
        this.#paint(true);
    }
    protected override updated(): void {
        const { x, y } = this.keys.cell;
        this.cursorMark?.style.setProperty('transform', `translate(${100 * x}%, ${100 * y}%)`);
    }

    #paint(all: boolean): void {
        const context = this.hasUpdated ? this.canvas.getContext('2d') : null;
        if (!context) return;
        const scale = fitCanvas(this.canvas, this.#width);
        if (scale === 0) return;
        const { strokes, revision, ghost } = sheet;
        const shown = this.#shown;
        // A stroke that has ended is painted once more as a whole: put together from stretches, its edge is a trace too
        // dark.
        const ended = this.#active && !sheet.active;
        this.#active = sheet.active;
        if (all || ended || scale !== this.#scale || revision !== shown.revision || strokes.length < shown.strokes) {
            context.clearRect(0, 0, this.canvas.width, this.canvas.height);
            shown.strokes = 0;
            shown.points = 0;
        }
        // Strokes only ever grow at their end, so each paint adds what is new.
        const from = Math.max(0, shown.strokes - 1);
        const fresh = strokes.slice(from);
        const [r, g, b] = ghost ? ramp.value.ghost : ramp.value.ink;
        paintStrokes(context, fresh, `rgb(${r} ${g} ${b})`, scale, shown.strokes > 0 ? shown.points : 0);
        this.#shown = { revision, strokes: strokes.length, points: (strokes.at(-1)?.points.length ?? 0) / 3 };
        this.#scale = scale;
        this.invites = sheet.empty || ghost;
        this.ghost = ghost;
    }

    protected override render() {
        const { showsCursor, down, cell } = this.keys;
        return html`
            <canvas
                tabindex="0"
                role="application"
                aria-label="Drawing board"
                aria-roledescription="drawing board"
                aria-describedby="how"
                @keydown=${this.keys.press}
                @blur=${this.keys.leave}
            ></canvas>
            <p id="how" class="visually-hidden">
                Draw a digit with mouse, pen or finger. With the keyboard: the arrow keys move, Space puts the pen down
                and lifts it.
            </p>
            ${
                this.invites
                    ? html`<p class="invitation">${this.ghost ? 'now draw your own digit' : 'draw a digit here'}</p>`
                    : ''
            }
            ${showsCursor ? html`<span class="cursor ${down ? 'down' : ''}"></span>` : ''}
            <span class="visually-hidden" role="status">
                ${showsCursor ? `Column ${cell.x + 1}, row ${cell.y + 1}${down ? ', pen down' : ''}` : ''}
            </span>
        `;
    }
}

declare global {
    interface HTMLElementTagNameMap {
        'pl-board': PlBoard;
    }
}
