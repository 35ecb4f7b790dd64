import { css, html } from 'lit';
import { customElement, query, state } from 'lit/decorators.js';
import type { Params } from 'pellucid';
import { withUnit } from '../../core/words.ts';
import '../../elements/pl-map.ts';
import type { PlMap } from '../../elements/pl-map.ts';
import { newest } from '../../state/live.ts';
import { keepPicture } from '../../state/pictures.ts';
import { bits, inAddress } from '../../state/room-settings.ts';
import { Uses } from '../../state/signal.ts';
import { withArticle } from '../../state/target.ts';
import { shared } from '../../styles/shared.ts';
import { imagineStyles } from './imagine.css.ts';
import { emptyBoard, ImaginePart } from './part.ts';
import type { Origin } from './pl-dream.ts';
import './pl-dream.ts';
import './pl-strip.ts';

const method = 'inpainting';
const steps = 300;
/** The eraser's radius, in pixels of the network's input. */
const radius = 2.5;

type Part = 'middle' | 'upper' | 'lower' | 'left' | 'right';
const parts: readonly Part[] = ['middle', 'upper', 'lower', 'left', 'right'];

/** A part of the drawing is erased by hand, and an untrained network goes on with the strokes. */
@customElement('pl-fill')
export class PlFill extends ImaginePart {
    static override styles = [
        shared,
        imagineStyles,
        css`
            .two {
                display: grid;
                grid-template-columns: repeat(2, minmax(0, 280px));
                gap: var(--gap-4);
            }
            .sheet {
                position: relative;
                touch-action: none;
                cursor: crosshair;
            }
            canvas {
                position: absolute;
                inset: 0;
                width: 100%;
                height: 100%;
                image-rendering: pixelated;
                pointer-events: none;
            }
            figcaption {
                margin-top: var(--gap-1);
            }
        `,
    ];

    /** 1 where the drawing is kept, 0 where it was erased; null before anything was. */
    @inAddress('imagine.gap', null, bits(28 * 28)) private mask!: Float32Array | null;
    @query('canvas') private hatch!: HTMLCanvasElement | null;
    @query('.sheet pl-map') private sheetMap!: PlMap | null;
    @state() private origin: Origin | null = null;
    #last: { x: number; y: number } | null = null;
    #known = 0;

