import { LitElement, html, type PropertyValues } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import type { Computed, Image, LayerInfo, Prediction } from 'pellucid';
import { icon } from '../../core/icons.ts';
import { inlineStyle } from '../../core/inline-style.ts';
import { percent, short } from '../../core/numbers.ts';
import { legendColour, ramp } from '../../core/ramp.ts';
import { largest } from '../../core/regions.ts';
import {
    before,
    isBehind,
    missingUnit,
    opTitle,
    opWords,
    parseUnit,
    placed,
    sizeOf,
    still,
    unitText,
    unitWords,
    type Unit,
} from '../../core/unit.ts';
import { Throttle } from '../../core/throttle.ts';
import { sentence } from '../../core/words.ts';
import { phase } from '../../state/engine.ts';
import { address, amend, isMethod, route, travelled } from '../../state/route.ts';
import { reducedMotion } from '../../state/settings.ts';
import { Uses } from '../../state/signal.ts';
import { layerValues, useValues, valuesFailure, type Values } from '../../state/values.ts';
import { shared } from '../../styles/shared.ts';
import './pl-arithmetic.ts';
import type { PlArithmetic, UnitChoice } from './pl-arithmetic.ts';
import './pl-break.ts';
import './pl-field.ts';
import './pl-layer-maps.ts';
import type { SpotChoice } from './pl-layer-maps.ts';
import { overviewStyles } from './pl-overview.css.ts';
import './pl-steppers.ts';

/** Numbers follow the drawing this slowly. */
const textMs = 180;

/** From below 0 to above. */
const shades = Array.from({ length: 17 }, (_, at) => at / 8 - 1);

const inputInfo = ({ height, width, channels }: Image): LayerInfo => ({
    name: 'input',
    op: 'Input',
    shape: [height, width, channels],
    parameters: 0,
});

/**
 * The network from the drawing to the answer: every layer's maps, live; a press on any of them shows the arithmetic of
 * that unit.
 */
@customElement('pl-overview')
export class PlOverview extends LitElement {
    static override styles = [shared, overviewStyles];

