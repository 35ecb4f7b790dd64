import { LitElement, html, type PropertyValues } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import type { Computed, LayerInfo, LiveFrame } from 'pellucid';
import { addendsOf, strongest, type Addend } from '../../core/arithmetic.ts';
import { inlineStyle } from '../../core/inline-style.ts';
import { short, signed } from '../../core/numbers.ts';
import { largest } from '../../core/regions.ts';
import { Throttle } from '../../core/throttle.ts';
import { opTitle, parseUnit, sizeOf, unitName, type Unit } from '../../core/unit.ts';
import { Newest, plainly } from '../../state/ask.ts';
import { sheet } from '../../state/drawing.ts';
import { phase } from '../../state/engine.ts';
import { newest } from '../../state/live.ts';
import { shared } from '../../styles/shared.ts';
import { sumStyles } from '../../styles/sums.ts';
import { arithmeticStyles } from './pl-arithmetic.css.ts';
import './pl-window.ts';

const few = 8;
/** Numbers that change sixty times a second cannot be read. */
const textMs = 180;

/** The way goes down to what a unit reads. */
export class UnitChoice extends Event {
    readonly unit: Unit;

    constructor(unit: Unit) {
        super('unit-choice');
        this.unit = unit;
    }
}

interface Asked {
    unit: string;
    frame: LiveFrame;
}

/**
 * The arithmetic of one unit for the present drawing: what it reads, times its weights, added up; it follows the
 * drawing.
 */
@customElement('pl-arithmetic')
export class PlArithmetic extends LitElement {
    static override styles = [shared, sumStyles, arithmeticStyles];

    @property({ attribute: false }) unit!: Unit;
    /** All that is shown is made of this. */
    @state() computed: Computed | null = null;
    @state() private failure = '';
    /** The addends that have a line of their own, and the one whose numbers are shown. */
    @state() private lines: readonly number[] = [];
    @state() private shown = 0;
    @state() private all = false;
    #fixedFor = '';
    #end = () => {};
    #name = '';