    constructor() {
        super();
        new Uses(this, newest);
    }
    get #size(): { width: number; height: number } {
        return this.model?.input ?? { width: 28, height: 28 };
    }

    readonly #begin = async (): Promise<void> => {
        const card = this.card(method);
        const { mask } = this;
        if (!card || !mask || !newest.value) return;
        const params: Params = { steps, mask };
        const group = await this.launch([method], (model) => [
            { card, params, targets: ['predicted'], input: this.drawing(model), model },
        ]);
        group?.changed.subscribe(() => {
            if (group !== this.group) return;
            this.#known = (group.answers[0]?.outputs['known_error'] as number[] | undefined)?.[0] ?? this.#known;
        });
        await group?.ended;
        // The method in full, and the comparison, know the mask as a picture that was kept.
        if (group && group === this.group)
            this.origin = { view: { method, params: { mask: keepPicture(mask) } }, target: null, model: this.modelId };
    };

    #erase(inside: (x: number, y: number) => boolean): void {
        const { width, height } = this.#size;
        const before = this.mask;
        this.mask = Float32Array.from({ length: width * height }, (_, i) =>
            inside((i % width) + 0.5, Math.floor(i / width) + 0.5) ? 0 : (before?.[i] ?? 1),
        );
    }
    #part(part: Part): void {
        const { width, height } = this.#size;
        this.mask = null;
        this.#erase((x, y) => {
            const [u, v] = [x / width, y / height];
            if (part === 'middle') return u > 0.35 && u < 0.65 && v > 0.35 && v < 0.65;
            return { upper: v < 0.5, lower: v > 0.5, left: u < 0.5, right: u > 0.5 }[part];
        });
    }
    readonly #rub = (event: PointerEvent): void => {
        const sheet = event.currentTarget as HTMLElement;
        if (event.type === 'pointerdown') {
            sheet.setPointerCapture(event.pointerId);
            this.#last = null;
        } else if (event.buttons === 0) return;
        const box = sheet.getBoundingClientRect();
        const { width, height } = this.#size;
        const x = ((event.clientX - box.left) / box.width) * width;
        const y = ((event.clientY - box.top) / box.height) * height;
        const from = this.#last ?? { x, y };
        const [dx, dy] = [x - from.x, y - from.y];
        const square = dx * dx + dy * dy;
        this.#erase((px, py) => {
            // Distance from the stretch that the pointer has come.
            const t = square > 0 ? Math.min(1, Math.max(0, ((px - from.x) * dx + (py - from.y) * dy) / square)) : 0;
            return (px - from.x - t * dx) ** 2 + (py - from.y - t * dy) ** 2 < radius ** 2;
        });
        this.#last = { x, y };
    };

    protected override updated(): void {
        const given = newest.value;
        this.sheetMap?.show(given ? { map: given.input, kind: 'image' } : null);
        const context = this.hatch?.getContext('2d');
        if (!context) return;
        const { width, height } = this.#size;
        const zoom = 6;
        Object.assign(this.hatch!, { width: zoom * width, height: zoom * height });
        const style = getComputedStyle(this);
        context.fillStyle = style.getPropertyValue('--accent-soft');
        context.strokeStyle = style.getPropertyValue('--accent');
        this.mask?.forEach((kept, i) => {
            if (kept > 0) return;
            const [x, y] = [zoom * (i % width), zoom * Math.floor(i / width)];
            context.fillRect(x, y, zoom, zoom);
            context.beginPath();
            context.moveTo(x, y + zoom);
            context.lineTo(x + zoom, y);
            context.stroke();
        });
    }

    protected override render() {
        const { model, group, mask } = this;
        if (!model) return html``;
        const erased = mask?.some((kept) => kept === 0) ?? false;
        const kept = mask?.some((each) => each > 0) ?? true;
        const missing =
            this.missing(method) ||
            (!newest.value
                ? emptyBoard
                : !erased
                  ? 'Rub something out first.'
                  : !kept
                    ? 'Leave something to go by.'
                    : '');
        return html`
            <h2 tabindex="-1">How would it go on where something is missing?</h2>
            <p class="intro">Rub out a part of your drawing. An untrained network learns the rest and so fills the gap:
                it goes on with strokes, and knows nothing of digits.</p>
            <div class="choices screen" role="group" aria-label="Rub out">
                ${parts.map(
                    (part) =>
                        html`<button @click=${() => this.#part(part)}>${
                            part === 'middle' ? 'the middle' : `the ${part} half`
                        }</button>`,
                )}
                <button ?disabled=${!erased} @click=${() => (this.mask = null)}>nothing</button>
            </div>
            <pl-strip .group=${group} .missing=${missing} begin="Fill it" name="the filling"
                @group-start=${this.#begin}></pl-strip>
            <div class="two">
                <figure>
                    <div class="sheet" @pointerdown=${this.#rub} @pointermove=${this.#rub}>
                        <pl-map label="Your drawing, and what was rubbed out of it"></pl-map>
                        <canvas aria-hidden="true"></canvas>
                    </div>
                    <figcaption class="quiet">rub over it: what is hatched is missing</figcaption>
                </figure>
                <pl-dream name="filled" .model=${model} .moment=${group?.moment(0) ?? null} .origin=${
                    group && !group.active ? this.origin : null
                }></pl-dream>
            </div>
            <p class="said" aria-live="polite">${this.#words()}</p>
        `;
    }
    #words(): string {
        const { group } = this;
        const moment = group?.moment(0);
        if (!group || group.active || !moment || moment.read === null) return '';
        const before = this.given?.prediction.predicted;
        const read = `Filled like this, I read ${withArticle(moment.read)}${
            before === undefined ? '' : before === moment.read ? ', as before' : `; it was ${withArticle(before)}`
        }.`;
        return `${read} On what was kept, the network is ${withUnit(this.#known, 'share')} off.${this.behind}`;
    }
}

declare global {
    interface HTMLElementTagNameMap {
        'pl-fill': PlFill;
    }
}
