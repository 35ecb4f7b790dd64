import { LitElement, css, html } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import type { Image } from 'pellucid';
import { arrows } from '../../core/arrows.ts';
import { short } from '../../core/numbers.ts';
import { paint } from '../../core/paint.ts';
import { legendColour, ramp } from '../../core/ramp.ts';
import { settings } from '../../state/settings.ts';
import { shared } from '../../styles/shared.ts';

export interface Spot {
    channel: number;
    row: number;
    column: number;
}

/** A unit was chosen by a press or with the keyboard. */
export class SpotChoice extends Event {
    readonly spot: Spot;

    constructor(spot: Spot) {
        super('spot-choice');
        this.spot = spot;
    }
}

const gap = 4;
/** Maps are made as large as fills their rows, within these sizes in CSS pixels; larger where they are for fingers. */
const least = 38;
const leastForFingers = 42;
const most = 64;
const forFingers = matchMedia('(pointer: coarse)');
/** Height of the bars of a layer without rows and columns. */
const barHeight = 56;
const widestBar = 28;
/** The same where a layer is looked at closely; and the room for a number beneath each map. */
const largeBars = 140;
const largeSide = 104;
const numberRoom = 16;

/**
 * All channels of a layer in one picture: maps side by side, or bars where a channel is one unit. Any place can be
 * pressed.
 */
@customElement('pl-layer-maps')
export class PlLayerMaps extends LitElement {
    static override styles = [
        shared,
        css`
            :host {
                display: block;
                position: relative;
                color: var(--muted);
                cursor: pointer;
            }
            canvas {
                display: block;
                width: 100%;
            }
            .mark {
                position: absolute;
                pointer-events: none;
            }
            .channel {
                outline: 2px solid var(--accent);
                outline-offset: 1px;
            }
            .unit {
                outline: 2px solid var(--text);
                box-shadow: 0 0 0 3.5px var(--paper);
            }
            .hovered {
                outline: 1px solid var(--line-strong);
            }
        `,
    ];

