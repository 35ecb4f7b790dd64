import { LitElement, css, html, type PropertyValues } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import type { MethodCard, Prediction } from 'pellucid';
import { inlineStyle } from '../../core/inline-style.ts';
import { percentWords } from '../../core/numbers.ts';
import { Newest } from '../../state/ask.ts';
import { sheet } from '../../state/drawing.ts';
import { chooseModel, chosenModel, modelOf, phase, reason } from '../../state/engine.ts';
import { newest, watch } from '../../state/live.ts';
import { visiting } from '../../state/models.ts';
import { inAddress, yes } from '../../state/room-settings.ts';
import { Uses } from '../../state/signal.ts';
import { withArticle } from '../../state/target.ts';
import { shared } from '../../styles/shared.ts';
import { epsilonWords, leastParams, numberOf, type Attacked } from './attacks.ts';
import { allNetworks, fewNetworks, titleOf, unread, type Reading } from './networks.ts';
import { networkTable, partStyles } from './pl-fool.css.ts';
import './pl-held.ts';

/**
 * What other networks read in the drawing and in the changed drawing, and how much it takes to fool each of them
 * itself.
 */
@customElement('pl-networks')
export class PlNetworks extends LitElement {
    static override styles = [
        shared,
        partStyles,
        networkTable,
        css`
            table {
                max-width: 760px;
            }
            th, td {
                vertical-align: middle;
            }
            td:last-child, th:last-child {
                padding-right: 0;
                text-align: right;
            }
            td[colspan] {
                text-align: left;
            }
            .own th {
                font-weight: 600;
            }
            .cell {
                display: flex;
                flex-wrap: wrap;
                align-items: center;
                gap: 2px var(--gap-3);
            }
            .ten {
                display: grid;
                grid-template-columns: repeat(10, 5px);
                gap: 1px;
                height: 26px;
                border-bottom: 1px solid var(--line-strong);
            }
            .ten span {
                height: 100%;
                background: var(--line-strong);
                transform-origin: 0 100%;
            }
            .ten .best {
                background: var(--ink);
            }
            .read {
                min-width: 8ch;
                white-space: nowrap;
            }
            small {
                display: block;
                color: var(--muted);
                font-size: var(--small);
            }
            @media (forced-colors: active) {
                .ten span {
                    forced-color-adjust: none;
                    background: CanvasText;
                }
            }
        `,
    ];

