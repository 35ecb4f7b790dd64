import { LitElement, html, type PropertyValues } from 'lit';
import { customElement, query, state } from 'lit/decorators.js';
import type { Image, LiveFrame, Prediction } from 'pellucid';
import { icon } from '../../core/icons.ts';
import { percentWords, short } from '../../core/numbers.ts';
import { Throttle } from '../../core/throttle.ts';
import { cardOf, Newest, plainly } from '../../state/ask.ts';
import { phase } from '../../state/engine.ts';
import { digitOrAny, inAddress } from '../../state/room-settings.ts';
import { Uses } from '../../state/signal.ts';
import { withArticle } from '../../state/target.ts';
import { shared } from '../../styles/shared.ts';
import { dab, isSmaller, isTurned, sizeOf, type Feat, type Tool } from './by-hand.ts';
import { byHandStyles } from './pl-by-hand.css.ts';
import { partStyles } from './pl-fool.css.ts';
import './pl-pixels.ts';
import type { PixelStroke, PlPixels } from './pl-pixels.ts';
import '../../elements/pl-map.ts';
import type { PlMap } from '../../elements/pl-map.ts';
import { SeenDrawing } from '../../elements/seen-drawing.ts';

/** Attacks that change few pixels, as rivals; those that take their time are asked by hand. */
const rivals = ['jsma', 'one_pixel'] as const;
type Rival = (typeof rivals)[number];
/** One pixel seldom does: the attack may have as many as it takes at most. */
const rivalParams: Record<Rival, Record<string, number>> = { jsma: {}, one_pixel: { pixels: 5 } };

const tools: readonly (readonly [Tool, string, string])[] = [
    ['ink', 'Ink', 'fills it with ink'],
    ['paper', 'Paper', 'empties it'],
    ['back', 'Put back', 'makes it what it was'],
];

const textMs = 100;

/** The attack by hand: change as few pixels of the network's input as you can, until it reads something else. */
@customElement('pl-by-hand')
export class PlByHand extends LitElement {
    static override styles = [shared, partStyles, byHandStyles];

