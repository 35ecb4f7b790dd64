import { LitElement, html } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import type { Explanation, Image, LedgerRow, Message, MethodCard, Received } from 'pellucid';
import { inlineStyle } from '../core/inline-style.ts';
import { numberIn } from '../core/items.ts';
import { short, signed } from '../core/numbers.ts';
import { largest } from '../core/regions.ts';
import { asRectangle, channelOf, channelSum, stepsOf, strongestChannel, type Step } from '../core/steps.ts';
import { phase } from '../state/engine.ts';
import { cardOf, Newest } from '../state/ask.ts';
import { receivedBy, withLayers, type Walked } from '../state/layers.ts';
import { address } from '../state/route.ts';
import { sheet } from '../state/drawing.ts';
import { reducedMotion } from '../state/settings.ts';
import { shared } from '../styles/shared.ts';
import { walkStyles } from './pl-walk.css.ts';
import './pl-received.ts';
import './pl-units.ts';
import type { SenderChoice } from './pl-received.ts';
import type { Cell, CellChoice } from './pl-units.ts';

/** A unit of a step: the place in its image. */
interface Unit {
    step: number;
    row: number;
    column: number;
    channel: number;
}

/** The way of the score down the network: what every layer was given, and where each unit has it from. */
@customElement('pl-walk')
export class PlWalk extends LitElement {
    static override styles = [shared, walkStyles];

