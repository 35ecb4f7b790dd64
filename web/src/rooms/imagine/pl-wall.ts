import { html } from 'lit';
import { customElement, state } from 'lit/decorators.js';
import type { MethodCard, Model, Params } from 'pellucid';
import { modelOf } from '../../state/engine.ts';
import { classMeans } from '../../state/means.ts';
import { entryOf } from '../../state/models.ts';
import { picture } from '../../state/pictures.ts';
import { count, inAddress, oneOf, params as knobsText, word } from '../../state/room-settings.ts';
import { shared } from '../../styles/shared.ts';
import type { Group, Moment, Order } from './group.ts';
import { imagineStyles } from './imagine.css.ts';
import { knobs } from './knobs.ts';
import { ImaginePart } from './part.ts';
import './pl-dream.ts';
import './pl-strip.ts';

/** Ways to keep a picture near what one can read, from none to all. */
const ways = [
    { id: 'activation_maximisation', words: 'free pixels', knobs: ['l2', 'tv', 'jitter', 'blur', 'decay'] },
    { id: 'am_expert', words: 'pixels, and an expert on digits', knobs: ['density'] },
    { id: 'am_code_space', words: 'only what a generator writes', knobs: ['code_l2'] },
] as const;
type Way = (typeof ways)[number]['id'];
/** A sample to begin with, of the built-in drawings. */
const sample = 3;
const digits = Array.from({ length: 10 }, (_, digit) => digit);
/** The network that has a look at what another one was shown. */
const secondOf = (id: string): string => (id === 'gap' ? 'lenet' : 'gap');
const channelSteps = 120;

/** The picture that each digit, or each channel of a layer, answers to most: all of them at once, as they grow. */
@customElement('pl-wall')
export class PlWall extends ImaginePart {
    static override styles = [shared, imagineStyles];

    @inAddress('imagine.way', 'activation_maximisation', oneOf(ways.map(({ id }) => id)))
    private way!: Way;
    /** '' for the ten digits. */
    @inAddress('imagine.layer', '', word) private layer!: string;
    @inAddress('imagine.start', 'noise', oneOf<string>(['noise', 'paper', 'drawing', 'sample', 'mean']))
    private start!: string;
    @inAddress('imagine.seed', 0, count()) private seed!: number;
    @inAddress('imagine.knobs', {}, knobsText) private params!: Params;
    /** What the second network reads of each picture. */
    @state() private second: (number | null)[] = [];
    #shownTo: (Moment | null)[] = [];
    #asking = false;