    @property({ attribute: false }) attacked: Attacked | null = null;
    @property({ type: Number }) epsilon = 0;
    @property({ attribute: false }) towards: number | null = null;
    /** The attack of the room, which also looks for the smallest ε where it can. */
    @property({ attribute: false }) attack: MethodCard | undefined;
    @inAddress('fool.networks', false, yes) private every!: boolean;
    @state() private readings: ReadonlyMap<string, Reading> = new Map();
    @state() private inView = false;
    /** Which networks are watched, and for which target. */
    #watched = '';
    #ends: (() => void)[] = [];
    #end = () => {};
    readonly #seen = new IntersectionObserver((entries) => {
        this.inView = entries.at(-1)?.isIntersecting ?? false;
        if (this.inView) this.#transfer.ask(this.attacked);
    });
    readonly #transfer = new Newest<Attacked | null, Map<string, Prediction>>(
        async (attacked) => {
            const found = new Map<string, Prediction>();
            if (!attacked || !this.inView) return found;
            for (const id of this.#shown) {
                // One that does not come keeps none of the others from being asked.
                try {
                    const model = await modelOf(id);
                    found.set(id, await model.predict(attacked.changed.data));
                    this.#learn(id, { failure: '' });
                } catch (error) {
                    this.#learn(id, { failure: `could not be asked: ${reason(error)}` });
                }
            }
            return found;
        },
        (after) => {
            if (after instanceof Error) console.error(after);
            else for (const [id, prediction] of after) this.#learn(id, { after: prediction });
        },
    );

    constructor() {
        super();
        new Uses(this, phase, chosenModel, visiting);
    }
    override connectedCallback(): void {
        super.connectedCallback();
        this.#seen.observe(this);
        const ends = [
            newest.subscribe((frame) => frame === null && (this.readings = new Map())),
            // What it takes to fool a network is not known of another drawing.
            sheet.version.subscribe(() => {
                if ([...this.readings.values()].every(({ least }) => least === null)) return;
                this.#forget();
            }),
        ];
        this.#end = () => {
            for (const end of ends) end();
        };
    }
    override disconnectedCallback(): void {
        super.disconnectedCallback();
        this.#seen.disconnect();
        this.#end();
        this.#leave();
    }
    #leave(): void {
        for (const end of this.#ends) end();
        this.#watched = '';
    }

    #forget(): void {
        this.readings = new Map(Array.from(this.readings, ([id, reading]) => [id, { ...reading, least: null }]));
    }

    get #own(): string {
        return phase.value.name === 'ready' ? phase.value.modelId : chosenModel.value;
    }
    get #shown(): string[] {
        return this.every ? allNetworks(this.#own) : fewNetworks(this.#own);
    }
    #learn(id: string, what: Partial<Reading>): void {
        const before = this.readings.get(id) ?? unread(id);
        this.readings = new Map([...this.readings, [id, { ...before, ...what }]]);
    }

    protected override willUpdate(changed: PropertyValues<this>): void {
        if ((changed.has('attacked') || changed.has('every' as keyof PlNetworks)) && this.inView)
            this.#transfer.ask(this.attacked);
    }
    /** Networks are loaded, and asked, once they are looked at. */
    protected override updated(): void {
        if (!this.isConnected || !this.inView) return;
        if (!this.attack) return;
        const watched = `${this.#shown.join()} ${this.towards ?? ''} ${this.attack.id}`;
        if (watched === this.#watched) return;
        this.#leave();
        this.#watched = watched;
        this.#forget();
        this.#transfer.ask(this.attacked);
        const params = leastParams(this.attack, this.towards);
        this.#ends = this.#shown.map((id) =>
            watch(
                { method: 'minimal_epsilon', params },
                ({ explanation, frame }) => {
                    const least = numberOf(explanation, 'epsilon');
                    this.#learn(id, { before: frame.prediction, ...(least === null ? {} : { least }) });
                },
                {
                    target: this.towards === null ? 'predicted' : `class:${this.towards}`,
                    inView: () => this.inView,
                    source: { model: id, drawing: null },
                },
            ),
        );
    }

    protected override render() {
        const rows = this.#shown.map((id): Reading => this.readings.get(id) ?? unread(id));
        const more = allNetworks(this.#own).length - rows.length;
        return html`
            <h3>Does it fool other networks, too?</h3>
            <p class="lead">
                The change above was made for ${titleOf(this.#own)}. The others get the very same changed drawing; the
                last column says how much it
                takes to fool each of them by a change of its own. Press one to attack it instead.
            </p>
            <p class="said" aria-live="polite">${this.#said(rows)}</p>
            <table>
                <caption class="visually-hidden">What several networks read before and after the attack</caption>
                <thead>
                    <tr>
                        <th scope="col">network</th>
                        <th scope="col">the drawing</th>
                        <th scope="col">the changed drawing</th>
                        <th scope="col">its own smallest ε</th>
                    </tr>
                </thead>
                <tbody>
                    ${rows.map((row) => this.#row(row))}
                </tbody>
            </table>
            <div>${
                more > 0
                    ? html`<button class="screen" @click=${() => (this.every = true)}>All
                        ${rows.length + more} networks</button>`
                    : ''
            }</div>
            <pl-held .ids=${rows.map(({ id }) => id)} .readings=${this.readings} .epsilon=${this.epsilon}></pl-held>
        `;
    }

    #row({ id, least, before, after, failure }: Reading) {
        const turned = before !== null && after !== null && before.predicted !== after.predicted;
        return html`<tr class=${id === this.#own ? 'own' : ''} data-network=${id}>
            <th scope="row">
                ${
                    id === this.#own
                        ? titleOf(id)
                        : html`<button class="bare" aria-label="Attack ${titleOf(id)} instead"
                            title="Attack this one instead"
                                @click=${() => void chooseModel(id)}>${titleOf(id)}</button>`
                }
            </th>
            ${
                failure
                    ? html`<td colspan="3"
                class="quiet">${failure}</td>`
                    : this.#cells({ id, least, before, after, failure }, turned)
            }
        </tr>`;
    }

    #cells({ least, before, after }: Reading, turned: boolean) {
        return html`<td>${this.#ten(before, false)}</td>
            <td>${this.#ten(after, turned)}</td>
            <td class="least">${least === null ? '…' : Number.isNaN(least) ? 'over 0.5' : epsilonWords(least)}</td>`;
    }

    #ten(prediction: Prediction | null, turned: boolean) {
        const shares = Array.from({ length: 10 }, (_, digit) => prediction?.probabilities[digit] ?? 0);
        const answer = prediction?.predicted ?? -1;
        return html`<span class="cell">
            <span class="ten" aria-hidden="true">
                ${shares.map(
                    (share, digit) =>
                        html`<span class=${digit === answer ? 'best' : ''} ${inlineStyle({
                            transform: `scaleY(${share.toFixed(3)})`,
                        })}></span>`,
                )}
            </span>
            <span class="read ${turned ? 'turned' : ''}">${
                prediction ? `${answer} (${percentWords(shares[answer] ?? 0)} %)` : '…'
            }</span>
        </span>`;
    }

    /** Whether the change transfers, and which network withstands most. */
    #said(rows: readonly Reading[]): string {
        const own = rows.find(({ id }) => id === this.#own);
        if (!own?.before || !own.after || !this.attacked) return '';
        const others = rows.filter(({ id, before, after }) => id !== this.#own && before && after);
        const turned = others.filter(({ before, after }) => before!.predicted !== after!.predicted);
        const names = (list: readonly Reading[]) => list.map(({ id }) => titleOf(id)).join(', ');
        const self =
            own.before.predicted === own.after.predicted
                ? `It does not even fool ${titleOf(this.#own)}, which it was made for`
                : `It fools ${titleOf(this.#own)}`;
        const rest =
            others.length === 0
                ? ''
                : turned.length === 0
                  ? `; none of the other ${others.length} changes its answer`
                  : `; of the other ${others.length} it also turns ${names(turned)}`;
        const known = rows.filter(({ least }) => least !== null && least > 0);
        const strength = (row: Reading) => (Number.isNaN(row.least) ? Infinity : (row.least ?? 0));
        const best = known.reduce<Reading | null>((a, b) => (a && strength(a) >= strength(b) ? a : b), null);
        const worst = known.reduce<Reading | null>((a, b) => (a && strength(a) <= strength(b) ? a : b), null);
        if (!best || !worst || best === worst || strength(worst) === Infinity) return `${self}${rest}.`;
        const aim = this.towards === null ? 'to fool it' : `to have it read ${withArticle(this.towards)}`;
        const most =
            strength(best) === Infinity
                ? `${titleOf(best.id)} holds up to 0.5, the most that is tried`
                : `${titleOf(best.id)} takes ${epsilonWords(strength(best))}, ${moreWords(
                      strength(best) / strength(worst),
                  )}`;
        return `${self}${rest}. ${titleOf(worst.id)} takes the least, ${epsilonWords(
            strength(worst),
        )}, ${aim}; ${most}.`;
    }
}

/** How many times as much, in halves while it is little. */
const moreWords = (ratio: number): string =>
    ratio < 1.25
        ? 'hardly more'
        : `${(ratio < 3 ? Math.round(2 * ratio) / 2 : Math.round(ratio)).toLocaleString('en')} times as much`;

declare global {
    interface HTMLElementTagNameMap {
        'pl-networks': PlNetworks;
    }
}