    readonly #asking = new Newest<Asked, Computed>(
        async ({ unit, frame }) => {
            if (phase.value.name !== 'ready') throw new Error('the network is not there yet');
            return phase.value.model.computed(frame.input.data, unit);
        },
        (answer, { unit }) => {
            if (unit !== this.#name) return;
            this.#answer = answer;
            // Another unit is shown at once.
            if (answer instanceof Error || answer.unit !== this.computed?.unit) this.#tell();
            else this.#numbers.call();
        },
    );
    #answer: Computed | Error | null = null;
    readonly #numbers = new Throttle(textMs, () => this.#tell());
    #tell(): void {
        const answer = this.#answer;
        this.failure = answer instanceof Error ? plainly(answer.message) : '';
        this.computed = answer instanceof Error ? null : answer;
        this.dispatchEvent(new Event('unit-computed'));
    }

    override connectedCallback(): void {
        super.connectedCallback();
        this.#end = newest.subscribe(() => this.#ask());
    }
    override disconnectedCallback(): void {
        super.disconnectedCallback();
        this.#end();
    }
    protected override willUpdate(changed: PropertyValues<this>): void {
        if (changed.has('unit')) this.#ask();
        if (changed.has('computed') && this.computed) this.#choose(this.computed);
    }
    get #layers(): readonly LayerInfo[] {
        return phase.value.name === 'ready' ? phase.value.model.layers : [];
    }
    #ask(): void {
        const layer = this.#layers.find(({ name }) => name === this.unit.layer);
        const input = phase.value.name === 'ready' && this.unit.layer === 'input' ? phase.value.model.input : null;
        const size = input ?? (layer ? sizeOf(layer) : null);
        if (!size || !newest.value) return;
        this.#name = unitName(this.unit, size);
        this.#asking.ask({ unit: this.#name, frame: newest.value });
    }

    /**
     * Which addends have lines is settled when the unit is chosen and when the pen rests, so that no line jumps while
     * it draws.
     */
    #choose(computed: Computed): void {
        if (this.#fixedFor === computed.unit && sheet.active) return;
        const sums = addendsOf(computed).map(({ sum }) => sum);
        this.lines = strongest(sums, few);
        if (this.#fixedFor !== computed.unit || this.shown >= sums.length) {
            this.shown = strongest(sums, 1)[0] ?? 0;
            this.all = false;
        }
        this.#fixedFor = computed.unit;
    }

    protected override render() {
        const { computed, failure } = this;
        if (failure) return html`<p role="alert">${failure}</p>`;
        if (!computed) return html`<p class="quiet">…</p>`;
        switch (computed.by) {
            case 'function':
                return this.#function(computed);
            case 'same':
                return this.#same(computed);
            case 'share':
                return this.#share(computed);
            case 'largest':
                return this.#largest(computed);
            default:
                return this.#sum(computed);
        }
    }

    get #several(): boolean {
        return (this.computed?.reads.length ?? 0) > 1;
    }

    #down(layer: string, channel: number, row: number, column: number, words: string) {
        const go = () => this.dispatchEvent(new UnitChoice({ layer, channel, place: { row, column } }));
        return html`<button class="down" @click=${go}>${words}</button>`;
    }
    #readUnit({ reads: [read] }: Computed) {
        return read
            ? this.#down(
                  read.layer,
                  read.firstChannel,
                  read.top,
                  read.left,
                  `Down to ${read.layer === 'input' ? 'the drawing' : read.layer}`,
              )
            : '';
    }

    #function(computed: Computed) {
        const { op, sum, activation } = computed;
        const words =
            op === 'Relu'
                ? html`max(0, <data value=${sum}>${short(sum)}</data>) =
                    <data class="activation" value=${activation}>${short(activation)}</data>`
                : html`${opTitle(op)}(<data value=${sum}>${short(sum)}</data>) =
                    <data class="activation" value=${activation}>${short(activation)}</data>`;
        return html`<p class="result">${words}</p>
            <p class="quiet">${
                op === 'Relu'
                    ? sum > 0
                        ? 'What comes in is above 0, and goes on as it is.'
                        : 'What comes in is not above 0: the unit is silent.'
                    : 'A function of the one number that comes in.'
            }</p>
            <div>${this.#readUnit(computed)}</div>`;
    }

    #same(computed: Computed) {
        const { activation, op, reads } = computed;
        const said =
            op === 'Input'
                ? 'A pixel of what the network gets: 0 is paper, 1 is ink.'
                : 'The same number as in the layer that it reads.';
        return html`<p class="result"><data class="activation" value=${activation}>${short(activation)}</data></p>
            <p class="quiet">${said}</p>
            ${reads.length > 0 ? html`<div>${this.#readUnit(computed)}</div>` : ''}`;
    }

    #share({ reads: [read], unit, activation }: Computed) {
        const own = parseUnit(unit)?.channel ?? 0;
        const values = Array.from(read?.input.data ?? []);
        const most = Math.max(...values);
        const powers = values.map((value) => Math.exp(value - most));
        const total = powers.reduce((sum, power) => sum + power, 0);
        return html`<p class="result">
                e^${short(values[own] ?? 0)} as a share of all:
                <data class="activation" value=${activation}>${short(activation)}</data>
            </p>
            <p class="quiet">All ${values.length} are made positive by the exponential function, and divided by their
                sum: ${short((powers[own] ?? 0) / total)}.</p>`;
    }

    #largest(computed: Computed) {
        const [read] = computed.reads;
        const [first] = addendsOf(computed);
        if (!read || !first) return '';
        const at = first.weight.data.findIndex((weight) => weight !== 0);
        const [row, column] = [read.top + Math.floor(at / read.width), read.left + (at % read.width)];
        const { activation } = computed;
        return html`
            <div class="equation">
                <figure>
                    <pl-window maximum label="The window" .values=${first.input}></pl-window>
                    <figcaption>the window in ${read.layer}, channel ${first.channel}</figcaption>
                </figure>
                <p class="result">The largest is <data class="activation"
                    value=${activation}>${short(activation)}</data>.</p>
            </div>
            <div>${this.#down(read.layer, first.channel, row, column, 'Down to the largest')}</div>
        `;
    }

    #sum(computed: Computed) {
        const addends = addendsOf(computed);
        const shown = addends[Math.min(this.shown, addends.length - 1)];
        if (!shown) return html`<p class="quiet">The window lies outside of what there is: all 0.</p>`;
        const flat = shown.input.data.length === 1;
        const lines = this.all ? Array.from(addends.keys()) : this.lines.filter((at) => at < addends.length);
        const rest = addends.reduce((sum, addend, at) => (lines.includes(at) ? sum : sum + addend.sum), 0);
        const most = Math.max(1e-30, ...lines.map((at) => Math.abs(addends[at]!.sum)));
        const { bias, sum, activation } = computed;
        return html`
            ${flat ? '' : this.#equation(shown)}
            <div class="wide" tabindex="0" role="region" aria-label="What each channel adds">
                <table>
                    <thead>
                        <tr>
                            <th scope="col">${flat ? 'unit' : 'channel'}${
                                this.#several
                                    ? ''
                                    : ` of ${shown.read.layer === 'input' ? 'the drawing' : shown.read.layer}`
                            }</th>
                            ${flat ? html`<th scope="col">activity</th><th scope="col">· weight</th>` : ''}
                            <th scope="col">= adds</th>
                            <td class="picture"></td>
                        </tr>
                    </thead>
                    <tbody>${lines.map((at) => this.#line(addends[at]!, at, flat, most))}</tbody>
                    <tfoot>
                        ${this.#total(
                            addends.length > lines.length ? `the other ${addends.length - lines.length}` : '',
                            rest,
                            flat,
                            'rest',
                        )}
                        ${this.#total('bias', bias, flat, 'bias')}
                        ${this.#total('sum', sum, flat, 'sum', 'total')}
                    </tfoot>
                </table>
            </div>
            ${
                addends.length > few
                    ? html`<div><button aria-expanded=${this.all} @click=${() => (this.all = !this.all)}>${
                          this.all ? `The strongest ${few}` : `All ${addends.length}`
                      }</button></div>`
                    : ''
            }
            <p class="quiet">The network itself put out <data class="activation"
                value=${activation}>${short(activation)}</data>.</p>
        `;
    }

    /** Window × kernel = products, of one channel. */
    #equation({ read, channel, input, weight, products, sum }: Addend) {
        const figure = (name: string, values: typeof input, caption: string) => html`<figure>
            <pl-window label=${name} .values=${values} .scale=${largest(values)}></pl-window>
            <figcaption>${caption}</figcaption>
        </figure>`;
        return html`<div class="equation">
            ${figure('The window', input, read.layer === 'input' ? 'the drawing' : `${read.layer}, channel ${channel}`)}
            <span class="sign">×</span>
            ${figure('The weights', weight, 'weights')} <span class="sign">=</span>
            ${figure('The products', products, `products, in all ${signed(sum)}`)}
        </div>`;
    }

    #line({ read, channel, input, weight, sum }: Addend, at: number, flat: boolean, most: number) {
        const down = () =>
            flat
                ? this.dispatchEvent(
                      new UnitChoice({ layer: read.layer, channel, place: { row: read.top, column: read.left } }),
                  )
                : (this.shown = at);
        const name = this.#several ? `${read.layer} ${channel}` : channel;
        const marked = !flat && at === this.shown;
        return html`<tr class=${marked ? 'marked' : ''}>
            <th scope="row">${
                flat
                    ? html`<button title="Go down to this unit" @click=${down}>${name}</button>`
                    : html`<button title="Show its numbers" aria-pressed=${marked} @click=${down}>${name}</button>`
            }</th>
            ${flat ? html`<td>${short(input.data[0]!)}</td><td>${short(weight.data[0]!)}</td>` : ''}
            <td class="adds"><data value=${sum}>${signed(sum)}</data></td>
            <td class="picture"><span class="bar ${sum < 0 ? 'negative' : ''}" ${inlineStyle({
                width: `${(100 * Math.abs(sum)) / most}%`,
            })}></span></td>
        </tr>`;
    }
    #total(name: string, value: number, flat: boolean, id: string, kind = '') {
        if (name === '') return '';
        return html`<tr class=${kind}>
            <th scope="row" colspan=${flat ? 3 : 1}>${name}</th><td class=${id}><data
                value=${value}>${signed(value)}</data></td><td class="picture"></td>
        </tr>`;
    }
}

declare global {
    interface HTMLElementTagNameMap {
        'pl-arithmetic': PlArithmetic;
    }
}
