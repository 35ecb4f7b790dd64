import { LitElement, css, html, type PropertyValues } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import type { Image, MethodCard } from 'pellucid';
import { spearman } from '../../core/correlate.ts';
import { icon } from '../../core/icons.ts';
import { isExplanation, mainKind, mainMap } from '../../core/items.ts';
import { short } from '../../core/numbers.ts';
import { largest } from '../../core/regions.ts';
import { fullParams, Newest, plainly } from '../../state/ask.ts';
import { missingFor, whenNeedsAreThere } from '../../state/belongings.ts';
import { phase } from '../../state/engine.ts';
import { inAddress, views as viewsText, yes } from '../../state/room-settings.ts';
import { Uses } from '../../state/signal.ts';
import { settingWords, shortTitle, standardViews, viewKey, type View } from '../../state/views.ts';
import { shared } from '../../styles/shared.ts';
import type { Attacked } from './attacks.ts';
import { partStyles } from './pl-fool.css.ts';
import '../../elements/pl-legend.ts';
import '../../elements/pl-map.ts';
import '../../elements/pl-picker.ts';
import type { PlPicker } from '../../elements/pl-picker.ts';

/** What a method shows of the drawing and of the changed drawing. */
interface Pair {
    before: Image;
    after: Image;
    input: [Image, Image];
    /** Spearman's, between both. */
    correlation: number;
    failure: string;
}
interface Ask {
    attacked: Attacked;
    views: readonly View[];
    same: boolean;
}

/** So long nothing may change before methods are asked: they are many. */
const restMs = 200;
/** Of rank correlations: below, two maps have hardly anything in common. */
const alike = 0.75;

const fits = (card: MethodCard | undefined): boolean =>
    card !== undefined &&
    isExplanation(card) &&
    card.pace !== 'asked' &&
    !card.needs.includes('strokes') &&
    ['class', 'predicted'].some((kind) => card.targets.includes(kind));

/** Every explanation before and after the attack, in one scale each. */
@customElement('pl-before-after')
export class PlBeforeAfter extends LitElement {
    static override styles = [
        shared,
        partStyles,
        css`
            .pairs {
                display: grid;
                grid-template-columns: repeat(auto-fill, minmax(min(244px, 100%), 1fr));
                gap: var(--gap-5) var(--gap-5);
            }
            article {
                display: grid;
                grid-template-columns: minmax(0, 1fr);
                gap: var(--gap-1);
                align-content: start;
                max-width: 24rem;
            }
            article h4 {
                margin: 0;
                font: 600 var(--normal) / 1.3 var(--sans);
            }
            h4 small {
                font-weight: 400;
                color: var(--muted);
            }
            .two {
                display: grid;
                grid-template-columns: 1fr 1fr;
                gap: var(--gap-2);
            }
            pl-map {
                width: round(down, 100%, var(--map-step));
            }
            .meta {
                min-height: 1.45em;
            }
            .row {
                display: flex;
                flex-wrap: wrap;
                gap: var(--gap-2) var(--gap-4);
                align-items: center;
            }
            .row label {
                display: inline-flex;
                align-items: center;
                gap: var(--gap-2);
                min-height: var(--touch);
            }
        `,
    ];

