import { LitElement, html } from 'lit';
import { customElement, state } from 'lit/decorators.js';
import type { Computed, Explanation, MethodCard, Params, TargetText } from 'pellucid';
import { icon } from '../../core/icons.ts';
import { short } from '../../core/numbers.ts';
import { largest } from '../../core/regions.ts';
import { channelOf } from '../../core/steps.ts';
import {
    isFlat,
    missingUnit,
    opTitle,
    opWords,
    parseUnit,
    placed,
    sizeOf,
    still,
    targetOfUnit,
    unitName,
    unitText,
    unitWords,
    type Unit,
} from '../../core/unit.ts';
import { sentence } from '../../core/words.ts';
import '../../elements/pl-own-images.ts';
import '../../elements/pl-target.ts';
import { phase } from '../../state/engine.ts';
import type { Source } from '../../state/live.ts';
import { address, amend, isMethod, route, travelled } from '../../state/route.ts';
import { Uses } from '../../state/signal.ts';
import { layerValues, useValues } from '../../state/values.ts';
import { shared } from '../../styles/shared.ts';
import './pl-arithmetic.ts';
import type { PlArithmetic, UnitChoice } from './pl-arithmetic.ts';
import './pl-break.ts';
import './pl-evidence.ts';
import './pl-field.ts';
import './pl-histograms.ts';
import './pl-layer-maps.ts';
import type { SpotChoice } from './pl-layer-maps.ts';
import './pl-steppers.ts';
import { unitStyles } from './pl-unit.css.ts';
import { addsWords, nothingWords, reactsWords, topWords, withoutWords } from './unit-words.ts';

interface Asked {
    method: string;
    params?: Params;
    target?: TargetText;
    outputs?: readonly string[];
    draw?: (explanation: Explanation) => unknown;
    say?: (explanation: Explanation) => string;
    heading: string;
    map?: boolean;
    wide?: boolean;
    source?: Source;
}

/**
 * All about one unit or channel: what it sees, computes, reacts to, adds to the answer, and what happens without it.
 */
@customElement('pl-unit')
export class PlUnit extends LitElement {
    static override styles = [shared, unitStyles];

    @state() private field: Computed['field'] | null = null;
    #end = () => {};

    constructor() {
        super();
        new Uses(this, layerValues, phase, route);
    }
    override connectedCallback(): void {
        super.connectedCallback();
        this.#end = useValues();
    }
    override disconnectedCallback(): void {
        super.disconnectedCallback();
        this.#end();
    }
    protected override firstUpdated(): void {
        if (travelled()) this.renderRoot.querySelector<HTMLElement>('h2')?.focus();
    }

