import { LitElement, html } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import type { MethodCard } from 'pellucid';
import { icon } from '../../core/icons.ts';
import { inlineStyle } from '../../core/inline-style.ts';
import { sameNumbers } from '../../core/window.ts';
import '../../elements/pl-map.ts';
import '../../elements/pl-run.ts';
import { plainly } from '../../state/ask.ts';
import { sheet } from '../../state/drawing.ts';
import { chooseModel, chosenModel, phase } from '../../state/engine.ts';
import { newest, watch } from '../../state/live.ts';
import { lastingId } from '../../state/models.ts';
import { inAddress, oneOf } from '../../state/room-settings.ts';
import { Uses } from '../../state/signal.ts';
import { withArticle } from '../../state/target.ts';
import { shared } from '../../styles/shared.ts';
import { epsilonWords, leastParams, numberOf } from './attacks.ts';
import { titleOf } from './networks.ts';
import { networkTable, partStyles } from './pl-fool.css.ts';
import { roundsStyles } from './pl-rounds.css.ts';
import {
    beginAgain,
    counts,
    fates,
    going,
    nextRound,
    rounds,
    samples,
    terms,
    type Lesson,
    type Round,
    type Sample,
    type Terms,
} from './retraining.ts';
import { leastWords, roundsWords } from './round-words.ts';

const lessons: Record<Lesson, string> = {
    added: 'the attacked copies, added to the set',
    every: 'an attack of its own in every step',
};

/**
 * Draw, attack, add, retrain, attack again: a copy of the network learns from what fooled it, in rounds that are
 * compared.
 */
@customElement('pl-rounds')
export class PlRounds extends LitElement {
    static override styles = [shared, partStyles, networkTable, roundsStyles];

