import { LitElement, css, html } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { classMap } from 'lit/directives/class-map.js';
import { percent } from '../core/numbers.ts';
import { Throttle } from '../core/throttle.ts';
import { newest } from '../state/live.ts';
import { Uses } from '../state/signal.ts';
import { chooseDigit, target } from '../state/target.ts';
import { shared } from '../styles/shared.ts';

const textMs = 90;

/** The ten probabilities, each also the button that asks "why this digit?"; and what is not known. */
@customElement('pl-probabilities')
export class PlProbabilities extends LitElement {
    static override styles = [
        shared,
        css`
            :host {
                display: grid;
                grid-template-rows: minmax(0, 1fr) auto;
            }
            ol {
                display: grid;
                grid-template-rows: repeat(10, 1fr);
                min-height: 0;
            }
            li {
                display: grid;
                min-height: 0;
            }
            .row {
                display: grid;
                grid-template-columns: 1.1ch 1fr;
                align-items: center;
                gap: var(--gap-2);
                min-height: 0;
                padding: 0 var(--gap-1);
                border: 0;
                border-radius: var(--radius);
                background: none;
                font-size: 0.9375rem;
                text-align: left;
            }
            button.row:hover {
                background: var(--accent-soft);
            }
            .track {
                position: relative;
                display: block;
                height: min(10px, 45%);
                border-radius: 2px;
                background: color-mix(in srgb, var(--line) 60%, transparent);
                overflow: hidden;
            }
            .bar {
                position: absolute;
                inset: 0;
                background: var(--line-strong);
                transform-origin: 0 0;
            }
            .doubt .bar {
                background: repeating-linear-gradient(-45deg, var(--line-strong) 0 2px, transparent 2px 4px);
            }
            .best .bar {
                background: var(--ink);
            }
            .best .digit {
                font-weight: 600;
            }
            .asked .digit {
                color: var(--accent);
                font-weight: 600;
            }
            .asked .bar {
                background: var(--accent);
            }
            .number {
                min-width: 4.6ch;
                text-align: right;
                color: var(--muted);
                font-size: 0.875rem;
            }
            .best .number {
                color: var(--text);
                font-weight: 600;
            }
            @media (forced-colors: active) {
                .best .bar {
                    background: CanvasText;
                }
                .asked .bar {
                    background: Highlight;
                }
            }
            @media (min-width: 640px) and (min-height: 641px) {
                .row {
                    grid-template-columns: 1.1ch 1fr auto;
                    padding: 0 var(--gap-2);
                    font-size: var(--normal);
                }
            }
            /* Where the board is small, ten rows of its height would be too low for fingers: two columns of five are
               not. */
            @media (max-width: 639px), (max-height: 640px), (max-width: 1079px) and (pointer: coarse) {
                ol {
                    grid: repeat(5, minmax(var(--touch), 1fr)) / auto-flow minmax(var(--touch), 1fr);
                    gap: 0 var(--gap-1);
                }
                .row {
                    grid-template-columns: 1fr;
                    align-content: center;
                    gap: 3px;
                    min-width: 0;
                    line-height: 1.1;
                }
                .track {
                    height: 6px;
                }
                .number {
                    display: none;
                }
            }
            @media (min-width: 640px) and (max-width: 1079px) and (min-height: 641px) and (pointer: coarse) {
                .row {
                    grid-template: auto 6px / 1fr auto;
                }
                .track {
                    grid-area: 2 / 1 / 3 / 3;
                }
                .number {
                    display: block;
                }
            }
            /* Two rows of five beside the small board. */
            :host([compact]) ol {
                grid: repeat(2, var(--touch)) / repeat(5, minmax(0, 1fr));
                gap: 0;
            }
            :host([compact]) .row {
                grid-template: none / 1fr;
                align-content: center;
                gap: 3px;
                min-width: 0;
                padding: 0 var(--gap-1);
                line-height: 1.1;
            }
            :host([compact]) .track {
                grid-area: auto;
                height: 6px;
            }
            :host([compact]) .number {
                display: none;
            }
            /* One line in every arrangement of the others; beside the small board there is no room for it. */
            .row.doubt {
                grid-template: none / 1.1ch 1fr auto;
                gap: var(--gap-2);
                min-height: 1.5rem;
                color: var(--muted);
            }
            .row.doubt .track {
                grid-area: auto;
            }
            .row.doubt .number {
                display: block;
                min-width: 0;
            }
            :host([compact]) .row.doubt {
                display: none;
            }
        `,
    ];

    /** Beside the small board. */
    @property({ type: Boolean, reflect: true }) compact = false;

    /**
     * Bars move with every frame; numbers that change sixty times a second could not be read, but cost a layout each.
     */
    readonly #numbers = new Throttle(textMs, () => this.requestUpdate());
    #end = () => {};

    constructor() {
        super();
        new Uses(this, target);
    }
    override connectedCallback(): void {
        super.connectedCallback();
        this.#end = newest.subscribe(() => {
            this.#moveBars();
            this.#numbers.call();
        });
    }
    override disconnectedCallback(): void {
        super.disconnectedCallback();
        this.#end();
    }
    protected override updated(): void {
        this.#moveBars();
    }

    #moveBars(): void {
        const prediction = newest.value?.prediction;
        // The bar behind the digits' is the doubt.
        const shares = [...(prediction?.probabilities ?? []), prediction?.vacuity ?? 0];
        this.renderRoot.querySelectorAll<HTMLElement>('.bar').forEach((bar, place) => {
            bar.style.transform = `scaleX(${(shares[place] ?? 0).toFixed(4)})`;
        });
    }

    /** How much is not known. Other networks have no such row, so it comes and goes only with the network. */
    #doubt(vacuity: number | null | undefined) {
        if (vacuity === null || vacuity === undefined) return '';
        return html`<div
            class="row doubt"
            title="What this network has no evidence for: the digits above share this part evenly"
        >
            <span aria-hidden="true">?</span>
            <span class="track"><span class="bar"></span></span>
            <span class="number"><span class="visually-hidden">not known: </span>${percent(vacuity)} %</span>
        </div>`;
    }

    protected override render() {
        const prediction = newest.value?.prediction;
        const { digit: asked, rather } = target.value;
        return html`
            <ol aria-label="Probability of each digit">
                ${Array.from({ length: 10 }, (_, digit) => {
                    const share = prediction?.probabilities[digit] ?? 0;
                    const classes = classMap({
                        row: true,
                        best: prediction?.predicted === digit,
                        asked: asked === digit || rather === digit,
                    });
                    const number = prediction ? `${percent(share)} %` : '';
                    const inside = html`
                        <span class="digit">${digit}</span>
                        <span class="track"><span class="bar"></span></span>
                        <span class="number">${number}</span>
                    `;
                    return html`<li>
                        <button
                            class=${classes}
                            aria-pressed=${asked === digit}
                            aria-label=${`Explain ${digit}${number ? `, ${number}` : ''}`}
                            title=${`Why ${digit}?`}
                            @click=${() => chooseDigit(asked === digit ? null : digit)}
                        >
                            ${inside}
                        </button>
                    </li>`;
                })}
            </ol>
            ${this.#doubt(prediction?.vacuity)}
        `;
    }
}