    /** The layers that have channels with places, and how many. */
    #layers(model: Model): { name: string; channels: number }[] {
        return model.layers
            .filter(({ op }) => /^conv/i.test(op))
            .map(({ name, shape }) => ({ name, channels: shape[2] }));
    }
    /** Where the choice differs from the card's defaults. */
    #chosen(card: MethodCard): Params {
        const params: Params = {};
        const has = (name: string) => card.params.some((param) => param.name === name);
        for (const [name, value] of Object.entries(this.params)) if (has(name)) params[name] = value;
        const start = this.start === 'sample' ? 'drawing' : this.start;
        // Not every synthesis begins with a mean.
        const { choices } = card.params.find(({ name }) => name === 'start') ?? {};
        if (start !== 'noise' && choices?.includes(start)) params['start'] = start;
        if (this.seed !== 0) params['seed'] = this.seed;
        if (this.layer !== '') params['steps'] = channelSteps;
        return params;
    }

    protected override willUpdate(): void {
        super.willUpdate();
        // An address, or another network, may name a layer that this one has not.
        const { model, layer } = this;
        if (model && layer !== '' && !this.#layers(model).some(({ name }) => name === layer)) this.layer = '';
    }

    readonly #begin = async (): Promise<void> => {
        const { model } = this;
        const card = this.card(this.way);
        if (!model || !card) return;
        const params = this.#chosen(card);
        // Channels have no class, and so no mean.
        const means = params['start'] === 'mean' ? await classMeans() : null;
        const input =
            this.start === 'sample' ? (picture(`digit-${sample}`) ?? this.drawing(model)) : this.drawing(model);
        this.second = [];
        this.#shownTo = [];
        const group = await this.launch([this.way], () => this.#orders(card, model, params, input, means), [
            secondOf(this.modelId),
        ]);
        if (group && this.layer === '') {
            this.#watchSecond(group);
        }
    };

    /** One order for each worker, so that all have the same to do. */
    #orders(
        card: MethodCard,
        model: Model,
        params: Params,
        input: Float32Array,
        means: Float32Array[] | null,
    ): Order[] {
        const targets = this.#targets(model);
        const parts = Math.min(this.workers, targets.length);
        const size = Math.ceil(targets.length / parts);
        const orders: Order[] = [];
        for (let from = 0; from < targets.length; from += size) {
            const own = targets.slice(from, from + size);
            const full = { ...params };
            if (means) {
                const one = means[0]!.length;
                const all = new Float32Array(own.length * one);
                for (let n = 0; n < own.length; n++) all.set(means[from + n]!, n * one);
                full['mean'] = all;
            }
            orders.push({ card, params: full, targets: own, input, model });
        }
        return orders;
    }
    #targets(model: Model): string[] {
        if (this.layer === '') return digits.map((digit) => `class:${digit}`);
        const { channels = 0 } = this.#layers(model).find(({ name }) => name === this.layer) ?? {};
        return Array.from({ length: channels }, (_, channel) => `channel:${this.layer}/${channel}`);
    }

    #watchSecond(group: Group): void {
        const ask = () => void this.#askSecond(group);
        const end = group.changed.subscribe(ask);
        void group.ended.then(() => {
            end();
            ask();
        });
    }
    /** A second network reads the pictures: those that have changed since, one after another. */
    async #askSecond(group: Group): Promise<void> {
        if (this.#asking || this.group !== group) return;
        this.#asking = true;
        try {
            const second = await modelOf(secondOf(this.modelId));
            for (const digit of digits) {
                const moment = group.moment(digit);
                if (!moment || moment === this.#shownTo[digit] || this.group !== group) continue;
                this.#shownTo[digit] = moment;
                const { predicted } = await second.predict(moment.picture);
                if (this.group !== group) return;
                this.second = digits.map((each) => (each === digit ? predicted : (this.second[each] ?? null)));
            }
        } catch (error) {
            console.error(error);
        } finally {
            this.#asking = false;
        }
        // What has come while it read.
        if (group.active || digits.some((digit) => group.moment(digit) !== this.#shownTo[digit]))
            setTimeout(() => void this.#askSecond(group), 120);
    }

    /** Whether the synthesis can begin with the digits' means; channels have none. */
    get #hasMean(): boolean {
        const start = this.card(this.way)?.params.find(({ name }) => name === 'start');
        return this.layer === '' && (start?.choices?.includes('mean') ?? false);
    }
    /** Channels have no density that knows them, and no mean. */
    #change(patch: { way?: Way; layer?: string; start?: string; seed?: number }): void {
        Object.assign(this, patch);
        if (this.layer !== '') this.way = 'activation_maximisation';
        // From noise the expert ends at the first faint picture that will do; from a mean it ends at a digit.
        if (patch.way === 'am_expert' && this.#hasMean) this.start = 'mean';
        if (this.start === 'mean' && !this.#hasMean) this.start = 'noise';
        this.#again();
    }
    /** What is set counts at once where pictures are there already. */
    #again(): void {
        if (this.group) void this.#begin();
    }

    protected override render() {
        const { model, group } = this;
        const card = this.card(this.way);
        if (!model || !card) return html``;
        const targets = this.#targets(model);
        const way = ways.find(({ id }) => id === this.way)!;
        const params = this.#chosen(card);
        const second = entryOf(secondOf(this.modelId)).title;
        return html`
            <h2 tabindex="-1">What would the network like to see?</h2>
            <p class="intro">
                The search begins with noise and changes every pixel so that ${
                    this.layer === '' ? 'the digit' : 'the channel'
                } scores higher, step by step. It is one picture of many, and the brakes below decide as much as the
                    network does.
            </p>
            ${this.#choices(model)}
            <pl-strip .group=${group} .missing=${this.missing(this.way)} begin=${
                this.layer === '' ? 'Imagine ten digits' : `Imagine ${targets.length} channels`
            } name="the wall" @group-start=${this.#begin}></pl-strip>
            <div class="wall ${this.layer === '' ? '' : 'many'}" aria-label="The wall">
                ${targets.map((target, index) => {
                    const moment = group?.moment(index) ?? null;
                    const read = this.second[index] ?? null;
                    return html`<pl-dream
                        ?small=${this.layer !== ''}
                        name=${this.layer === '' ? `a ${index}`.replace('a 8', 'an 8') : String(index)}
                        .wanted=${this.layer === '' ? index : null}
                        .model=${model}
                        .moment=${this.layer === '' ? moment : moment && { ...moment, read: null, sure: null }}
                        more=${this.layer === '' && moment && read !== null ? `other reads ${read}` : ''}
                        .origin=${{
                            view: {
                                method: this.way,
                                params: params['start'] === 'mean' ? { ...params, mean: `mean-${index}` } : params,
                            },
                            target,
                            model: this.modelId,
                        }}
                    ></pl-dream>`;
                })}
            </div>
            <p class="said" aria-live="polite">${this.layer === '' ? this.#words(second) : ''}</p>
            ${knobs(
                card,
                way.knobs,
                this.params,
                (name, value) => (this.params = { ...this.params, [name]: value }),
                () => this.#again(),
            )}
        `;
    }

    #choices(model: Model) {
        const layers = this.#layers(model);
        const select = (
            label: string,
            value: string,
            options: readonly (readonly [string, string])[],
            set: (value: string) => void,
        ) => html`<label>
            ${label}
            <select @change=${(event: Event) => set((event.target as HTMLSelectElement).value)}>
                ${options.map(([id, words]) => html`<option value=${id} ?selected=${id === value}>${words}</option>`)}
            </select>
        </label>`;
        const starts: [string, string][] = [
            ['noise', 'noise'],
            ['paper', 'blank paper'],
            ['drawing', 'your drawing'],
            ['sample', `a sample, a ${sample}`],
            ...(this.#hasMean ? ([['mean', 'each digit’s mean']] as [string, string][]) : []),
        ];
        return html`<div class="choices screen">
            ${select(
                'Show',
                this.layer,
                [
                    ['', 'the ten digits'],
                    ...layers.map(({ name, channels }) => [name, `${channels} channels of ${name}`] as const),
                ],
                (layer) => this.#change({ layer }),
            )}
            ${
                this.layer === ''
                    ? select(
                          'made of',
                          this.way,
                          ways.map(({ id, words }) => [id, words] as const),
                          (way) => this.#change({ way: way as Way }),
                      )
                    : ''
            }
            ${
                this.way === 'am_code_space'
                    ? ''
                    : select('from', this.start, starts, (start) => this.#change({ start }))
            }
            <button @click=${() => this.#change({ seed: this.seed + 1 })}>Other noise</button>
        </div>`;
    }

    #words(second: string): string {
        const { group } = this;
        const moments = digits.map((digit) => group?.moment(digit) ?? null);
        if (!group || moments.includes(null)) return '';
        const first = entryOf(this.modelId).title;
        const meant = moments.filter((moment, digit) => moment?.read === digit && (moment.sure ?? 0) > 0.99).length;
        const own = `${first} is more than 99 % sure of ${meant === 10 ? 'all ten' : `${meant} of ten`}`;
        if (digits.some((digit) => (this.second[digit] ?? null) === null)) return `${own}.`;
        const agrees = digits.filter((digit) => this.second[digit] === digit).length;
        return `${own}; the other network (${second}), which had no part in it, reads ${
            agrees === 10 ? 'all ten' : `${agrees} of ten`
        } as they were meant.`;
    }
}

declare global {
    interface HTMLElementTagNameMap {
        'pl-wall': PlWall;
    }
}