    @property({ attribute: false }) values!: Image;
    @property({ attribute: false }) kind: 'signed' | 'image' = 'signed';
    /** The value of the strongest colour. */
    @property({ type: Number }) scale = 0;
    /** Of a map, in CSS pixels; 0: as large as fills the rows. */
    @property({ type: Number }) side = 0;
    /** Large, each with its number. */
    @property({ type: Boolean }) large = false;
    @property({ attribute: false }) chosen: Spot | null = null;
    @property() label = '';
    /** What is under the pointer, for whoever tells it. */
    @state() private hovered: Spot | null = null;
    @query('canvas') private canvas!: HTMLCanvasElement;
    #width = 0;
    readonly #maps = document.createElement('canvas');
    readonly #resized = new ResizeObserver(([entry]) => {
        this.#width = entry?.contentRect.width ?? 0;
        this.requestUpdate();
    });
    #ends: (() => void)[] = [];

    override connectedCallback(): void {
        super.connectedCallback();
        this.#resized.observe(this);
        const again = () => this.requestUpdate();
        this.#ends = [ramp.subscribe(again), settings.subscribe(again)];
    }
    override disconnectedCallback(): void {
        super.disconnectedCallback();
        this.#resized.disconnect();
        for (const end of this.#ends) end();
    }

    get #barHeight(): number {
        return this.large ? largeBars : barHeight;
    }
    get #flat(): boolean {
        return this.values.height * this.values.width === 1;
    }
    /** Columns and the size of a cell, in CSS pixels. */
    #grid() {
        const { channels, width, height } = this.values;
        if (this.#flat) {
            const step = Math.min(this.large ? 2 * widestBar : widestBar, this.#width / channels);
            const high = this.#barHeight;
            return { columns: channels, step, down: high, mapWidth: step, mapHeight: high };
        }
        const fitting = (side: number) => Math.max(1, Math.floor((this.#width + gap) / (side + gap)));
        const widthFor = (columns: number) => (this.#width + gap) / columns - gap;
        const smallest = this.large ? largeSide : forFingers.matches ? leastForFingers : least;
        const largest = this.large ? 1.3 * largeSide : most;
        let columns = fitting(this.side || smallest);
        if (this.side === 0) {
            // Full rows, where there is a size for them.
            let full = Math.min(columns, channels);
            while (full > 1 && channels % full !== 0) full--;
            if (widthFor(full) <= largest) columns = full;
        }
        const mapWidth = Math.min(this.side || Math.min(largest, widthFor(columns)), this.#width);
        const mapHeight = (mapWidth * height) / width;
        return {
            columns,
            step: mapWidth + gap,
            down: mapHeight + gap + (this.large ? numberRoom : 0),
            mapWidth,
            mapHeight,
        };
    }
    /** Where a channel's map, or a unit of it, lies. */
    #box({ channel, row, column }: Spot, whole: boolean) {
        const { columns, step, down, mapWidth, mapHeight } = this.#grid();
        const left = (channel % columns) * step;
        const top = Math.floor(channel / columns) * down;
        if (whole || this.#flat) return { left, top, width: mapWidth, height: mapHeight };
        const { width, height } = this.values;
        const [across, high] = [mapWidth / width, mapHeight / height];
        return { left: left + column * across, top: top + row * high, width: across, height: high };
    }

    protected override updated(): void {
        if (this.#width === 0) return;
        const { columns, down } = this.#grid();
        const rows = Math.ceil(this.values.channels / columns);
        const height = rows * down - (this.#flat ? 0 : gap);
        const ratio = devicePixelRatio;
        const [wide, high] = [Math.round(this.#width * ratio), Math.round(height * ratio)];
        if (this.canvas.width !== wide) this.canvas.width = wide;
        if (this.canvas.height !== high) this.canvas.height = high;
        this.canvas.style.height = `${height}px`;
        const context = this.canvas.getContext('2d');
        if (!context) return;
        context.clearRect(0, 0, wide, high);
        context.imageSmoothingEnabled = false;
        if (this.#flat) this.#bars(context, ratio);
        else this.#pictures(context, ratio);
        this.#place();
    }

    #pictures(context: CanvasRenderingContext2D, ratio: number): void {
        const { values, kind, scale } = this;
        const { height, width, channels, data } = values;
        // One after another beneath each other, as paint() takes a single map.
        const stacked = new Float32Array(data.length);
        const size = height * width;
        for (let at = 0; at < size; at++)
            for (let c = 0; c < channels; c++) stacked[c * size + at] = data[at * channels + c]!;
        const map = { data: stacked, height: height * channels, width, channels: 1 };
        paint(this.#maps, { map, kind, input: null, scale, marks: settings.value.marks }, ramp.value);
        const zoom = this.#maps.width / width;
        const { color, fontFamily } = getComputedStyle(this);
        context.fillStyle = color;
        context.font = `${12 * ratio}px ${fontFamily}`;
        for (let channel = 0; channel < channels; channel++) {
            const box = this.#box({ channel, row: 0, column: 0 }, true);
            context.drawImage(
                this.#maps,
                0,
                channel * height * zoom,
                width * zoom,
                height * zoom,
                Math.round(box.left * ratio),
                Math.round(box.top * ratio),
                Math.round(box.width * ratio),
                Math.round(box.height * ratio),
            );
            if (!this.large) continue;
            context.fillText(String(channel), box.left * ratio, (box.top + box.height + numberRoom - gap) * ratio);
        }
    }

    #bars(context: CanvasRenderingContext2D, ratio: number): void {
        const { data } = this.values;
        const high = this.#barHeight;
        const most = this.scale || 1;
        const signed = data.some((value) => value < 0);
        const zero = signed ? high / 2 : high;
        const { step } = this.#grid();
        data.forEach((value, channel) => {
            const long = Math.max(1, (Math.min(1, Math.abs(value) / most) * zero * (high - 2)) / high);
            context.fillStyle = value === 0 ? 'gray' : legendColour(ramp.value, Math.sign(value) * 0.75);
            context.fillRect(
                Math.round((channel * step + 0.5) * ratio),
                Math.round((value > 0 ? zero - long : zero - (value === 0 ? 1 : 0)) * ratio),
                Math.max(1, Math.round((step - 1) * ratio)),
                Math.max(1, Math.round((value === 0 ? 1 : long) * ratio)),
            );
        });
    }

    #place(): void {
        for (const mark of this.renderRoot.querySelectorAll<HTMLElement>('.mark')) {
            const spot = mark.classList.contains('hovered') ? this.hovered : this.chosen;
            if (!spot) continue;
            const box = this.#box(spot, mark.classList.contains('channel'));
            for (const [name, value] of Object.entries(box)) mark.style.setProperty(name, `${value}px`);
        }
    }

    #at(event: MouseEvent): Spot | null {
        const box = this.getBoundingClientRect();
        const [x, y] = [event.clientX - box.left, event.clientY - box.top];
        const { columns, step, down, mapWidth, mapHeight } = this.#grid();
        const { channels, width, height } = this.values;
        const [across, below] = [Math.floor(x / step), Math.floor(y / down)];
        const channel = below * columns + across;
        if (x < 0 || y < 0 || across >= columns || channel >= channels) return null;
        if (this.#flat) return { channel, row: 0, column: 0 };
        const cell = (at: number, size: number, cells: number) =>
            Math.min(cells - 1, Math.floor((Math.min(at, size) / size) * cells));
        return {
            channel,
            row: cell(y - below * down, mapHeight, height),
            column: cell(x - across * step, mapWidth, width),
        };
    }
    readonly #press = (event: MouseEvent): void => {
        const spot = event.detail > 0 ? this.#at(event) : null;
        if (spot) this.dispatchEvent(new SpotChoice(spot));
    };
    readonly #point = (event: PointerEvent): void => {
        if (event.pointerType === 'touch') return;
        const spot = this.#at(event);
        const { hovered } = this;
        if (spot?.channel !== hovered?.channel || spot?.row !== hovered?.row || spot?.column !== hovered?.column)
            this.#tell(spot);
    };
    #tell(spot: Spot | null): void {
        this.hovered = spot;
        const { data, width, channels } = this.values;
        const value = spot ? data[(spot.row * width + spot.column) * channels + spot.channel] : undefined;
        const place = spot && !this.#flat ? `, row ${spot.row}, column ${spot.column}` : '';
        const words = spot ? `${this.#flat ? 'unit' : 'channel'} ${spot.channel}${place}: ${short(value ?? 0)}` : '';
        this.dispatchEvent(new CustomEvent<string>('spot-point', { detail: words }));
    }

    /** Arrows move within a map, with Shift from one to the next. */
    readonly #steer = (event: KeyboardEvent): void => {
        const move = arrows[event.key];
        if (!move && event.key !== 'Enter' && event.key !== ' ') return;
        event.preventDefault();
        event.stopPropagation();
        const { width, height, channels } = this.values;
        const now = this.chosen ?? { channel: 0, row: height >> 1, column: width >> 1 };
        const within = (value: number, count: number) => Math.min(count - 1, Math.max(0, value));
        const [right, down] = this.chosen && move ? move : [0, 0];
        if (event.shiftKey || this.#flat)
            this.dispatchEvent(new SpotChoice({ ...now, channel: within(now.channel + right + down, channels) }));
        else
            this.dispatchEvent(
                new SpotChoice({
                    ...now,
                    row: within(now.row + down, height),
                    column: within(now.column + right, width),
                }),
            );
    };

    protected override render() {
        return html`
            <canvas
                role="application"
                aria-roledescription="maps of units"
                aria-label=${this.label}
                tabindex="0"
                @click=${this.#press}
                @keydown=${this.#steer}
                @pointermove=${this.#point}
                @pointerleave=${() => this.#tell(null)}
            ></canvas>
            ${this.hovered ? html`<span class="mark hovered"></span>` : ''}
            ${
                this.chosen
                    ? html`<span class="mark channel"></span>${this.#flat ? '' : html`<span class="mark unit"></span>`}`
                    : ''
            }
        `;
    }
}

declare global {
    interface HTMLElementTagNameMap {
        'pl-layer-maps': PlLayerMaps;
    }
}
