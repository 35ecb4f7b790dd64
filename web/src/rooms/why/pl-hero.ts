import { LitElement, css, html } from 'lit';
import { customElement, property, query } from 'lit/decorators.js';
import type { MethodCard } from 'pellucid';
import { icon } from '../../core/icons.ts';
import { mainKind } from '../../core/items.ts';
import { milliseconds, percentWords, short } from '../../core/numbers.ts';
import { describe, strongest, type Region } from '../../core/regions.ts';
import { address } from '../../state/route.ts';
import { settings } from '../../state/settings.ts';
import { Uses } from '../../state/signal.ts';
import { target, targetWords } from '../../state/target.ts';
import { settingWords, type View } from '../../state/views.ts';
import { shared } from '../../styles/shared.ts';
import { LiveView } from '../../elements/live-view.ts';
import '../../elements/pl-legend.ts';
import '../../elements/pl-map.ts';
import '../../elements/pl-target.ts';
import type { PlMap } from '../../elements/pl-map.ts';

/** Of all that speaks at all, a smaller part is hardly anything. */
const little = 0.05;

/** Even the fullest of nine parts of a digit seldom holds half: so its share is told. */
const where = ({ place, share }: Region) => `${place}\u00a0(${percentWords(share)}\u00a0% of it)`;

/** The big map over the ink of the sheet, and in words what it says. */
@customElement('pl-hero')
export class PlHero extends LitElement {
    static override styles = [
        shared,
        css`
            :host {
                display: grid;
                gap: var(--gap-4);
                align-items: start;
            }
            pl-map {
                width: round(down, 100%, var(--map-step));
                max-width: min(max(var(--board), 392px), round(down, 100dvh - var(--desk) - 60px, 28px));
                box-shadow: var(--lift);
            }
            .aside {
                display: grid;
                gap: var(--gap-4);
                align-content: start;
                max-width: 34rem;
            }
            .evidence {
                min-height: 4.5em;
                font: 400 var(--large) / 1.5 var(--serif);
            }
            .for {
                color: var(--for);
            }
            .against {
                color: var(--against);
            }
            h2 {
                font: 600 var(--normal) / 1.4 var(--sans);
            }
            pl-legend {
                max-width: 22rem;
            }
            .links {
                display: flex;
                flex-wrap: wrap;
                gap: var(--gap-2);
            }
            @container (min-width: 610px) {
                :host {
                    grid-template-columns: minmax(0, var(--board)) minmax(200px, 1fr);
                    gap: var(--gap-5);
                }
            }
        `,
    ];

    @property({ attribute: false }) view!: View;
    @property({ attribute: false }) card!: MethodCard;
    @query('pl-map') private map!: PlMap;
    readonly #live = new LiveView(this, {
        map: () => this.map,
        card: () => this.card,
        view: () => this.view,
        onSheet: true,
    });

    constructor() {
        super();
        new Uses(this, target, settings);
    }
    protected override render() {
        const { card, view } = this;
        const { answer, explanation: known, failure } = this.#live;
        const variant = settingWords(view, card);
        return html`
            <pl-map steerable></pl-map>
            <div class="aside">
                <pl-target></pl-target>
                <p class="evidence">${failure ?? this.#evidence()}</p>
                <pl-legend worded kind=${mainKind(card)} .scale=${known ? this.map.scale : 0}></pl-legend>
                <div>
                    <h2>${card.title}</h2>
                    <p class="quiet">
                        ${[
                            variant,
                            known ? milliseconds(known.milliseconds) : '',
                            answer?.shortened ? `preview: ${answer.shortened}` : '',
                        ]
                            .filter((part) => part !== '')
                            .join(' · ')}
                    </p>
                </div>
                <p class="links screen">
                    <a class="button" href=${address({ room: 'method', ...view })}>How this is computed</a>
                    <button @click=${() =>
                        this.dispatchEvent(new Event('hero-pick'))}>${icon('search')} Another method</button>
                </p>
            </div>
        `;
    }

    #evidence() {
        const { answer, explanation } = this.#live;
        if (!answer || !explanation) return 'Evidence will appear here while you draw: over the ink, in colour.';
        const { frame } = answer;
        const subject = targetWords(target.value, frame.prediction.predicted);
        if (mainKind(this.card) === 'image') return describe(this.card, explanation, frame.input);
        const { map, value } = explanation;
        const inFavour = strongest(map, frame.input, 1);
        const against = strongest(map, frame.input, -1);
        const score = html`<span class="quiet">Score: ${short(value)}.</span>`;
        if (mainKind(this.card) === 'positive') {
            return html`${
                inFavour
                    ? `What counts for ${subject} is strongest ${where(inFavour)}.`
                    : `Nothing counts for ${subject}.`
            } ${score}`;
        }
        const opposition = (against?.total ?? 0) / ((inFavour?.total ?? 0) + (against?.total ?? 0) || 1);
        return html`${
            inFavour
                ? html`What speaks <span class="for">for</span> ${subject} is strongest ${where(inFavour)}`
                : html`Nothing speaks <span class="for">for</span> ${subject}`
        }${
            against === null
                ? html`; nothing speaks <span class="against">against</span> it.`
                : opposition < little
                  ? html`; hardly anything speaks <span class="against">against</span> it.`
                  : html`; what speaks <span class="against">against</span> it is strongest ${where(against)}.`
        } ${score}`;
    }
}