    @property({ attribute: false }) walked!: Walked;
    @state() private steps: Step[] = [];
    @state() private unit: Unit | null = null;
    @state() private received: Received | null = null;
    @state() private failure = '';
    /** What is at the top. */
    @state() private start = '';
    /** Whether all of it is handed on, but for what the ledger says that layers keep. */
    @state() private kept = false;
    /** Steps whose channels are shown one by one. */
    @state() private open: ReadonlySet<string> = new Set();
    #inView = false;
    readonly #seen = new IntersectionObserver((entries) => {
        const before = this.#inView;
        this.#inView = entries.at(-1)?.isIntersecting ?? false;
        if (this.#inView && !before && this.walked !== this.#answered) this.#layers.ask(this.walked);
    });
    #answered: Walked | null = null;
    #revealed: Unit | null = null;

    readonly #layers = new Newest<Walked, Explanation>(withLayers, (answer, asked) => {
        if (!this.isConnected) return;
        this.failure = answer instanceof Error ? answer.message : '';
        if (answer instanceof Error) return;
        this.steps = stepsOf(answer);
        this.start = startWords(answer, this.steps[0]?.sum ?? 0, cardOf(asked.method));
        this.kept = answer.ledger.every(divides);
        this.#answered = asked;
        this.#ask();
    });
    readonly #units = new Newest<{ walked: Walked; unit: Unit }, Received>(
        ({ walked, unit }) => receivedBy(walked, this.#nameOf(unit)),
        (answer, { unit }) => {
            if (unit !== this.unit) return;
            this.failure = answer instanceof Error ? answer.message : '';
            this.received = answer instanceof Error ? null : answer;
            if (this.#revealed !== unit) void this.#reveal(unit);
        },
    );

    override connectedCallback(): void {
        super.connectedCallback();
        this.#seen.observe(this);
    }
    override disconnectedCallback(): void {
        super.disconnectedCallback();
        this.#seen.disconnect();
    }
    protected override willUpdate(changed: Map<string, unknown>): void {
        if (!changed.has('walked')) return;
        const before = changed.get('walked') as Walked | undefined;
        if (before && before.method !== this.walked.method) this.#choose(null);
        // While something is drawn, only what is seen; the rest when the pen rests, whose answer comes as another one.
        if (this.#inView || !sheet.active) this.#layers.ask(this.walked);
    }

    /** As the package names units: by the step's uppermost layer, which those above have read. */
    #nameOf({ step, row, column, channel }: Unit): string {
        const { names, relevance } = this.steps[step]!;
        const [layer = ''] = names;
        const flat =
            phase.value.name === 'ready' &&
            names.length > 1 &&
            relevance.height * relevance.width > 1 &&
            this.#isVector(layer);
        return flat
            ? `${layer}/${(row * relevance.width + column) * relevance.channels + channel}`
            : `${layer}/${channel},${row},${column}`;
    }
    #isVector(layer: string): boolean {
        if (phase.value.name !== 'ready') return false;
        const shape = phase.value.model.layers.find(({ name }) => name === layer)?.shape;
        return shape !== undefined && shape[0] * shape[1] === 1;
    }
    #choose(unit: Unit | null): void {
        this.unit = unit;
        this.received = null;
        this.#ask();
    }
    #ask(): void {
        const { unit } = this;
        if (!unit || !this.#answered) return;
        if (unit.step < this.steps.length) this.#units.ask({ walked: this.#answered, unit });
        else this.unit = null;
    }

    /** What was chosen just now is brought into view; what only follows the drawing never moves the page. */
    async #reveal(unit: Unit): Promise<void> {
        this.#revealed = unit;
        await this.updateComplete;
        this.renderRoot
            .querySelector('.unit')
            ?.scrollIntoView({ block: 'nearest', behavior: reducedMotion() ? 'auto' : 'smooth' });
    }

    /** A cell of what is shown: of an image's sum the strongest channel there, of a vector the unit itself. */
    #unitAt(step: number, { row, column }: Cell, channel?: number): Unit {
        const { relevance } = this.steps[step]!;
        if (relevance.height * relevance.width > 1)
            return { step, row, column, channel: channel ?? strongestChannel(relevance, row, column) };
        return { step, row: 0, column: 0, channel: row * asRectangle(relevance).width + column };
    }
    /** The other way round. */
    #cellOf({ step, row, column, channel }: Unit): Cell {
        const { relevance } = this.steps[step]!;
        if (relevance.height * relevance.width > 1) return { row, column };
        const { width } = asRectangle(relevance);
        return { row: Math.floor(channel / width), column: channel % width };
    }
    /** Messages come from the output of the layer that was crossed, the lowest of the step above. */
    #senderStep(layer: string): number {
        return this.steps.findIndex(({ names }) => names.includes(layer));
    }
    readonly #goUp = ({ layer, unit }: SenderChoice): void => {
        const step = this.#senderStep(layer);
        if (step < 0) return;
        this.#choose({ step, ...unit });
    };

    protected override render() {
        if (this.failure && this.steps.length === 0) return html`<p role="alert">${this.failure}</p>`;
        // Not there yet, or of several passes, which have no single way down.
        if (this.steps.length === 0) return '';
        return html`
            <h3>${this.kept ? 'Where the score goes, layer by layer' : 'What each layer hands down'}</h3>
            <p class="quiet lead">
                From ${this.start} at the top down to the drawing: each map shows ${
                    this.kept
                        ? 'how much of it the units of a layer were given'
                        : 'what the units of a layer were given; it is not divided up: sums grow or shrink on the way'
                }, all channels
                added up. Press any place to see where its share came from.
            </p>
            <ol>${this.steps.map((step, index) => this.#step(step, index))}</ol>
        `;
    }

    #step(step: Step, index: number) {
        const { relevance, sum, names, crossings } = step;
        const rectangle = asRectangle(relevance);
        const map = rectangle.channels === 1 ? rectangle : channelSum(relevance);
        const image = relevance.height * relevance.width > 1;
        const chosen = this.unit?.step === index ? this.#cellOf(this.unit) : null;
        const name = names.at(-1) ?? '';
        const open = this.open.has(name);
        const choose = (channel?: number) => (event: CellChoice) => this.#choose(this.#unitAt(index, event, channel));
        return html`
            <li ${inlineStyle({ '--step': String(index) })}>
                <div class="map">
                    <pl-units
                        .map=${map}
                        .scale=${largest(map)}
                        .chosen=${chosen}
                        .senders=${this.#sendersIn(index)}
                        label="Relevance in ${name}: arrow keys choose a unit"
                        @cell-choice=${choose()}
                    ></pl-units>
                </div>
                <div>
                    <p class="name">${[...names].reverse().join(', ')} <small>${shapeWords(relevance, name)}</small></p>
                    <p class="sum">${short(sum)} <small>in all; colours up to ±${short(largest(map))}</small></p>
                    ${crossings.map((row) => losses(row))}
                    ${
                        image && relevance.channels > 1
                            ? html`<button class="toggle" aria-expanded=${open} @click=${() => this.#toggle(name)}>
                              ${open ? 'Hide the channels' : `Show ${relevance.channels} channels`}
                          </button>`
                            : ''
                    }
                </div>
                ${open && image ? this.#channels(relevance, index, choose) : ''}
                ${chosen ? this.#arithmetic(relevance, index) : ''}
            </li>
        `;
    }

    #channels(relevance: Image, index: number, choose: (channel: number) => (event: CellChoice) => void) {
        const scale = largest(relevance);
        return html`<div class="channels">
            <p class="quiet">One scale for all channels: up to ±${short(scale)}.</p>
            ${Array.from({ length: relevance.channels }, (_, channel) => {
                const chosen = this.unit?.step === index && this.unit.channel === channel;
                return html`<figure class=${chosen ? 'chosen' : ''}>
                    <pl-units
                        .map=${channelOf(relevance, channel)}
                        .scale=${scale}
                        .chosen=${chosen && this.unit ? this.#cellOf(this.unit) : null}
                        label="Channel ${channel}: arrow keys choose a unit"
                        @cell-choice=${choose(channel)}
                    ></pl-units>
                    <figcaption>${this.#about(
                        `${this.steps[index]!.names[0]}/${channel}`,
                        String(channel),
                    )}</figcaption>
                </figure>`;
            })}
        </div>`;
    }

    #arithmetic(relevance: Image, index: number) {
        const { unit, received } = this;
        if (!unit) return '';
        const image = relevance.height * relevance.width > 1;
        const several = image && relevance.channels > 1;
        const names = this.steps[index]?.names ?? [];
        return html`
            <div class="unit" role="group" aria-label="The chosen unit">
                <div class="which">
                    ${
                        several
                            ? ''
                            : html`<strong>${
                                  image ? `Row ${unit.row}, column ${unit.column}` : `Unit ${unit.channel}`
                              }</strong>`
                    }
                    ${
                        several
                            ? html`<label>Channel<select @change=${(event: Event) =>
                                  this.#choose({
                                      ...unit,
                                      channel: Number((event.target as HTMLSelectElement).value),
                                  })}>
                              ${Array.from(
                                  { length: relevance.channels },
                                  (_, channel) =>
                                      html`<option value=${channel}
                                          ?selected=${channel === unit.channel}>${channel}</option>`,
                              )}
                          </select></label><span>at row ${unit.row}, column ${unit.column}</span>`
                            : ''
                    }
                    ${this.#about(this.#nameOf(unit), 'All about it')}
                    <button class="toggle" @click=${() => this.#choose(null)}>Close</button>
                </div>
                ${
                    received
                        ? html`
                          <dl>
                              <div><dt>activation a<sub>j</sub></dt>
                                  <dd class="activation">${short(received.activation)}</dd></div>
                              <div><dt>relevance R<sub>j</sub></dt>
                                  <dd class="relevance">${signed(received.relevance)}</dd></div>
                          </dl>
                          <pl-received .received=${received} .images=${this.#images()}
                              @sender-choice=${this.#goUp}></pl-received>
                      `
                        : html`<p class="quiet">${this.failure || `Asking what ${names[0] ?? ''} received …`}</p>`
                }
            </div>
        `;
    }

    /** The way to a unit's page; the drawing itself has none. */
    #about(unit: string, words: string) {
        return unit.startsWith('input/')
            ? words === 'All about it'
                ? ''
                : words
            : html`<a href=${address({ room: 'unit', unit })}>${words}</a>`;
    }

    #images(): string[] {
        return this.steps
            .filter(({ relevance }) => relevance.height * relevance.width > 1)
            .flatMap(({ names }) => names);
    }
    #sendersIn(index: number): Cell[] {
        const cells = new Map<string, Cell>();
        for (const { layer, messages } of this.received?.through ?? []) {
            if (this.#senderStep(layer) !== index) continue;
            for (const { unit } of messages) {
                const cell = this.#cellOf({ step: index, ...unit });
                cells.set(`${cell.row} ${cell.column}`, cell);
            }
        }
        return [...cells.values()];
    }
    #toggle(name: string): void {
        const open = new Set(this.open);
        if (!open.delete(name)) open.add(name);
        this.open = open;
    }
}