    readonly #choose = (unit: Unit): void => {
        if (phase.value.name !== 'ready') return;
        amend({ room: 'unit', unit: unitText(placed(unit, phase.value.model.layers)) });
    };

    protected override render() {
        const now = route.value;
        if (phase.value.name !== 'ready' || isMethod(now)) return '';
        const { layers } = phase.value.model;
        const first = layers.find(({ op }) => op === 'Relu') ?? layers[0];
        const text = now.unit ?? (first ? `${first.name}/0` : '');
        const named = parseUnit(text);
        const unit = named && still(named, layers);
        const missing = unit
            ? missingUnit(unit, layers)
            : `“${text}” names no unit; a unit is LAYER/CHANNEL, as in relu2/3.`;
        if (!unit || missing)
            return html`<p role="alert">${missing}</p><p><a href=${address({ room: 'inside' })}>See what there is
                inside.</a></p>`;
        return this.#page(unit, phase.value.modelId, phase.value.cards);
    }

    #page(unit: Unit, modelId: string, cards: ReadonlyMap<string, MethodCard>) {
        const layers = phase.value.name === 'ready' ? phase.value.model.layers : [];
        const info = layers.find(({ name }) => name === unit.layer)!;
        const size = sizeOf(info);
        const flat = isFlat(size);
        const { layer, channel, place } = unit;
        const target = targetOfUnit(unit, size);
        const single: Unit = {
            ...unit,
            place: flat ? null : (place ?? { row: size.height >> 1, column: size.width >> 1 }),
        };
        const units = unitText(unit).slice(layer.length + 1);
        // What the training images did to it was counted with the network as it is.
        const whole: Source = { model: modelId, drawing: null };
        const evidence = (asked: Asked) => this.#evidence(asked, cards);
        return html`
            <header>
                <div class="title">
                    <a class="button screen" href=${address({
                        room: 'inside',
                        unit: unitText(single),
                    })} title="Back to the overview">${icon('back')} Inside</a>
                    <h2 tabindex="-1">${sentence(unitWords(unit, size))}</h2>
                </div>
                <p class="quiet">${opTitle(info.op)}${opWords(info.op) ? `: it ${opWords(info.op)}` : ''}.</p>
                <div class="where screen">
                    <label>of
                        <select aria-label="The layer" @change=${(event: Event) =>
                            this.#choose({
                                layer: (event.target as HTMLSelectElement).value,
                                channel: 0,
                                place: null,
                            })}>
                            ${layers.map(
                                ({ name }) => html`<option value=${name}
                                ?selected=${name === layer}>${name}</option>`,
                            )}
                        </select>
                    </label>
                    <pl-steppers ?whole=${place === null} .unit=${unit} .size=${size} @unit-choice=${({
                        unit: next,
                    }: UnitChoice) => this.#choose(next)}></pl-steppers>
                    ${
                        place
                            ? html`<button @click=${() =>
                                  this.#choose({ layer, channel, place: null })}>The whole channel</button>`
                            : ''
                    }
                </div>
            </header>
            <section>
                <h3>What it sees</h3>
                <div class="row">
                    ${this.#sees(unit, single, flat)}
                    ${evidence({
                        method: 'receptive_field',
                        target,
                        heading: 'What it depends on, over drawings',
                        outputs: [],
                    })}
                </div>
            </section>
            <section>
                <h3>How its number comes about</h3>
                ${
                    flat || place
                        ? ''
                        : html`<p class="quiet">Of the unit in the middle; press another in its map
                above.</p>`
                }
                <pl-arithmetic
                    .unit=${single}
                    @unit-choice=${({ unit: next }: UnitChoice) => this.#choose(next)}
                    @unit-computed=${(event: Event) =>
                        (this.field = (event.currentTarget as PlArithmetic).computed?.field ?? null)}
                ></pl-arithmetic>
            </section>
            <section>
                <h3>What it reacts to</h3>
                <div class="row">
                    ${evidence({
                        method: 'neuron_statistics',
                        target: `channel:${layer}/${channel}`,
                        outputs: ['silent', 'sparsity'],
                        draw: (explanation) => html`<pl-histograms .explanation=${explanation}></pl-histograms>`,
                        say: reactsWords,
                        heading: 'How it takes to each digit',
                        source: whole,
                        wide: true,
                    })}
                    ${evidence({
                        method: 'top_activating',
                        target,
                        outputs: ['drawings'],
                        say: topWords,
                        heading: 'Drawings that drive it most',
                        source: whole,
                        wide: true,
                    })}
                    ${evidence({
                        method: 'top_activating',
                        params: { by: 'relevance' },
                        target,
                        outputs: ['drawings'],
                        say: topWords,
                        heading: 'Drawings that it matters for most',
                        source: whole,
                        wide: true,
                    })}
                </div>
                <pl-own-images></pl-own-images>
            </section>
            <section>
                <h3>What it adds to the answer</h3>
                <pl-target></pl-target>
                <div class="row">
                    ${evidence({
                        method: 'concept_relevance',
                        params: { layer, channel, ...(place && { row: place.row, column: place.column }) },
                        say: nothingWords,
                        heading: 'Where on the drawing',
                    })}
                    ${evidence({
                        method: 'channel_attribution',
                        params: { layer },
                        outputs: ['scores'],
                        say: (explanation) => addsWords(explanation, channel, place !== null),
                        heading: 'How much, beside the others',
                        wide: true,
                    })}
                </div>
            </section>
            <section>
                <h3>What happens without it</h3>
                <pl-break .unit=${unit}></pl-break>
                <div class="row">
                    ${evidence({
                        method: 'unit_ablation',
                        params: { layer, units },
                        outputs: ['answer'],
                        say: withoutWords,
                        heading: 'The answer without it',
                        wide: true,
                    })}
                </div>
            </section>
            <section>
                <h3>What drives it here</h3>
                <div class="row">
                    ${evidence({
                        method: 'guided_backprop',
                        target,
                        say: nothingWords,
                        heading: 'Guided backpropagation',
                    })}
                    ${evidence({ method: 'deconvnet', target, heading: 'Deconvolution' })}
                </div>
            </section>
        `;
    }

    /** Its own map, where another unit can be chosen, and the part of the drawing that this one can see. */
    #sees(unit: Unit, single: Unit, flat: boolean) {
        const values = layerValues.value;
        const all = values?.layers.find(({ layer }) => layer === unit.layer)?.values;
        if (!values || !all) return html`<p class="quiet">Draw something to see it.</p>`;
        const own = channelOf(all, unit.channel);
        const { row, column } = single.place ?? { row: 0, column: 0 };
        const words = flat
            ? `Its activity here is ${short(own.data[0]!)}; the largest of its layer is ${short(largest(all))}.`
            : `Up to ${short(largest(own))}. Press a place to choose that unit.`;
        return html`
            ${
                flat
                    ? ''
                    : html`<figure>
                      <h4>Its map here</h4>
                      <pl-layer-maps
                          class="own"
                          label="The map of ${unitName({ ...unit, place: null }, own)}. Arrow keys choose a unit."
                          .values=${own}
                          .scale=${largest(all)}
                          .side=${196}
                          .chosen=${unit.place ? { channel: 0, row, column } : null}
                          @spot-choice=${({ spot }: SpotChoice) =>
                              this.#choose({ ...unit, place: { row: spot.row, column: spot.column } })}
                      ></pl-layer-maps>
                      <figcaption class="quiet">${words}</figcaption>
                  </figure>`
            }
            <figure>
                <h4>Its receptive field</h4>
                <pl-field .input=${values.frame.input} .field=${this.field}></pl-field>
                <figcaption class="quiet">
                    ${
                        this.field
                            ? `${
                                  this.field.height
                              } × ${this.field.width} pixels of the drawing. Nothing outside of it can reach this unit.`
                            : '…'
                    }
                    ${flat ? words : ''}
                </figcaption>
            </figure>
        `;
    }

    #evidence(
        {
            method,
            params = {},
            target,
            outputs = [],
            draw = () => '',
            say = () => '',
            heading,
            map = true,
            wide = false,
            source,
        }: Asked,
        cards: ReadonlyMap<string, MethodCard>,
    ) {
        const card = cards.get(method);
        if (!card) return '';
        return html`<pl-evidence
            class=${wide ? 'wide' : ''}
            data-method=${method}
            heading=${heading}
            .map=${map}
            .view=${{ method, params }}
            .card=${card}
            .target=${target}
            .source=${source}
            .outputs=${outputs}
            .draw=${draw}
            .say=${say}
        ></pl-evidence>`;
    }
}

declare global {
    interface HTMLElementTagNameMap {
        'pl-unit': PlUnit;
    }
}
