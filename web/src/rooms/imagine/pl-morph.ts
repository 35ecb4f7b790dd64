import { css, html } from 'lit';
import { customElement, query, state } from 'lit/decorators.js';
import type { Explanation, Frames, Params, Prediction } from 'pellucid';
import { percentWords } from '../../core/numbers.ts';
import '../../elements/pl-legend.ts';
import '../../elements/pl-map.ts';
import type { PlMap } from '../../elements/pl-map.ts';
import { newest } from '../../state/live.ts';
import { digitOrAny, inAddress } from '../../state/room-settings.ts';
import { Uses } from '../../state/signal.ts';
import { withArticle } from '../../state/target.ts';
import { shared } from '../../styles/shared.ts';
import '../../views/series/pl-series.ts';
import { imagineStyles } from './imagine.css.ts';
import { emptyBoard, ImaginePart } from './part.ts';
import './pl-dream.ts';
import './pl-strip.ts';

const method = 'counterfactual';
/** Pictures of the morph. */
const length = 17;

/**
 * What would have to change for another answer: a morph from the drawing's picture to the nearest one that is read so.
 */
@customElement('pl-morph')
export class PlMorph extends ImaginePart {
    static override styles = [
        shared,
        imagineStyles,
        css`
            .morph {
                display: grid;
                grid-template-columns: repeat(3, minmax(0, 224px));
                gap: var(--gap-3);
            }
            figcaption {
                margin-top: var(--gap-1);
            }
            .scrub {
                display: grid;
                grid-template-columns: auto minmax(0, 1fr) auto;
                align-items: center;
                gap: var(--gap-3);
                max-width: 696px;
            }
            .scrub input {
                accent-color: var(--accent);
            }
            pl-series {
                max-width: 420px;
            }
        `,
    ];

    /** null: anything but the answer. */
    @inAddress('imagine.answer', 9, digitOrAny) private wanted!: number | null;
    @state() private at = length - 1;
    /** How each picture of the morph is read. */
    @state() private readings: readonly Prediction[] = [];
    @query('#morph') private picture!: PlMap | null;
    @query('#change') private change!: PlMap | null;
    #reading = 0;

    constructor() {
        super();
        new Uses(this, newest);
    }

