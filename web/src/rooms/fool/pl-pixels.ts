import { LitElement, css, html } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import type { Image } from 'pellucid';
import { arrows } from '../../core/arrows.ts';
import { inlineStyle } from '../../core/inline-style.ts';
import { shared } from '../../styles/shared.ts';
import '../../elements/pl-map.ts';
import type { PlMap } from '../../elements/pl-map.ts';
import { line } from './by-hand.ts';

/** Pixels that the pointer, or the cursor, went over; `begins` with the first of a stroke. */
export class PixelStroke extends Event {
    readonly pixels: readonly (readonly [number, number])[];
    readonly begins: boolean;

    constructor(pixels: readonly (readonly [number, number])[], begins: boolean) {
        super('pixel-stroke');
        this.pixels = pixels;
        this.begins = begins;
    }
}

/** The network's input, pixel by pixel, to be drawn on with mouse, finger or keys. */
@customElement('pl-pixels')
export class PlPixels extends LitElement {
    static override styles = [
        shared,
        css`
            :host {
                display: block;
                position: relative;
            }
            .pad {
                position: absolute;
                inset: 0;
                cursor: crosshair;
                touch-action: none;
                user-select: none;
                -webkit-user-select: none;
                background-image:
                    linear-gradient(to right, color-mix(in srgb, var(--line) 55%, transparent) 1px, transparent 1px),
                    linear-gradient(to bottom, color-mix(in srgb, var(--line) 55%, transparent) 1px, transparent 1px);
                background-size: calc(100% / 28) calc(100% / 28);
            }
            .cursor {
                position: absolute;
                left: 0;
                top: 0;
                width: calc(100% / 28);
                height: calc(100% / 28);
                outline: 2px solid var(--accent);
                pointer-events: none;
            }
        `,
    ];

    @property() label = '';
    /** What a press does to a pixel, for those who cannot see the tool. */
    @property() does = '';
    @query('pl-map') private map!: PlMap;
    @query('.pad') private pad!: HTMLElement;
    @state() private cursor: { x: number; y: number } | null = null;
    #last: readonly [number, number] | null = null;
    #size = 28;

    show(image: Image | null): void {
        this.#size = image?.width ?? 28;
        this.map?.show(image ? { map: image, kind: 'image' } : null);
    }

    #at({ clientX, clientY }: PointerEvent): readonly [number, number] {
        const { left, top, width, height } = this.pad.getBoundingClientRect();
        const inside = (at: number) => Math.min(this.#size - 1, Math.max(0, Math.floor(at)));
        return [inside(((clientX - left) / width) * this.#size), inside(((clientY - top) / height) * this.#size)];
    }
    readonly #down = (event: PointerEvent): void => {
        if (event.button !== 0) return;
        // A pointer that does not exist (any more) cannot be held.
        try {
            this.pad.setPointerCapture(event.pointerId);
        } catch {
            return;
        }
        this.cursor = null;
        this.#last = this.#at(event);
        this.dispatchEvent(new PixelStroke([this.#last], true));
    };
    readonly #move = (event: PointerEvent): void => {
        if (!this.#last) return;
        const now = this.#at(event);
        if (now[0] === this.#last[0] && now[1] === this.#last[1]) return;
        this.dispatchEvent(new PixelStroke(line(this.#last, now), false));
        this.#last = now;
    };
    readonly #up = (): void => {
        this.#last = null;
    };
    readonly #keys = (event: KeyboardEvent): void => {
        const { x, y } = this.cursor ?? { x: this.#size >> 1, y: this.#size >> 1 };
        const move = arrows[event.key];
        const inside = (at: number) => Math.min(this.#size - 1, Math.max(0, at));
        if (move)
            this.cursor = { x: inside(x + (this.cursor ? move[0] : 0)), y: inside(y + (this.cursor ? move[1] : 0)) };
        else if (event.key === ' ' || event.key === 'Enter') {
            this.cursor = { x, y };
            this.dispatchEvent(new PixelStroke([[x, y]], true));
        } else return;
        event.preventDefault();
    };

    protected override render() {
        const { cursor } = this;
        return html`
            <pl-map label=${this.label}></pl-map>
            <div
                class="pad"
                tabindex="0"
                role="application"
                aria-roledescription="pixels"
                aria-label=${this.label}
                aria-describedby="how"
                @pointerdown=${this.#down}
                @pointermove=${this.#move}
                @pointerup=${this.#up}
                @pointercancel=${this.#up}
                @keydown=${this.#keys}
                @blur=${() => (this.cursor = null)}
            >
                ${
                    cursor
                        ? html`<span class="cursor" ${inlineStyle({
                              transform: `translate(${100 * cursor.x}%, ${100 * cursor.y}%)`,
                          })}></span>`
                        : ''
                }
            </div>
            <p id="how" class="visually-hidden">The arrow keys choose a pixel, Space ${this.does}.</p>
            <span class="visually-hidden" role="status">${
                cursor ? `Column ${cursor.x + 1}, row ${cursor.y + 1}` : ''
            }</span>
        `;
    }
}

declare global {
    interface HTMLElementTagNameMap {
        'pl-pixels': PlPixels;
    }
}