    @property() question = '';
    /** What is under the pointer, by layer. */
    @state() private pointed: { layer: string; words: string } | null = null;
    /** The layer that is looked at closely. */
    @state() private opened: string | null = null;
    @state() private field: Computed['field'] | null = null;
    /** What the numbers are made of: those that change sixty times a second cannot be read. */
    #said: Values | null = null;
    readonly #numbers = new Throttle(textMs, () => {
        this.#said = layerValues.value;
        this.requestUpdate();
    });
    #ends: (() => void)[] = [];
    #revealed = '';

    constructor() {
        super();
        new Uses(this, layerValues, valuesFailure, phase, route, ramp);
    }
    override connectedCallback(): void {
        super.connectedCallback();
        this.#ends = [useValues(), layerValues.subscribe(() => this.#numbers.call())];
        this.#said = layerValues.value;
    }
    override disconnectedCallback(): void {
        super.disconnectedCallback();
        for (const end of this.#ends) end();
    }
    protected override firstUpdated(): void {
        if (travelled()) this.renderRoot.querySelector<HTMLElement>('h2')?.focus();
    }

    get #unit(): Unit | null {
        const now = route.value;
        if (isMethod(now) || now.room !== 'inside' || now.unit === undefined || phase.value.name !== 'ready')
            return null;
        const unit = parseUnit(now.unit);
        return unit && still(unit, phase.value.model.layers);
    }
    /** A layer's name alone in the address. */
    get #layerInAddress(): string | null {
        const now = route.value;
        return !isMethod(now) && now.room === 'inside' && now.unit && !now.unit.includes('/') ? now.unit : null;
    }
    #open(layer: string | null): void {
        this.opened = layer;
        if (!this.#unit) amend({ room: 'inside', ...(layer && { unit: layer }) });
    }
    readonly #choose = (unit: Unit | null): void => {
        this.field = null;
        const layers = phase.value.name === 'ready' ? phase.value.model.layers : [];
        const text = unit ? unitText(placed(unit, layers)) : this.opened;
        amend({ room: 'inside', ...(text && { unit: text }) });
    };

    protected override willUpdate(): void {
        if (this.#layerInAddress) this.opened = this.#layerInAddress;
    }

    /** What was chosen is brought into view once; what follows the drawing never moves the page. */
    protected override updated(_changed: PropertyValues<this>): void {
        const unit = this.#unit;
        const name = unit ? unitText(unit) : '';
        const panel = this.renderRoot.querySelector('.zoom');
        if (name === this.#revealed || (name !== '' && !panel)) return;
        this.#revealed = name;
        panel?.scrollIntoView({ block: 'nearest', behavior: reducedMotion() ? 'auto' : 'smooth' });
    }

    protected override render() {
        if (phase.value.name !== 'ready') return '';
        const { layers } = phase.value.model;
        const values = layerValues.value;
        const unit = this.#unit;
        const asked = unit ?? (this.#layerInAddress ? { layer: this.#layerInAddress, channel: 0, place: null } : null);
        const missing = asked && asked.layer !== 'input' ? missingUnit(asked, layers) : null;
        return html`
            <div>
                <h2 tabindex="-1">${this.question}</h2>
                <p class="lead">From the drawing at the top to the answer at the bottom, layer by layer. Press any place
                    to see how its number comes about.</p>
                <p class="legend quiet"><span class="end">below 0</span><span class="scale" ${inlineStyle({
                    background: `linear-gradient(to right, ${shades
                        .map((shade) => legendColour(ramp.value, shade))
                        .join(', ')})`,
                })}></span><span>above 0; the strongest colour of a layer is its largest number</span></p>
            </div>
            ${missing ? html`<p role="alert">${missing}</p>` : ''}
            ${valuesFailure.value ? html`<p role="alert">${valuesFailure.value}</p>` : ''}
            ${
                values
                    ? html`<ol>
                      ${repeat(
                          values.layers,
                          ({ layer }) => layer,
                          ({ layer, values: image }) =>
                              this.#layer(
                                  layers.find(({ name }) => name === layer) ?? inputInfo(image),
                                  image,
                                  missing ? null : unit,
                              ),
                      )}
                      ${this.#answer(values.frame.prediction, (this.#said ?? values).frame.prediction)}
                  </ol>`
                    : html`<p class="quiet empty">${
                          valuesFailure.value ? '' : 'Draw something to see it go through.'
                      }</p>`
            }
        `;
    }

    #layer(info: LayerInfo, values: Image, unit: Unit | null) {
        const { name, op } = info;
        const { height, width, channels } = values;
        const isInput = op === 'Input';
        // Of these the layer before has shown everything.
        const silent = op === 'Flatten' || op === 'Dropout';
        const flat = height * width === 1;
        const most = largest(values);
        const told = this.#said?.layers.find(({ layer }) => layer === name)?.values;
        const chosen = unit?.layer === name ? unit : null;
        const open = this.opened === name;
        const counted = flat
            ? `${channels} units`
            : `${channels} ${channels === 1 ? 'map' : 'maps'} of ${height} × ${width}`;
        const spot = chosen && {
            channel: chosen.channel,
            row: chosen.place?.row ?? height >> 1,
            column: chosen.place?.column ?? width >> 1,
        };
        const choose = ({ spot: at }: SpotChoice) =>
            this.#choose({
                layer: name,
                channel: at.channel,
                place: flat ? null : { row: at.row, column: at.column },
            });
        return html`<li class="layer" data-layer=${name}>
            <div class="head">
                <h3>${
                    isInput
                        ? 'What the network gets'
                        : silent
                          ? name
                          : html`<button
                              aria-expanded=${open}
                              title=${open ? 'Smaller again' : 'Look at this layer closely'}
                              @click=${() => this.#open(open ? null : name)}
                          >${isBehind({ layer: name }) ? `${before({ layer: name }).layer}, broken` : name}
                              ${icon('large')}</button>`
                }</h3>
                <span class="quiet">${
                    isInput ? counted : html`${opTitle(op)}, ${counted}${opWords(op) ? `: ${opWords(op)}` : ''}`
                }</span>
                <span class="quiet pointed">${
                    this.pointed?.layer === name
                        ? this.pointed.words
                        : silent || isInput
                          ? ''
                          : `up to ${short(told ? largest(told) : most)}`
                }</span>
            </div>
            ${open && !isBehind({ layer: name }) ? this.#about(info) : ''}
            ${
                silent
                    ? ''
                    : html`<pl-layer-maps
                      label="${
                          isInput ? 'The input' : `${name}, ${opTitle(op)}`
                      }: ${counted}. Arrow keys choose a unit${flat ? '' : ', with Shift another map'}."
                      .values=${values}
                      .kind=${isInput ? 'image' : 'signed'}
                      .scale=${isInput ? 1 : most}
                      .side=${isInput ? 112 : 0}
                      ?large=${open}
                      .chosen=${spot}
                      @spot-choice=${choose}
                      @spot-point=${({ detail }: CustomEvent<string>) =>
                          (this.pointed = detail ? { layer: name, words: detail } : null)}
                  ></pl-layer-maps>`
            }
            ${chosen && !silent ? this.#zoom(chosen, info) : ''}
        </li>`;
    }

    /** A layer that is looked at closely: what it has, and what the methods say of it. */
    #about({ name, op, parameters }: LayerInfo) {
        const link = (method: string, words: string) =>
            html`<a class="button" href=${address({ room: 'method', method, params: { layer: name } })}>${words}</a>`;
        return html`<div class="links screen">
            <span class="quiet">${
                parameters > 0 ? `${parameters.toLocaleString('en')} learned numbers.` : 'Nothing learned.'
            }</span>
            ${parameters > 0 && op !== 'BatchNormalization' ? link('filters', 'Its filters') : ''}
            ${link('unit_ablation', 'What matters most in it')}
            ${link('channel_attribution', 'What each part adds')}
        </div>`;
    }

    #zoom(unit: Unit, info: LayerInfo) {
        const size = sizeOf(info);
        const full: Unit =
            unit.place || size.height * size.width === 1
                ? unit
                : { ...unit, place: { row: size.height >> 1, column: size.width >> 1 } };
        const choose = ({ unit: next }: UnitChoice) => this.#choose(next);
        const follow = (event: Event) => {
            const { computed } = event.currentTarget as PlArithmetic;
            if (computed) this.field = computed.field;
        };
        const input = layerValues.value?.frame.input;
        return html`<section class="zoom" aria-label="The arithmetic of one unit">
            <header>
                <h3>${sentence(unitWords(full, size))}</h3>
                <button class="icon bare" aria-label="Close" title="Close"
                    @click=${() => this.#choose(null)}>${icon('close')}</button>
            </header>
            <pl-steppers .unit=${full} .size=${size} @unit-choice=${choose}></pl-steppers>
            <div class="parts">
                <figure>
                    ${input ? html`<pl-field .input=${input} .field=${this.field}></pl-field>` : ''}
                    <figcaption class="quiet">${
                        this.field ? `It can see ${this.field.height} × ${this.field.width} pixels.` : '…'
                    }</figcaption>
                </figure>
                <pl-arithmetic .unit=${full} @unit-choice=${choose} @unit-computed=${follow}></pl-arithmetic>
            </div>
            ${
                info.op === 'Input'
                    ? ''
                    : html`<pl-break .unit=${full}></pl-break>
                <div class="links screen"><a class="button" href=${address({
                    room: 'unit',
                    unit: unitText(full),
                })}>More about this unit</a></div>`
            }
        </section>`;
    }

    /** Bars move with every frame, numbers a few times a second. */
    #answer({ probabilities, predicted }: Prediction, said: Prediction) {
        return html`<li class="layer" data-layer="answer">
            <div class="head"><h3>The answer</h3><span class="quiet">the last numbers as probabilities</span></div>
            <ol class="answer">
                ${Array.from(
                    probabilities,
                    (share, digit) => html`<li class=${digit === predicted ? 'best' : ''}>
                    <span>${digit}</span>
                    <span class="track"><span class="bar" ${inlineStyle({
                        transform: `scaleX(${share.toFixed(4)})`,
                    })}></span></span>
                    <span class="number">${percent(said.probabilities[digit] ?? share)} %</span>
                </li>`,
                )}
            </ol>
        </li>`;
    }
}

declare global {
    interface HTMLElementTagNameMap {
        'pl-overview': PlOverview;
    }
}
