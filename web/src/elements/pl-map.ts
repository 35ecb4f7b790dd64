import { LitElement, css, html, type PropertyValues } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import type { Image, NormalisedDrawing } from 'pellucid';
import { arrows } from '../core/arrows.ts';
import { fitCanvas, paintOutlines } from '../core/ink.ts';
import { short, signed } from '../core/numbers.ts';
import { paint, type Picture } from '../core/paint.ts';
import { ramp } from '../core/ramp.ts';
import { largest } from '../core/regions.ts';
import { cursor, pointAt, type Pixel } from '../state/cursor.ts';
import { boardSize, sheet } from '../state/drawing.ts';
import { isShared, joinScale, sharedScale, shown as isShown, type Scaled } from '../state/scale.ts';
import { settings } from '../state/settings.ts';
import { shared } from '../styles/shared.ts';

export interface Shown {
    map: Image;
    kind: Picture['kind'];
    /** The network's input, as a faint trace beneath the map. */
    input?: Image | null;
    /** Where the map lies on the sheet; without it the map fills the element. */
    place?: NormalisedDrawing | null;
    /** Its own colour scale, whatever the settings say. */
    scale?: number;
}

/**
 * A map in colours, with the pixel that all maps point at. It is painted outside the rendering cycle: once per frame.
 */
@customElement('pl-map')
export class PlMap extends LitElement implements Scaled {
    static override styles = [
        shared,
        css`
            :host {
                display: block;
                position: relative;
                aspect-ratio: 1;
                overflow: hidden;
                border-radius: 2px;
                background: var(--paper);
                box-shadow: 0 0 0 1px var(--line);
            }
            canvas {
                display: block;
                width: 100%;
                height: 100%;
                image-rendering: pixelated;
            }
            canvas.smooth {
                image-rendering: auto;
            }
            .pixel {
                position: absolute;
                outline: 1.5px solid var(--text);
                box-shadow: 0 0 0 2.5px var(--paper);
                pointer-events: none;
            }
            .value {
                position: absolute;
                left: 0;
                bottom: 0;
                padding: 1px 6px;
                background: var(--paper);
                font-size: var(--small);
                line-height: 1.4;
                pointer-events: none;
            }
            .value.up {
                bottom: auto;
                top: 0;
            }
            @media (forced-colors: active) {
                :host {
                    outline: 1px solid CanvasText !important;
                    outline-offset: -1px;
                    forced-color-adjust: none;
                }
            }
            @media print {
                .pixel, .value {
                    display: none;
                }
            }
        `,
    ];

    /** Focusable, and then steered by the arrow keys. */
    @property({ type: Boolean }) steerable = false;
    /** A scale that it shares with others beside it; null: as the settings say. */
    @property({ attribute: false }) fixed: number | null = null;
    /** What the map says, for those who cannot see it. */
    @property() label = 'No map yet';
    @state() private pixel: Pixel | null = cursor.value;
    @query('canvas') private canvas!: HTMLCanvasElement | null;
    #shown: Shown | null = null;
    /** The map's own pixels, and the outlines of the ink, where they are laid onto the sheet. */
    readonly #pixels = document.createElement('canvas');
    readonly #outlines = document.createElement('canvas');
    #ends: (() => void)[] = [];
    /** In CSS pixels; asking for it while painting would lay out the page in every frame. */
    #width = 0;

    get scale(): number {
        const shown = this.#shown;
        if (!shown) return 0;
        if (shown.scale !== undefined) return shown.scale;
        if (shown.kind === 'image') return 1;
        if (this.fixed !== null) return this.fixed;
        return isShared() ? sharedScale.value : largest(shown.map);
    }

    /** What is shown. */
    get current(): Shown | null {
        return this.#shown;
    }
    /** The scale that it was painted with last. */
    painted = 0;
    /** What counts for a shared scale. */
    get most(): number | null {
        const shown = this.#shown;
        return shown && this.fixed === null && shown.scale === undefined && shown.kind !== 'image'
            ? largest(shown.map)
            : null;
    }

    /** The same as show(), for templates. */
    set shown(shown: Shown | null) {
        this.show(shown);
    }

    show(shown: Shown | null): void {
        this.#shown = shown;
        // A map that fills the element gives it its shape.
        const wide = shown && !shown.place && shown.map.width !== shown.map.height;
        this.style.aspectRatio = wide ? `${shown.map.width} / ${shown.map.height}` : '';
        isShown(this);
        if (this.pixel) this.requestUpdate();
    }