    @property({ attribute: false }) attacked: Attacked | null = null;
    /** Beside those that the page starts with. */
    @inAddress('fool.explained', [], viewsText) private added!: readonly View[];
    /** Both explained for the first answer, not each for its own. */
    @inAddress('fool.same', false, yes) private same!: boolean;
    @state() private pairs: ReadonlyMap<string, Pair> = new Map();
    /** The list of all methods is there once it was asked for. */
    @state() private picking = false;
    @query('pl-picker') private picker!: PlPicker;
    #inView = false;
    #rest: ReturnType<typeof setTimeout> | undefined;
    #newer = 0;
    readonly #seen = new IntersectionObserver((entries) => {
        this.#inView = entries.at(-1)?.isIntersecting ?? false;
        if (this.#inView) this.#ask();
    });
    readonly #newest = new Newest<Ask, void>(
        (ask) => this.#work(ask),
        (answer) => {
            if (answer instanceof Error) console.error(answer);
        },
    );

    constructor() {
        super();
        new Uses(this, phase);
    }
    override connectedCallback(): void {
        super.connectedCallback();
        this.#seen.observe(this);
    }
    override disconnectedCallback(): void {
        super.disconnectedCallback();
        this.#seen.disconnect();
        clearTimeout(this.#rest);
        this.#inView = false;
        this.#newer++;
    }
    protected override updated(changed: PropertyValues): void {
        if (!this.isConnected || !['attacked', 'added', 'same'].some((name) => changed.has(name))) return;
        if (!this.attacked && this.pairs.size > 0) this.pairs = new Map();
        this.#newer++;
        clearTimeout(this.#rest);
        this.#rest = setTimeout(() => this.#ask(), restMs);
    }

    get #views(): View[] {
        if (phase.value.name !== 'ready') return [];
        const { cards, modelId } = phase.value;
        const standard = standardViews(cards).filter(({ method }) => {
            const card = cards.get(method);
            return card && fits(card) && missingFor(card, modelId) === null;
        });
        // An address may name what is no explanation.
        const added = this.added.filter(({ method }) => fits(cards.get(method)));
        return [...new Map([...standard, ...added].map((view) => [viewKey(view), view])).values()];
    }
    #ask(): void {
        if (!this.isConnected || !this.#inView || !this.attacked) return;
        this.#newest.ask({ attacked: this.attacked, views: this.#views, same: this.same });
    }

    /** One method after the other; a newer drawing stops it. */
    async #work({ attacked, views, same }: Ask): Promise<void> {
        const mine = ++this.#newer;
        for (const view of views) {
            if (phase.value.name !== 'ready') return;
            const { model, modelId, cards } = phase.value;
            const card = cards.get(view.method);
            if (!card) continue;
            await whenNeedsAreThere(card, model, modelId);
            const target = (digit: number) => (card.targets.includes('class') ? `class:${digit}` : 'predicted');
            const of = async (image: Image, digit: number): Promise<Image> => {
                const answer = await model.explain(card.id, image.data, {
                    target: target(digit),
                    params: fullParams(view),
                });
                return mainMap(card, answer) ?? image;
            };
            const pair: Pair = {
                before: attacked.original,
                after: attacked.changed,
                input: [attacked.original, attacked.changed],
                correlation: NaN,
                failure: '',
            };
            try {
                pair.before = await of(attacked.original, attacked.before.predicted);
                pair.after = await of(attacked.changed, (same ? attacked.before : attacked.after).predicted);
                pair.correlation = spearman(pair.before.data, pair.after.data);
            } catch (error) {
                pair.failure = plainly(error instanceof Error ? error.message : String(error));
            }
            if (mine !== this.#newer || !this.isConnected) return;
            this.pairs = new Map([...this.pairs, [viewKey(view), pair]]);
        }
    }

    async #pick(): Promise<void> {
        this.picking = true;
        await this.updateComplete;
        await this.picker.updateComplete;
        this.picker.pick((view) => (this.added = [...this.added, view]), fits);
    }
    #every(): void {
        if (phase.value.name !== 'ready') return;
        const { cards, modelId } = phase.value;
        this.added = [...cards.values()]
            .filter((card) => fits(card) && missingFor(card, modelId) === null)
            .map(({ id }) => ({ method: id, params: {} }));
    }

    protected override render() {
        if (phase.value.name !== 'ready') return html``;
        const { cards } = phase.value;
        const views = this.#views;
        const { attacked } = this;
        const [before, after] = [attacked?.before.predicted, attacked?.after.predicted];
        return html`
            <h3>What do the explanations make of it?</h3>
            <p class="lead">
                Each method for the drawing and for the changed drawing, in one scale. An explanation that stays the
                same while the answer turns
                tells you about the drawing more than about the answer.
            </p>
            <p class="said" aria-live="polite">${this.#said(views, cards)}</p>
            <div class="pairs">
                ${repeat(views, viewKey, (view) => {
                    const card = cards.get(view.method)!;
                    const pair = attacked ? this.pairs.get(viewKey(view)) : undefined;
                    return this.#pair(card, view, pair, before, this.same ? before : after);
                })}
            </div>
            <div class="row screen">
                <label>
                    <input type="checkbox" .checked=${this.same} @change=${(event: Event) =>
                        (this.same = (event.target as HTMLInputElement).checked)} />
                    Explain ${before ?? 'the first answer'} in both
                </label>
                <button @click=${() => void this.#pick()}>${icon('search')} Another method</button>
                <button ?disabled=${this.added.length > 12} @click=${() => this.#every()}>${icon('tiles')} Every
                    explanation</button>
            </div>
            ${this.picking ? html`<pl-picker></pl-picker>` : ''}
        `;
    }

    #pair(card: MethodCard, view: View, pair: Pair | undefined, before: number | undefined, after: number | undefined) {
        const title = shortTitle(card);
        const kind = mainKind(card);
        const scale = pair && !pair.failure ? Math.max(largest(pair.before), largest(pair.after)) : 0;
        const shown = (map: Image | undefined, input: Image | undefined) =>
            map && input && pair?.failure === '' ? { map, kind, input, scale } : null;
        return html`<article data-key=${viewKey(view)}>
            <h4>${title} <small>${settingWords(view, card)}</small></h4>
            <div class="two">
                <figure>
                    <pl-map label="${title} of the drawing" .shown=${shown(pair?.before, pair?.input[0])}></pl-map>
                    <figcaption class="quiet">${before === undefined ? 'before' : `why ${before}`}</figcaption>
                </figure>
                <figure>
                    <pl-map label="${title} of the changed drawing"
                        .shown=${shown(pair?.after, pair?.input[1])}></pl-map>
                    <figcaption class="quiet">${after === undefined ? 'after' : `why ${after}`}, changed</figcaption>
                </figure>
            </div>
            <pl-legend kind=${kind} .scale=${scale}></pl-legend>
            <p class="quiet meta">
                ${
                    pair
                        ? pair.failure ||
                          html`rank correlation <b class="correlation">${
                              Number.isNaN(pair.correlation) ? 'none' : short(pair.correlation)
                          }</b>`
                        : ''
                }
            </p>
        </article>`;
    }

    /** Which method moves least and most. */
    #said(views: readonly View[], cards: ReadonlyMap<string, MethodCard>): string {
        const { attacked } = this;
        if (!attacked) return 'Draw a digit to see.';
        const known = views.flatMap((view) => {
            const { correlation = NaN } = this.pairs.get(viewKey(view)) ?? {};
            return Number.isNaN(correlation) ? [] : [{ title: shortTitle(cards.get(view.method)!), correlation }];
        });
        if (known.length < 2) return '';
        known.sort((a, b) => a.correlation - b.correlation);
        const [most, least] = [known[0]!, known.at(-1)!];
        const { before, after } = attacked;
        const turned =
            before.predicted === after.predicted
                ? `The answer is still ${after.predicted}`
                : `The answer turned from ${before.predicted} to ${after.predicted}`;
        const still =
            least.correlation >= alike
                ? `${least.title} hardly moves (rank correlation ${short(least.correlation)})`
                : `even ${least.title}, which moves least, is another map (rank correlation ${short(
                      least.correlation,
                  )})`;
        return `${turned}: ${still}; ${most.title} moves most (${short(most.correlation)}).`;
    }
}

declare global {
    interface HTMLElementTagNameMap {
        'pl-before-after': PlBeforeAfter;
    }
}
