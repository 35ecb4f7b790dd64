import { css, html } from 'lit';
import { customElement, state } from 'lit/decorators.js';
import type { Model, Params } from 'pellucid';
import { withUnit } from '../../core/words.ts';
import '../../elements/pl-map.ts';
import { newest } from '../../state/live.ts';
import { inAddress, params as knobsText } from '../../state/room-settings.ts';
import { Uses } from '../../state/signal.ts';
import { shared } from '../../styles/shared.ts';
import '../../views/series/pl-series.ts';
import type { Order } from './group.ts';
import { imagineStyles } from './imagine.css.ts';
import { knobs } from './knobs.ts';
import { emptyBoard, ImaginePart } from './part.ts';
import './pl-dream.ts';
import './pl-strip.ts';

const method = 'inversion';
/** Beginnings side by side: pictures that the layer takes for the same. */
const seeds = [0, 1, 2];
const steps = 200;

const square = (values: Float32Array): number => values.reduce((sum, value) => sum + value * value, 0);

/**
 * What each layer still knows of the drawing: pictures that it cannot tell from it, from the first layer to the last.
 */
@customElement('pl-depth')
export class PlDepth extends ImaginePart {
    static override styles = [
        shared,
        imagineStyles,
        css`
            .depth {
                display: grid;
                grid-template-columns: repeat(auto-fill, minmax(100px, 1fr));
                gap: var(--gap-3);
                max-width: 860px;
            }
            .column {
                display: grid;
                align-content: start;
                gap: var(--gap-2);
            }
            pl-series {
                max-width: 420px;
            }
        `,
    ];

    @inAddress('imagine.depth', {}, knobsText) private params!: Params;
    /** The layers that the strip is of. */
    @state() private layers: readonly string[] = [];

    /** The drawing that the pictures are about. */
    #input: Float32Array | null = null;

    constructor() {
        super();
        new Uses(this, newest);
    }

    /** Those that compute something; what bends or pools between them knows no less. */
    #strip(model: Model): string[] {
        return model.layers
            .filter(({ op }) => /^(conv|gemm|matmul|dense|globalaveragepool)/i.test(op))
            .map(({ name }) => name);
    }

    readonly #begin = async (): Promise<void> => {
        const card = this.card(method);
        if (!card) return;
        await this.launch([method], (model) => {
            this.layers = this.#strip(model);
            const input = this.drawing(model);
            this.#input = input;
            return seeds.flatMap((seed) =>
                this.layers.map(
                    (layer): Order => ({
                        card,
                        params: { ...this.params, layer, seed, steps },
                        targets: ['predicted'],
                        input,
                        model,
                    }),
                ),
            );
        });
    };

    /** Of a layer the mean over the starts; NaN before there is any. */
    #error(name: string, layer: number): number {
        const values = seeds.flatMap((_, row) => {
            const item = this.group?.answers[row * this.layers.length + layer]?.outputs[name];
            return Array.isArray(item) && typeof item[0] === 'number' ? [item[0]] : [];
        });
        return values.length === 0 ? Number.NaN : values.reduce((sum, value) => sum + value, 0) / values.length;
    }

    /** How far the pictures of a layer's starts are from each other, as a share of the drawing's length. */
    #apart(layer: number): number {
        const found = seeds.flatMap((_, row) => this.group?.moment(row * this.layers.length + layer)?.picture ?? []);
        const length = this.#input ? Math.sqrt(square(this.#input)) : 0;
        let sum = 0;
        let pairs = 0;
        for (let a = 0; a < found.length; a++) {
            for (let b = 0; b < a; b++) {
                sum += Math.sqrt(square(found[a]!.map((value, i) => value - found[b]![i]!)));
                pairs++;
            }
        }
        return pairs > 0 && length > 0 ? sum / pairs / length : 0;
    }

    protected override render() {
        const { model, group } = this;
        const card = this.card(method);
        if (!model || !card) return html``;
        const { given } = this;
        const layers = group ? this.layers : this.#strip(model);
        const picture = (layer: string, which: number, row: number) => {
            const moment = group?.moment(row * layers.length + which) ?? null;
            return html`<pl-dream
                ?small=${row > 0}
                name=${row === 0 ? layer : ''}
                .model=${model}
                .moment=${moment}
                .origin=${{
                    view: { method, params: { ...this.params, layer, seed: seeds[row]!, steps } },
                    target: null,
                    model: this.modelId,
                }}
            ></pl-dream>`;
        };
        return html`
            <h2 tabindex="-1">What does each layer still know of the drawing?</h2>
            <p class="intro">
                Each picture began as noise and was changed until the layer could not tell it from your drawing. Where
                three starts end alike, the layer knows the drawing; where they differ, it takes all of them for the
                same.
            </p>
            <pl-strip .group=${group} .missing=${
                this.missing(method) || (newest.value ? '' : emptyBoard)
            } begin="Ask every layer" name="the pictures" @group-start=${this.#begin}></pl-strip>
            <p class="said" aria-live="polite">${this.#words(layers)}</p>
            <div class="depth">
                <div class="column">
                    <pl-map label="Your drawing as the network gets it" .shown=${
                        given ? { map: given.input, kind: 'image' } : null
                    }></pl-map>
                    <span class="quiet">your drawing</span>
                </div>
                ${layers.map(
                    (layer, which) =>
                        html`<div class="column">${seeds.map((_, row) => picture(layer, which, row))}</div>`,
                )}
            </div>
            ${this.#curves(layers)}
            ${knobs(
                card,
                ['tv', 'l2', 'noise'],
                this.params,
                (name, value) => (this.params = { ...this.params, [name]: value }),
                () => {
                    if (this.group) void this.#begin();
                },
            )}
        `;
    }

    #curves(layers: readonly string[]) {
        const { group } = this;
        if (!group || group.active) return '';
        const at = Float32Array.from(layers, (_, i) => i + 1);
        const curve = (name: string, words: string) => ({
            name: words,
            at,
            values: Float32Array.from(layers, (_, i) => this.#error(name, i)),
        });
        return html`<pl-series
            .curves=${[curve('picture_error', 'off the drawing'), curve('feature_error', 'what the layer tells apart')]}
            name="distance"
            along="layer"
            unit="share"
            label="How far the pictures are from the drawing, and how much of that the layer notices, layer by layer"
        ></pl-series>`;
    }

    #words(layers: readonly string[]): string {
        const { group } = this;
        if (!group || group.active) return '';
        const off = layers.map((_, i) => this.#error('picture_error', i));
        if (off.some(Number.isNaN)) return '';
        const share = (i: number) => withUnit(off[i]!, 'share');
        const last = layers.length - 1;
        const apart = (i: number) => withUnit(this.#apart(i), 'share');
        return `Pictures that ${
            layers[0]
        } cannot tell from your drawing are ${share(0)} off it, and their three starts ${apart(0)} apart; those that ${
            layers[last]
        } cannot tell from it are ${share(last)} off, and ${apart(last)} apart.${this.behind}`;
    }
}

declare global {
    interface HTMLElementTagNameMap {
        'pl-depth': PlDepth;
    }
}