    override connectedCallback(): void {
        super.connectedCallback();
        const repaint = () => this.paint();
        const resized = new ResizeObserver(([entry]) => {
            this.#width = entry?.contentRect.width ?? 0;
            repaint();
        });
        resized.observe(this);
        this.#ends = [
            ramp.subscribe(repaint),
            settings.subscribe(repaint),
            cursor.subscribe((pixel) => (this.pixel = pixel)),
            () => resized.disconnect(),
            joinScale(this),
        ];
        this.addEventListener('pointermove', this.point);
        this.addEventListener('pointerleave', this.leave);
    }
    override disconnectedCallback(): void {
        super.disconnectedCallback();
        for (const end of this.#ends) end();
    }
    protected override firstUpdated(): void {
        this.paint();
    }

    /** Public, because tiles are covered by a link that gets the pointer's events. */
    readonly point = (event: PointerEvent): void => {
        const box = this.getBoundingClientRect();
        const shown = this.#shown;
        if (!shown) return;
        const { left, top, size } = this.#frame(shown);
        const across = (at: number, start: number) => Math.floor(((at - start) / size) * shown.map.width);
        const x = across((event.clientX - box.left) / box.width, left);
        const y = across((event.clientY - box.top) / box.height, top);
        const inside = x >= 0 && y >= 0 && x < shown.map.width && y < shown.map.height;
        pointAt(inside && shown.map.width === 28 ? { x, y } : null);
    };
    readonly leave = (): void => pointAt(null);
    readonly #steer = (event: KeyboardEvent): void => {
        const move = arrows[event.key];
        if (!move || !this.#shown) return;
        const { width, height } = this.#shown.map;
        const { x, y } = cursor.value ?? { x: width >> 1, y: height >> 1 };
        pointAt({
            x: Math.min(width - 1, Math.max(0, x + move[0])),
            y: Math.min(height - 1, Math.max(0, y + move[1])),
        });
        event.preventDefault();
    };

    /** Where the map lies, as parts of the element's side. */
    #frame({ place, map }: Shown): { left: number; top: number; size: number } {
        if (!place) return { left: 0, top: 0, size: 1 };
        return {
            left: -place.offsetX / place.scale / boardSize,
            top: -place.offsetY / place.scale / boardSize,
            size: map.width / place.scale / boardSize,
        };
    }

    paint(): void {
        const { canvas } = this;
        if (!canvas) return;
        const shown = this.#shown;
        const { marks, smooth } = settings.value;
        canvas.classList.toggle('smooth', smooth);
        if (!shown) {
            canvas.getContext('2d')?.clearRect(0, 0, canvas.width, canvas.height);
            return;
        }
        const { map, kind, input = null, place } = shown;
        this.painted = this.scale;
        const picture = { map, kind, input: place ? null : input, scale: this.painted, marks };
        if (!place) {
            paint(canvas, picture, ramp.value);
            return;
        }
        paint(this.#pixels, picture, ramp.value);
        this.#layOnSheet(canvas, shown, smooth);
    }

    /** The ink keeps its place on the sheet while it grows; the network's 28×28 pixels are laid over it. */
    #layOnSheet(canvas: HTMLCanvasElement, shown: Shown, smooth: boolean): void {
        const context = canvas.getContext('2d');
        const scale = fitCanvas(canvas, this.#width);
        const outlines = this.#outlines.getContext('2d');
        if (!context || !outlines || scale === 0) return;
        const side = canvas.width;
        const { left, top, size } = this.#frame(shown);
        const [r, g, b] = ramp.value.ink;
        context.clearRect(0, 0, side, side);
        context.imageSmoothingEnabled = smooth;
        context.imageSmoothingQuality = 'high';
        context.drawImage(this.#pixels, left * side, top * side, size * side, size * side);
        if (this.#outlines.width !== side) this.#outlines.width = this.#outlines.height = side;
        paintOutlines(outlines, sheet.strokes, `rgb(${r} ${g} ${b})`, scale, (1.25 * devicePixelRatio) / scale);
        context.globalAlpha = 0.6;
        context.drawImage(this.#outlines, 0, 0);
        context.globalAlpha = 1;
    }

    protected override updated(changed: PropertyValues<this>): void {
        if (changed.has('fixed') && this.painted !== this.scale) this.paint();
        const mark = this.renderRoot.querySelector<HTMLElement>('.pixel');
        const shown = this.#shown;
        if (!mark || !shown || !this.pixel) return;
        const { left, top, size } = this.#frame(shown);
        const cell = size / shown.map.width;
        mark.style.left = `${100 * (left + this.pixel.x * cell)}%`;
        mark.style.top = `${100 * (top + this.pixel.y * cell)}%`;
        mark.style.width = mark.style.height = `${100 * cell}%`;
    }

    protected override render() {
        const shown = this.#shown;
        const { pixel } = this;
        const value =
            pixel && shown?.map.width === 28 ? shown.map.data[pixel.y * shown.map.width + pixel.x] : undefined;
        const text =
            value === undefined
                ? ''
                : shown?.kind === 'signed' || shown?.kind === 'change'
                  ? signed(value)
                  : short(value);
        return html`
            <canvas
                role="img"
                width="28"
                height="28"
                aria-label=${this.label}
                tabindex=${this.steerable ? 0 : -1}
                @keydown=${this.#steer}
                @blur=${this.leave}
            ></canvas>
            ${
                text
                    ? html`<span class="pixel"></span><span
                class="value ${(pixel?.y ?? 0) > 20 ? 'up' : ''}">${text}</span>`
                    : ''
            }
            ${
                text && this.steerable
                    ? html`<span class="visually-hidden" role="status">Column ${(pixel?.x ?? 0) + 1}, row
                        ${(pixel?.y ?? 0) + 1}: ${text}</span>`
                    : ''
            }
        `;
    }
}

declare global {
    interface HTMLElementTagNameMap {
        'pl-map': PlMap;
    }
}
