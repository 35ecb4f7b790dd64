import { css, html } from 'lit';
import { customElement, query } from 'lit/decorators.js';
import type { Params } from 'pellucid';
import { withUnit } from '../../core/words.ts';
import '../../elements/pl-map.ts';
import type { PlMap } from '../../elements/pl-map.ts';
import { newest } from '../../state/live.ts';
import { amount, inAddress } from '../../state/room-settings.ts';
import { Uses } from '../../state/signal.ts';
import { shared } from '../../styles/shared.ts';
import '../../views/series/pl-series.ts';
import type { Curve } from '../../views/series/pl-series.ts';
import type { Group } from './group.ts';
import { imagineStyles } from './imagine.css.ts';
import { emptyBoard, ImaginePart } from './part.ts';
import './pl-dream.ts';
import './pl-strip.ts';

const method = 'deep_image_prior';
const steps = 300;
/** Of the pixels' own way: after all steps a hundredth of the distance is left. */
const rate = 1 - 0.01 ** (1 / steps);

/** Normal numbers from a seed: the same noise again for the same seed. */
function normals(count: number, seed: number): Float32Array {
    let state = (seed + 1) * 0x9e3779b9;
    const uniform = () => {
        state = Math.imul(state ^ (state >>> 15), 0x85ebca6b) + 0x6d2b79f5;
        const mixed = Math.imul(state ^ (state >>> 13), 0xc2b2ae35);
        return ((mixed ^ (mixed >>> 16)) >>> 0) / 2 ** 32;
    };
    return Float32Array.from(
        { length: count },
        () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform()),
    );
}
const psnr = (picture: Float32Array, clean: Float32Array): number =>
    -10 *
    Math.log10(Math.max(1e-12, picture.reduce((sum, value, i) => sum + (value - clean[i]!) ** 2, 0) / clean.length));

/** An untrained network is fitted to a noisy drawing: the strokes come before the noise. */
@customElement('pl-prior')
export class PlPrior extends ImaginePart {
    static override styles = [
        shared,
        imagineStyles,
        css`
            .three {
                display: grid;
                grid-template-columns: repeat(3, minmax(0, 224px));
                gap: var(--gap-3);
            }
            figcaption {
                margin-top: var(--gap-1);
            }
            pl-series {
                max-width: 460px;
            }
        `,
    ];

    @inAddress('imagine.noise', 0.3, amount(0, 0.6)) private noise!: number;
    @query('#noisy') private noisyMap!: PlMap | null;
    @query('#own') private ownMap!: PlMap | null;
    #clean: Float32Array | null = null;
    #noisy: Float32Array | null = null;
    /** Signal to noise after each snapshot: of the prior's picture. */
    #curve: [number, number][] = [];

    constructor() {
        super();
        new Uses(this, newest);
    }

    readonly #begin = async (): Promise<void> => {
        const card = this.card(method);
        if (!card || !newest.value) return;
        const params: Params = { steps };
        this.#curve = [];
        const group = await this.launch([method], (model) => {
            const clean = this.drawing(model);
            const noise = normals(clean.length, 0);
            const noisy = clean.map((value, i) => Math.min(1, Math.max(0, value + this.noise * noise[i]!)));
            [this.#clean, this.#noisy] = [clean, noisy];
            return [{ card, params, targets: ['predicted'], input: noisy, model }];
        });
        group?.changed.subscribe(() => this.#measure(group));
    };
    #measure(group: Group): void {
        const moment = group.moment(0);
        if (!moment || group !== this.group || !this.#clean || group.at !== null) return;
        const step = Math.round(moment.progress * steps);
        if (this.#curve.at(-1)?.[0] !== step) this.#curve.push([step, psnr(moment.picture, this.#clean)]);
    }

    /** Pixels that each go their own way from blank paper: the same share of what is left, at every step. */
    #own(step: number): Float32Array | null {
        const reached = 1 - (1 - rate) ** step;
        return this.#noisy?.map((value) => reached * value) ?? null;
    }
    protected override updated(): void {
        const { model, group } = this;
        if (!model || !group || !this.#noisy) return;
        const { height, width } = model.input;
        const shown = (data: Float32Array) => ({ map: { data, height, width, channels: 1 }, kind: 'image' as const });
        this.noisyMap?.show(shown(this.#noisy));
        const own = this.#own(Math.round((group.moment(0)?.progress ?? 0) * steps));
        if (own) this.ownMap?.show(shown(own));
    }

    protected override render() {
        const { model, group } = this;
        if (!model) return html``;
        return html`
            <h2 tabindex="-1">Does an untrained network prefer strokes to noise?</h2>
            <p class="intro">
                Noise is added to your drawing. A network with random weights learns to make just this one noisy
                picture, here in your browser. Its form alone makes the strokes come before the noise; pixels that are
                moved one by one have no such preference.
            </p>
            <div class="choices screen">
                <label>noise
                    <input type="range" aria-label="noise" min="0" max="0.6" step="0.05" .value=${String(this.noise)}
                        @input=${(event: Event) => (this.noise = (event.target as HTMLInputElement).valueAsNumber)}
                        @change=${() => this.group && void this.#begin()} />
                    <output class="quiet">${this.noise.toFixed(2)} of ink</output>
                </label>
            </div>
            <pl-strip .group=${group} .missing=${
                this.missing(method) || (newest.value ? '' : emptyBoard)
            } begin="Fit the network" name="the fit" @group-start=${this.#begin}></pl-strip>
            <p class="said" aria-live="polite">${this.#words()}</p>
            <div class="three">
                <figure><pl-map id="noisy" label="The drawing with noise"></pl-map><figcaption class="quiet">what is to
                    be made</figcaption></figure>
                <pl-dream name="an untrained network" .model=${model} .moment=${group?.moment(0) ?? null} .origin=${{
                    view: { method, params: {} },
                    target: null,
                    model: this.modelId,
                }}></pl-dream>
                <figure><pl-map id="own" label="What the pixels alone make"></pl-map><figcaption class="quiet">pixels
                    one by one</figcaption></figure>
            </div>
            ${this.#curves()}
        `;
    }

    #series(): Curve[] {
        const clean = this.#clean;
        const found = this.#curve;
        if (!clean || found.length < 2) return [];
        const at = Float32Array.from(found, ([step]) => step);
        return [
            { name: 'untrained network', at, values: Float32Array.from(found, ([, value]) => value) },
            {
                name: 'pixels one by one',
                at,
                values: Float32Array.from(found, ([step]) => psnr(this.#own(step)!, clean)),
            },
        ];
    }
    #curves() {
        const curves = this.#series();
        if (curves.length === 0) return '';
        return html`<pl-series .curves=${curves} name="nearness to the clean drawing" along="step" unit="dB"
            label="How near the network and the pixels come to the clean drawing, step by step"></pl-series>`;
    }
    #words(): string {
        const { group } = this;
        const [ours, own] = this.#series();
        if (!group || group.active || !ours || !own || !this.#clean || !this.#noisy) return '';
        const best = Math.max(...ours.values);
        const step = ours.at[ours.values.indexOf(best)] ?? 0;
        const noisy = psnr(this.#noisy, this.#clean);
        const most = Math.max(...own.values);
        return `After ${Math.round(step)} steps the network was nearest to the drawing without noise: ${withUnit(
            best,
            'dB',
        )}. The noisy picture itself has ${withUnit(
            noisy,
            'dB',
        )}, and the pixels alone never more than ${withUnit(most, 'dB')}.`;
    }
}

declare global {
    interface HTMLElementTagNameMap {
        'pl-prior': PlPrior;
    }
}