    get #answer(): Explanation | null {
        return this.group?.answers[0] ?? null;
    }
    get #path(): Frames | null {
        return (this.#answer?.outputs['path'] as Frames | undefined) ?? null;
    }
    #number(name: string): number {
        return (this.#answer?.outputs[name] as number[] | undefined)?.[0] ?? 0;
    }

    readonly #begin = async (): Promise<void> => {
        const card = this.card(method);
        if (!card) return;
        this.readings = [];
        this.at = length - 1;
        const params: Params = { path: length };
        const target = this.wanted === null ? 'predicted' : `class:${this.wanted}`;
        const group = await this.launch([method], (model) => [
            { card, params, targets: [target], input: this.drawing(model), model },
        ]);
        await group?.ended;
        if (group && group === this.group) await this.#read();
    };
    /** Reads the morph, picture by picture. */
    async #read(): Promise<void> {
        const { model } = this;
        const path = this.#path;
        if (!model || !path) return;
        const mine = ++this.#reading;
        const readings = await Promise.all(path.images.map(({ data }) => model.predict(data)));
        if (mine === this.#reading) this.readings = readings;
    }

    protected override updated(): void {
        const path = this.#path;
        const shown = path?.images[this.at];
        const first = path?.images[0];
        if (!shown || !first) return;
        this.picture?.show({ map: shown, kind: 'image' });
        this.change?.show({
            map: { ...shown, data: shown.data.map((value, i) => value - first.data[i]!) },
            kind: 'signed',
            scale: 1,
            input: first,
        });
    }

    protected override render() {
        const { model, group, readings } = this;
        if (!model) return html``;
        const { given } = this;
        const path = this.#path;
        const missing = this.missing(method) || (newest.value ? '' : emptyBoard);
        const reading = readings[this.at];
        return html`
            <h2 tabindex="-1">What would have to change for another answer?</h2>
            <p class="intro">
                The generator first writes your drawing as well as it can. Then its numbers move as little as possible
                until the answer is another one.
            </p>
            <div class="choices screen">
                <label>It should be read as
                    <select
                        @change=${(event: Event) => {
                            const { value } = event.target as HTMLSelectElement;
                            this.wanted = value === '' ? null : Number(value);
                            if (this.group) void this.#begin();
                        }}
                    >
                        <option value="" ?selected=${this.wanted === null}>anything else</option>
                        ${Array.from(
                            { length: 10 },
                            (_, digit) => html`<option value=${digit}
                            ?selected=${digit === this.wanted}>${withArticle(digit)}</option>`,
                        )}
                    </select>
                </label>
            </div>
            <pl-strip .group=${group} .missing=${missing} begin="Find the change" name="the search"
                @group-start=${this.#begin}></pl-strip>
            <p class="said" aria-live="polite">${this.#words()}</p>
            <div class="morph">
                <figure>
                    <pl-map label="Your drawing as the network gets it" .shown=${
                        given ? { map: given.input, kind: 'image' } : null
                    }></pl-map>
                    <figcaption class="quiet">your drawing${
                        given ? `, read as ${given.prediction.predicted}` : ''
                    }</figcaption>
                </figure>
                <figure>
                    <pl-map id="morph" label="The morph${reading ? `, read as ${reading.predicted}` : ''}"></pl-map>
                    <figcaption class="quiet">the generator’s picture${
                        reading
                            ? `, read as ${reading.predicted} (${percentWords(
                                  reading.probabilities[reading.predicted] ?? 0,
                              )} %)`
                            : ''
                    }</figcaption>
                </figure>
                <figure>
                    <pl-map id="change" label="What has changed"></pl-map>
                    <pl-legend kind="signed" .scale=${1}></pl-legend>
                    <figcaption class="quiet">ink added or taken away</figcaption>
                </figure>
            </div>
            ${
                path
                    ? html`<label class="scrub screen"
                          ><span class="quiet">as drawn</span>
                          <input
                              type="range"
                              aria-label="Morph"
                              min="0"
                              max=${length - 1}
                              step="1"
                              .value=${String(this.at)}
                              @input=${(event: Event) => (this.at = (event.target as HTMLInputElement).valueAsNumber)}
                          />
                          <span class="quiet">changed</span></label
                      >`
                    : ''
            }
            ${this.#curves()}
        `;
    }

    #curves() {
        const { readings } = this;
        const [first, last] = [readings[0]?.predicted, readings.at(-1)?.predicted];
        if (first === undefined || last === undefined || first === last) return '';
        const at = Float32Array.from(readings, (_, i) => i / (readings.length - 1));
        const curve = (digit: number) => ({
            name: `a ${digit}`,
            at,
            values: Float32Array.from(readings, ({ probabilities }) => probabilities[digit] ?? 0),
        });
        return html`<pl-series .curves=${[curve(first), curve(last)]} name="probability" along="way" unit="probability"
            label="How sure the network is of ${first} and of ${last} on the way"></pl-series>`;
    }

    #words(): string {
        const { group, readings } = this;
        if (!group) return '';
        if (group.active)
            return group.progress < 0.5
                ? 'Looking for the numbers of your drawing.'
                : 'Looking for the smallest change.';
        if (readings.length === 0) return '';
        const off = `The generator’s own picture of your drawing is ${percentWords(
            Math.min(1, this.#number('fit_error')),
        )} % off.`;
        const [first, last] = [readings[0]!.predicted, readings.at(-1)!.predicted];
        const wanted = this.wanted === null ? 'anything else' : withArticle(this.wanted);
        if (this.#number('success') === 0) return `No picture that is read as ${wanted} was found. ${off}`;
        if (first === last)
            return `The generator’s picture of your drawing is read as ${withArticle(last)} from the start. ${off}`;
        const turn = readings.findIndex(({ predicted }) => predicted === last) / (readings.length - 1);
        return `For ${withArticle(last)} instead of ${withArticle(
            first,
        )} this much has to change; the answer turns after ${percentWords(turn)} % of the way. ${off}${this.behind}`;
    }
}

declare global {
    interface HTMLElementTagNameMap {
        'pl-morph': PlMorph;
    }
}