    @state() private tool: Tool = 'ink';
    @inAddress('fool.hand', null, digitOrAny) private wanted!: number | null;
    @state() private start: Image | null = null;
    @state() private first: Prediction | null = null;
    @state() private now: Prediction | null = null;
    @state() private best: Feat | null = null;
    @state() private rival: ReadonlyMap<Rival, Feat | string> = new Map();
    @state() private busy: ReadonlySet<Rival> = new Set();
    @query('pl-pixels') private pad!: PlPixels;
    @query('#hand-change') private change!: PlMap;
    #data: Float32Array = new Float32Array();
    #past: Float32Array[] = [];
    #latest: Prediction | null = null;
    readonly #drawing = new SeenDrawing(this, {
        begin: (frame) => this.#begin(frame),
        seen: () => {
            if (!this.rival.has('jsma')) void this.#let('jsma');
        },
    });
    readonly #words = new Throttle(textMs, () => (this.now = this.#latest));
    readonly #predict = new Newest<Float32Array, Prediction>(
        async (data) => {
            if (phase.value.name !== 'ready') throw new Error('the network is not there yet');
            return phase.value.model.predict(data);
        },
        (answer, data) => {
            if (answer instanceof Error) console.error(answer);
            else if (this.isConnected) this.#read(data, answer);
        },
    );

    constructor() {
        super();
        new Uses(this, phase);
    }
    protected override updated(changed: PropertyValues): void {
        if (changed.has('start')) this.#paint();
        if (!changed.has('wanted') && !changed.has('first')) return;
        // Another aim: what was found for the old one does not count.
        this.best = null;
        this.rival = new Map();
        if (this.first && this.#drawing.inView) void this.#let('jsma');
        if (this.#latest) this.#read(this.#data, this.#latest);
    }

    #begin(frame: LiveFrame | null): void {
        this.start = frame?.input ?? null;
        this.first = frame?.prediction ?? null;
        if (!frame) {
            this.#latest = null;
            this.#words.call();
            return;
        }
        this.#past = [];
        this.#set(frame.input.data.slice());
    }

    #set(data: Float32Array): void {
        this.#data = data;
        this.#paint();
        this.#predict.ask(data);
    }
    #paint(): void {
        const { start } = this;
        if (!this.hasUpdated) return;
        this.pad.show(start ? { ...start, data: this.#data } : null);
        this.change.show(
            start
                ? {
                      map: { ...start, data: this.#data.map((value, i) => value - (start.data[i] ?? 0)) },
                      kind: 'change',
                      scale: 1,
                  }
                : null,
        );
    }

    readonly #stroke = ({ pixels, begins }: PixelStroke): void => {
        const { start } = this;
        if (!start) return;
        if (begins) this.#past.push(this.#data);
        const data = this.#data.slice();
        for (const [column, row] of pixels) {
            const at = row * start.width + column;
            data[at] = dab(this.tool, start.data[at] ?? 0);
        }
        this.#set(data);
    };
    #undo(): void {
        const before = this.#past.pop();
        if (before) this.#set(before);
        this.requestUpdate();
    }
    #reset(): void {
        if (!this.start) return;
        this.#past.push(this.#data);
        this.#set(this.start.data.slice());
    }

    #read(data: Float32Array, prediction: Prediction): void {
        const { start, first } = this;
        if (!start || !first || data.length !== start.data.length) return;
        this.#latest = prediction;
        this.#words.call();
        const size = sizeOf(start.data, data);
        if (size.pixels === 0 || !isTurned(first.predicted, prediction, this.wanted)) return;
        if (this.best && !isSmaller(size, this.best)) return;
        this.best = { ...size, image: { ...start, data: data.slice() }, read: prediction.predicted };
    }

    /** An attack on the same drawing, with the same aim. */
    async #let(id: Rival): Promise<void> {
        const { start, first, wanted } = this;
        const card = cardOf(id);
        if (!start || !first || !card || phase.value.name !== 'ready' || this.busy.has(id)) return;
        const { model } = phase.value;
        this.busy = new Set([...this.busy, id]);
        let found: Feat | string = '';
        try {
            // The saliency map attack goes for one digit; where any will do, it may try them all.
            const others = Array.from({ length: 10 }, (_, digit) => digit).filter((digit) => digit !== first.predicted);
            const aims = wanted === null && id === 'jsma' ? others : [wanted];
            for (const aim of aims) {
                const answer = await model.explain(id, start.data, {
                    target: `class:${aim ?? first.predicted}`,
                    params: { ...rivalParams[id], targeted: aim !== null },
                });
                const prediction = await model.predict(answer.map.data);
                const size = sizeOf(start.data, answer.map.data);
                if (!isTurned(first.predicted, prediction, wanted))
                    found ||= `It found nothing with ${size.pixels} pixels.`;
                else if (typeof found === 'string' || isSmaller(size, found))
                    found = { ...size, image: answer.map, read: prediction.predicted };
                if (this.start !== start || this.wanted !== wanted) break;
            }
        } catch (error) {
            found = plainly(error instanceof Error ? error.message : String(error));
        }
        this.busy = new Set([...this.busy].filter((other) => other !== id));
        // The drawing may be another by now.
        if (this.start === start && this.wanted === wanted) this.rival = new Map([...this.rival, [id, found]]);
        else if (this.#drawing.inView && id === 'jsma') void this.#let(id);
    }

    protected override render() {
        const { first, start, wanted } = this;
        const does = tools.find(([tool]) => tool === this.tool)?.[2] ?? '';
        return html`
            <h3>Fool it by hand</h3>
            <p class="lead">
                This is what the network gets, pixel by pixel. Change as few as you can until it reads
                <select
                    aria-label="What it should read"
                    @change=${(event: Event) => {
                        const { value } = event.target as HTMLSelectElement;
                        this.wanted = value === '' ? null : Number(value);
                    }}
                >
                    <option value="">anything else</option>
                    ${Array.from(
                        { length: 10 },
                        (_, digit) => html`<option value=${digit}
                        ?disabled=${digit === first?.predicted}
                            ?selected=${digit === wanted}>${withArticle(digit)}</option>`,
                    )}
                </select>
            </p>
            <div class="work">
                <pl-pixels label="The network’s input, to be changed by hand" .does=${does}
                    @pixel-stroke=${this.#stroke}></pl-pixels>
                <div class="aside">
                    <div class="tools screen" role="group" aria-label="What a press does to a pixel">
                        ${tools.map(
                            ([tool, name]) => html`<button aria-pressed=${this.tool === tool}
                            @click=${() => (this.tool = tool)}>${name}</button>`,
                        )}
                        <button class="icon" aria-label="Undo a pixel stroke" ?disabled=${this.#past.length === 0}
                            @click=${() => this.#undo()}>${icon('undo')}</button>
                        <button @click=${() => this.#reset()} ?disabled=${!start}>${icon('reset')} Begin again</button>
                    </div>
                    <p class="said" aria-live="polite">${this.#said()}</p>
                </div>
            </div>
            <div class="results">
                <figure>
                    <pl-map id="hand-change" label="What you changed"></pl-map>
                    <figcaption><b>Your change</b><br />${this.#size(
                        start ? sizeOf(start.data, this.#data) : null,
                    )}</figcaption>
                </figure>
                ${this.#feat('Your best so far', this.best ?? 'Nothing has turned it yet.', '')}
                ${rivals.map((id) => this.#rival(id))}
            </div>
        `;
    }

    #rival(id: Rival) {
        const card = cardOf(id);
        if (!card) return '';
        const found = this.rival.get(id);
        const busy = this.busy.has(id);
        const button =
            found === undefined && !busy && this.start
                ? html`<button class="screen" @click=${() => void this.#let(id)}>Let it try</button>`
                : '';
        return this.#feat(card.title, busy ? 'is looking …' : (found ?? ''), button);
    }

    #feat(title: string, found: Feat | string, button: unknown) {
        const there = typeof found !== 'string';
        return html`<figure>
            <pl-map label="${title}${there ? `, read as ${found.read}` : ''}" .shown=${
                there ? { map: found.image, kind: 'image' } : null
            }></pl-map>
            <figcaption><b>${title}</b><br />${
                there ? html`read as ${found.read}: ${this.#size(found)}` : found
            }${button}</figcaption>
        </figure>`;
    }

    #size(size: { pixels: number; l2: number; linf: number } | null) {
        if (!size) return '';
        if (size.pixels === 0) return 'nothing yet';
        return `${size.pixels} ${size.pixels === 1 ? 'pixel' : 'pixels'}, L2 ${short(size.l2)}, L∞ ${short(size.linf)}`;
    }

    #said(): string {
        const { first, now, start, wanted, best } = this;
        if (!first || !now || !start) return 'Draw a digit first.';
        const read = `${withArticle(now.predicted)} (${percentWords(now.probabilities[now.predicted] ?? 0)} %)`;
        const size = sizeOf(start.data, this.#data);
        if (size.pixels === 0) return `It reads ${read}.`;
        const after = `After ${size.pixels} changed ${size.pixels === 1 ? 'pixel' : 'pixels'} it`;
        if (!isTurned(first.predicted, now, wanted)) {
            const aim =
                wanted === null || now.predicted === wanted
                    ? ''
                    : `; ${withArticle(wanted)} has ${percentWords(now.probabilities[wanted] ?? 0)} %`;
            return `${after} ${now.predicted === first.predicted ? 'still reads' : 'reads'} ${read}${aim}.`;
        }
        const rival = this.rival.get('jsma');
        const beside =
            best && rival && typeof rival !== 'string'
                ? best.pixels < rival.pixels
                    ? ` That is fewer than ${cardOf('jsma')?.title} needs: ${rival.pixels}.`
                    : ` ${cardOf('jsma')?.title} does it with ${rival.pixels}.`
                : '';
        return `${after} reads ${read}: done. Your best: ${best?.pixels ?? size.pixels}.${beside}`;
    }
}

declare global {
    interface HTMLElementTagNameMap {
        'pl-by-hand': PlByHand;
    }
}