const close = (a: number, b: number): boolean => Math.abs(a - b) <= 0.01 * Math.max(Math.abs(a), Math.abs(b), 1e-9);

/**
 * Whether a layer only divides up what it was given, less what it keeps: hands down no more than that. The ledger's
 * last column is the rest.
 */
const divides = ({ entering, stabiliser }: LedgerRow): boolean =>
    stabiliser * Math.sign(entering) >= -0.05 * Math.abs(entering);

/** What the walk begins with: found out by its number. */
function startWords(answer: Explanation, sum: number, card: MethodCard | undefined): string {
    const { value } = answer;
    // A score beside the answer's own is that of what the drawing is compared with.
    const over = card && numberIn('score', card, answer);
    if (over !== undefined && close(sum, value - over)) return 'what the score has over the baseline’s';
    if (close(sum, value)) return 'the score';
    return close(sum, 1) ? '1, whatever the score is,' : short(sum);
}

const shapeWords = ({ height, width, channels }: Image, name: string): string =>
    name === 'input'
        ? `the drawing, ${width}×${height}`
        : height * width > 1
          ? `${channels} maps of ${width}×${height}`
          : `${channels} units`;

/** What did not go on from a layer to the one beneath, or was more than came. */
function losses({ layer, entering, leaving, bias, stabiliser }: LedgerRow) {
    const little = (value: number) => Math.abs(value) < 1e-3 * Math.max(Math.abs(entering), Math.abs(leaving), 1e-9);
    const kept = [
        ...(little(bias) ? [] : [['bias keeps', bias] as const]),
        ...(little(stabiliser)
            ? []
            : [
                  [
                      stabiliser * entering > 0 ? 'lost' : 'gained',
                      stabiliser * entering > 0 ? stabiliser : -stabiliser,
                  ] as const,
              ]),
    ];
    return html`<dl aria-label="On the way through ${layer}">
        <div><dt>hands down</dt> <dd>${short(leaving)}</dd></div>
        ${kept.map(
            ([what, value]: readonly [string, Message['value']]) => html`<div><dt>${what}</dt>
        <dd>${short(value)}</dd></div>`,
        )}
    </dl>`;
}

declare global {
    interface HTMLElementTagNameMap {
        'pl-walk': PlWalk;
    }
}