    @property({ attribute: false }) attack: MethodCard | undefined;
    @property({ type: Number }) epsilon = 0;
    @inAddress('fool.lesson', 'added', oneOf<Lesson>(['added', 'every'])) private lesson!: Lesson;
    /** What the drawing is, where the person says otherwise than the network. */
    @state() private label: number | null = null;
    /** The answer of the page, and whether there is a drawing of the person's. */
    @state() private answer = -1;
    /** The smallest ε of each network of the sequence for the drawing on the board; NaN: none. */
    @state() private least: ReadonlyMap<string, number> = new Map();
    @query('.zone') private zone!: HTMLElement;
    #inView = false;
    #watched = '';
    #unwatch: (() => void)[] = [];
    #ends: (() => void)[] = [];
    #endTask = () => {};
    readonly #seen = new IntersectionObserver((entries) => {
        this.#inView = entries.at(-1)?.isIntersecting ?? false;
        if (this.#inView) this.requestUpdate();
    });

    constructor() {
        super();
        new Uses(this, phase, chosenModel, samples, rounds, fates, going, terms);
    }
    override connectedCallback(): void {
        super.connectedCallback();
        this.#seen.observe(this);
        const look = () => {
            this.answer = sheet.ghost ? -1 : (newest.value?.prediction.predicted ?? -1);
        };
        this.#ends = [
            newest.subscribe(look),
            sheet.version.subscribe(() => {
                this.label = null;
                if (this.least.size > 0) this.least = new Map();
            }),
        ];
        look();
    }
    override disconnectedCallback(): void {
        super.disconnectedCallback();
        this.#seen.disconnect();
        this.#endTask();
        this.#leave();
        for (const end of this.#ends) end();
    }
    #leave(): void {
        for (const end of this.#unwatch) end();
        this.#watched = '';
    }

    protected override willUpdate(): void {
        this.#endTask();
        this.#endTask = going.value?.changed.subscribe(() => this.requestUpdate()) ?? (() => {});
    }
    /** Every network of the sequence is asked about the drawing on the board. */
    protected override updated(): void {
        const now = terms.value;
        if (!this.isConnected || !this.#inView || !now) return;
        const ids = rounds.value.map(({ id }) => id);
        const watched = `${ids.join()} ${now.attack.id}`;
        if (watched === this.#watched) return;
        this.#leave();
        this.#watched = watched;
        this.#unwatch = ids.map((id) =>
            watch(
                { method: 'minimal_epsilon', params: leastParams(now.attack, null) },
                ({ explanation }) => {
                    const found = numberOf(explanation, 'epsilon');
                    if (found !== null) this.least = new Map([...this.least, [id, found]]);
                },
                { target: 'predicted', inView: () => this.#inView, source: { model: id, drawing: null } },
            ),
        );
    }

    get #terms(): Terms | null {
        if (terms.value) return terms.value;
        const { attack, epsilon, lesson } = this;
        return attack ? { attack, epsilon, lesson } : null;
    }
    get #base(): string {
        return rounds.value[0]?.id ?? lastingId(chosenModel.value);
    }
    /** The drawing on the board among those that were added. */
    get #there(): Sample | undefined {
        const input = newest.value?.input;
        return input && samples.value.find(({ image }) => sameNumbers(image.data, input.data));
    }

    #add(): void {
        const frame = newest.value;
        if (!frame || this.#there) return;
        const label = this.label ?? frame.prediction.predicted;
        samples.value = [...samples.value, { image: { ...frame.input, data: frame.input.data.slice() }, label }];
    }

    protected override render() {
        const now = this.#terms;
        if (phase.value.name !== 'ready' || !now) return html``;
        const base = titleOf(this.#base);
        return html`
            <h3>Can it learn from being fooled?</h3>
            <p class="lead">
                Draw, attack, add, retrain, attack again. Your drawings and
                ${counts.train} built-in pen digits are attacked within
                ε = ${epsilonWords(now.epsilon)}${terms.value ? '' : ', as set above'} (${now.attack.title}); what comes
                out joins them under its right label, and a copy of
                ${base} trains on all of it for a moment. All of this happens on this device.
            </p>
            ${this.#drawings()}
            ${this.#controls(now)}
            <p class="said" aria-live="polite">${this.#said(now)}</p>
            ${rounds.value.length > 0 ? this.#table() : ''}
        `;
    }

    #drawings() {
        const full = samples.value.length >= counts.samples;
        const { answer } = this;
        const label = this.label ?? answer;
        const there = this.#there;
        return html`
            <div class="row screen">
                <label>
                    This is
                    <select
                        aria-label="What the drawing is"
                        ?disabled=${answer < 0}
                        @change=${(event: Event) => (this.label = Number((event.target as HTMLSelectElement).value))}
                    >
                        ${Array.from(
                            { length: 10 },
                            (_, digit) => html`<option value=${digit}
                            .selected=${digit === label}>${withArticle(digit)}</option>`,
                        )}
                    </select>
                </label>
                <button ?disabled=${answer < 0 || there !== undefined || full} @click=${() => this.#add()}>${
                    there && answer >= 0 ? 'The drawing is added' : 'Add the drawing'
                }</button>
                <span class="quiet">${
                    answer < 0 ? 'Draw a digit first.' : full ? `${counts.samples} are enough.` : ''
                }</span>
            </div>
            ${
                samples.value.length === 0
                    ? ''
                    : html`<ul class="samples" aria-label="Your drawings">${samples.value.map((sample) =>
                          this.#sample(sample),
                      )}</ul>`
            }
        `;
    }

    #sample(sample: Sample) {
        const { image, label } = sample;
        const fate = fates.value.get(sample);
        const read = (digit: number) => html`<span class=${digit === label ? '' : 'turned'}>${digit}</span>`;
        return html`<li>
            <pl-map label="Your drawing of ${withArticle(label)}" .shown=${{ map: image, kind: 'image' }}></pl-map>
            ${
                fate
                    ? html`<pl-map label="The same, attacked"
                .shown=${{ map: fate.attacked, kind: 'image' }}></pl-map>`
                    : html`<div class="none"
                    aria-hidden="true"></div>`
            }
            <p class="quiet">
                <b>${withArticle(label)}</b>
                ${
                    fate
                        ? html`<br />attacked: read as ${read(fate.before)}<br />retrained:
                ${read(fate.after)}<br />attacked again: ${read(fate.again)}`
                        : html`<br />not attacked yet`
                }
            </p>
            <button
                class="icon bare screen"
                aria-label="Take this ${label} out"
                title="Take it out"
                ?disabled=${going.value?.active}
                @click=${() => (samples.value = samples.value.filter((other) => other !== sample))}
            >${icon('close')}</button>
        </li>`;
    }

    #controls(now: Terms) {
        const task = going.value;
        const active = task?.active ?? false;
        const begun = rounds.value.length > 1;
        const start = () => {
            nextRound(this.#base, now);
            // The button that was pressed makes way for the strip.
            this.zone.focus({ preventScroll: true });
        };
        const missing =
            samples.value.length === 0 ? 'Add a drawing first.' : now.epsilon === 0 ? 'Choose an ε above 0 first.' : '';
        return html`
            <div class="row screen">
                <label>
                    It learns from
                    <select
                        aria-label="What it learns from"
                        ?disabled=${active || rounds.value.length > 0}
                        @change=${(event: Event) => (this.lesson = (event.target as HTMLSelectElement).value as Lesson)}
                    >
                        ${Object.entries(lessons).map(
                            ([id, words]) => html`<option value=${id}
                            .selected=${id === now.lesson}>${words}</option>`,
                        )}
                    </select>
                </label>
            </div>
            <div class="zone screen" tabindex="-1" role="group" aria-label="The rounds">
                ${
                    task && active
                        ? html`<p class="quiet" role="status">Round ${Math.max(1, rounds.value.length)}: it
                            ${task.words}.</p><pl-run .run=${task}></pl-run>`
                        : html`<div class="row">
                          <button class="main" ?disabled=${missing !== ''} @click=${start}>${icon('play')} ${
                              begun ? 'Another round' : 'Attack, add, retrain'
                          }</button>
                          <button ?disabled=${rounds.value.length === 0}
                              @click=${() => void beginAgain()}>${icon('reset')} Begin again</button>
                          <span class="quiet">${
                              missing ||
                              (task?.state === 'stopped' ? 'Stopped: nothing was learned in that round.' : '')
                          }</span>
                      </div>`
                }
            </div>
            ${task?.error ? html`<p role="alert">It could not be done: ${plainly(task.error.message)}</p>` : ''}
        `;
    }

    #said(now: Terms): string {
        const [drawn, done] = [samples.value.length, rounds.value];
        if (done.length > 1) return roundsWords(done, now, titleOf(done[0]!.id), this.least);
        if (drawn === 0) return 'Add your drawing, then draw another: a few will do.';
        const yours = drawn === 1 ? 'One drawing of yours' : `${drawn} drawings of yours`;
        return `${yours} and ${counts.train} pen digits ${
            going.value?.active ? 'are in' : 'wait for'
        } the first round.`;
    }

    #table() {
        const share = (right: number, all: number) => html`<span class="cell">
            <span>${all === counts.test ? `${right} %` : `${right}/${all}`}</span>
            <span class="track" aria-hidden="true"><span class="bar" ${inlineStyle({
                transform: `scaleX(${(right / Math.max(1, all)).toFixed(3)})`,
            })}></span></span>
        </span>`;
        const row = ({ id, clean, held, own }: Round) => html`<tr data-round=${id}>
            <th scope="row" class=${id === chosenModel.value ? 'own' : ''}>
                ${
                    id === chosenModel.value
                        ? titleOf(id)
                        : html`<button class="bare" aria-label="Attack ${titleOf(id)} instead"
                            title="Attack this one instead"
                                @click=${() => void chooseModel(id)}>${titleOf(id)}</button>`
                }
            </th>
            <td>${share(clean, counts.test)}</td>
            <td>${share(held, counts.test)}</td>
            <td>${share(own.held, own.all)}</td>
            <td class="least">${leastWords(this.least.get(id))}</td>
        </tr>`;
        return html`
            <div class="wide">
                <table>
                    <caption class="visually-hidden">The networks of the rounds, before and under attack</caption>
                    <thead>
                        <tr>
                            <th scope="col">network</th>
                            <th scope="col">reads right</th>
                            <th scope="col">attacked</th>
                            <th scope="col">yours, attacked</th>
                            <th scope="col">smallest ε, this drawing</th>
                        </tr>
                    </thead>
                    <tbody>${rounds.value.map(row)}</tbody>
                </table>
            </div>
            <p class="quiet">
                Read right: of ${counts.test} other pen digits, which no round trains on, as they are and attacked; each
                network is attacked anew. What is
                learned from pen digits need not help with other people’s hands. The retrained networks are in every
                menu of networks, and
                in the table above, until you leave the page.
            </p>
        `;
    }
}

declare global {
    interface HTMLElementTagNameMap {
        'pl-rounds': PlRounds;
    }
}
