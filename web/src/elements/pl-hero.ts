import { LitElement, css, html } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import type { MethodCard } from 'pellucid';
import { milliseconds, short } from '../core/numbers.ts';
import { describe, strongest } from '../core/regions.ts';
import { Throttle } from '../core/throttle.ts';
import { newest, watch, type Answer } from '../state/live.ts';
import { address } from '../state/route.ts';
import { settings } from '../state/settings.ts';
import { Uses } from '../state/signal.ts';
import { target, targetWords } from '../state/target.ts';
import { settingWords, viewKey, type View } from '../state/views.ts';
import { shared } from '../styles/shared.ts';
import './pl-legend.ts';
import './pl-map.ts';
import './pl-target.ts';
import type { PlMap } from './pl-map.ts';

const textMs = 160;

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
                width: 100%;
                max-width: 588px;
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
            @media (min-width: 640px) {
                :host {
                    grid-template-columns: minmax(0, var(--large-map, var(--board))) minmax(200px, 1fr);
                    gap: var(--gap-5);
                }
            }
        `,
    ];

    @property({ attribute: false }) view!: View;
    @property({ attribute: false }) card!: MethodCard;
    @query('pl-map') private map!: PlMap;
    @state() private answer: Answer | null = null;
    #latest: Answer | null = null;
    #watched = '';
    #unwatch = () => {};
    #end = () => {};
    #label = '';
    readonly #words = new Throttle(textMs, () => (this.answer = this.#latest));

    constructor() {
        super();
        new Uses(this, target, settings);
    }
    override connectedCallback(): void {
        super.connectedCallback();
        this.#end = newest.subscribe((frame) => frame === null && this.#show(null));
    }
    override disconnectedCallback(): void {
        super.disconnectedCallback();
        this.#unwatch();
        this.#watched = '';
        this.#end();
    }
    protected override updated(): void {
        const key = viewKey(this.view);
        if (key === this.#watched) return;
        this.#unwatch();
        this.#watched = key;
        this.#unwatch = watch(this.view, (answer) => this.#show(answer));
    }

    #show(answer: Answer | null): void {
        this.#latest = answer;
        const { explanation, frame } = answer ?? {};
        this.map.show(
            explanation && frame && !(explanation instanceof Error)
                ? { map: explanation.map, kind: this.card.result, input: frame.input, place: frame.normalised, label: this.#label }
                : null,
        );
        this.#words.call();
    }

    protected override render() {
        const { card, view, answer } = this;
        const explanation = answer?.explanation;
        const known = explanation && !(explanation instanceof Error) ? explanation : null;
        this.#label = `${card.title}. ${known && answer ? describe(known, answer.frame.input) : ''}`;
        const variant = settingWords(view, card);
        return html`
            <pl-map steerable></pl-map>
            <div class="aside">
                <pl-target></pl-target>
                <p class="evidence">${explanation instanceof Error ? explanation.message : this.#evidence()}</p>
                <pl-legend worded kind=${card.result} .scale=${known ? this.map.scale : 0}></pl-legend>
                <div>
                    <h2>${card.title}</h2>
                    <p class="quiet">
                        ${variant ? `${variant} · ` : ''}${known ? `${milliseconds(known.milliseconds)} ms` : ''}
                        ${answer?.shortened ? ` · preview: ${answer.shortened}` : ''}
                    </p>
                </div>
                <p class="links screen"><a class="button" href=${address({ room: 'method', ...view })}>How this is computed</a></p>
            </div>
        `;
    }

    #evidence() {
        const { answer, card } = this;
        if (!answer || answer.explanation instanceof Error) return 'Evidence will appear here while you draw: over the ink, in colour.';
        const { explanation, frame } = answer;
        const subject = targetWords(target.value, frame.prediction.predicted);
        if (card.result === 'image') return describe(explanation, frame.input);
        const inFavour = strongest(explanation.map, frame.input, 1);
        const against = strongest(explanation.map, frame.input, -1);
        const opposed = (against?.share ?? 0) > 0 && Math.abs(against?.peak ?? 0) > 0.1 * (inFavour?.peak ?? 0) ? against : null;
        return html`${inFavour
            ? html`Most of what speaks <span class="for">for</span> ${subject} is ${inFavour.place}`
            : html`Nothing speaks <span class="for">for</span> ${subject}`}${opposed
            ? html`; most of what speaks <span class="against">against</span> it is ${opposed.place}.`
            : html`; hardly anything speaks <span class="against">against</span> it.`}
            <span class="quiet">Score: ${short(explanation.value)}.</span>`;
    }
}
