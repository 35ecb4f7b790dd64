import { LitElement, css, html, svg } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { percentWords } from '../../core/numbers.ts';
import { shared } from '../../styles/shared.ts';
import { epsilonWords, mostEpsilon } from './attacks.ts';
import { heldAt, measured, titleOf, type Reading } from './networks.ts';

const [width, height] = [560, 270];
const margin = { left: 64, right: 14, top: 14, bottom: 42 };
const x = (epsilon: number) => margin.left + (epsilon / mostEpsilon) * (width - margin.left - margin.right);
const y = (share: number) => height - margin.bottom - share * (height - margin.top - margin.bottom);

/** Accuracy against ε, a curve for each network, and on it the smallest ε that fools the network on this drawing. */
@customElement('pl-held')
export class PlHeld extends LitElement {
    static override styles = [
        shared,
        css`
            :host {
                display: grid;
                gap: var(--gap-2);
                max-width: 760px;
            }
            h4 {
                margin: var(--gap-3) 0 0;
                font: 600 var(--normal) / 1.4 var(--sans);
            }
            svg {
                display: block;
                width: 100%;
                max-width: 44rem;
                background: var(--paper);
                border-radius: 2px;
                box-shadow: 0 0 0 1px var(--line);
            }
            text {
                font: 400 12px var(--sans);
                fill: var(--muted);
            }
            .grid {
                stroke: var(--line);
            }
            .now {
                stroke: var(--accent);
                stroke-dasharray: 3 3;
            }
            text.now {
                fill: var(--accent);
                stroke: none;
            }
            .curve {
                fill: none;
                stroke-width: 2;
                stroke-linejoin: round;
            }
            .dot {
                stroke: var(--paper);
                stroke-width: 2;
            }
            /* Curves differ in dashes as well, so that colour is not the only carrier. */
            .c0, .c5 { --c: var(--accent); }
            .c1, .c6 { --c: var(--for); --d: 7 4; }
            .c2, .c7 { --c: var(--against); --d: 2 4; }
            .c3, .c8 { --c: var(--muted); --d: 10 3 2 3; }
            .c4, .c9 { --c: var(--text); --d: 4 2; }
            .c5 { --d: 1 3; }
            .c6 { --d: 12 3; }
            .c7 { --d: 8 2 2 2 2 2; }
            .c8 { --d: 3 7; }
            .c9 { --d: none; }
            .curve {
                stroke: var(--c);
                stroke-dasharray: var(--d, none);
            }
            .dot {
                fill: var(--c);
            }
            @container (max-width: 520px) {
                text {
                    font-size: 18px;
                }
            }
            ul {
                display: flex;
                flex-wrap: wrap;
                gap: 0 var(--gap-5);
            }
            li {
                display: inline-flex;
                align-items: center;
                gap: 6px;
                font-size: var(--small);
                white-space: nowrap;
            }
            li svg {
                width: 26px;
                height: 10px;
                background: none;
                box-shadow: none;
            }
            b {
                font-weight: 600;
            }
        `,
    ];

    @property({ attribute: false }) ids: readonly string[] = [];
    @property({ attribute: false }) readings: ReadonlyMap<string, Reading> = new Map();
    @property({ type: Number }) epsilon = 0;

    get #curves(): { id: string; shares: number[]; style: string }[] {
        return this.ids.flatMap((id, index) => {
            const shares = measured.accuracy[id];
            return shares ? [{ id, shares, style: `c${index % 10}` }] : [];
        });
    }

    protected override render() {
        const { epsilon } = this;
        const curves = this.#curves;
        if (curves.length === 0) return html``;
        const last = measured.epsilons.at(-1) ?? 0;
        const at = (id: string) => heldAt(id, Math.min(epsilon, last));
        const dots = curves.flatMap(({ id, style }) => {
            const least = this.readings.get(id)?.least ?? NaN;
            const share = least > 0 ? heldAt(id, Math.min(least, last)) : null;
            return share === null ? [] : [svg`<circle class="dot ${style}" r="6" cx=${x(least)} cy=${y(share)} />`];
        });
        return html`
            <h4>And on ${measured.images.toLocaleString('en')} digits that were not drawn by you?</h4>
            <svg viewBox="0 0 ${width} ${height}" role="img"
                aria-label="Accuracy against ε. ${this.#words(curves.map(({ id }) => id))}">
                ${[0, 0.25, 0.5, 0.75, 1].map(
                    (share) => svg`<line class="grid" x1=${margin.left} x2=${width - margin.right} y1=${y(share)}
                        y2=${y(share)} />
                    <text x=${margin.left - 8} y=${y(share) + 4} text-anchor="end">${100 * share} %</text>`,
                )}
                ${[0, 0.1, 0.2, 0.3, 0.4, 0.5].map(
                    (tick) => svg`<text x=${x(tick)} y=${height - 24}
                    text-anchor="middle">${tick}</text>`,
                )}
                <text x=${width - margin.right} y=${height - 7} text-anchor="end">largest change of a pixel, ε →</text>
                <line class="now" x1=${x(epsilon)} x2=${x(epsilon)} y1=${margin.top} y2=${height - margin.bottom} />
                ${curves.map(
                    ({ shares, style }) => svg`<polyline class="curve ${style}"
                    points=${shares
                        .map((share, index) => `${x(measured.epsilons[index] ?? 0).toFixed(1)},${y(share).toFixed(1)}`)
                        .join(' ')} />`,
                )}
                ${dots}
            </svg>
            <ul>
                ${curves.map(({ id, style }) => {
                    const share = at(id);
                    return html`<li data-network=${id}>
                        <svg viewBox="0 0 26 10" aria-hidden="true"><line class="curve ${style}" x1="0" x2="26" y1="5"
                            y2="5" /></svg>
                        ${titleOf(id)} <b>${share === null ? '' : `${percentWords(share)} %`}</b>
                    </li>`;
                })}
            </ul>
            <p class="quiet">
                Share of the first ${measured.images.toLocaleString('en')} of MNIST’s test images that each network
                still reads right when every one of them is
                attacked within ε (projected gradient descent,
                ${measured.params['steps']} steps, on the margin between the answers); numbers are those
                at ε = ${epsilonWords(Math.min(epsilon, last))}, the dashed line${
                    epsilon > last ? `’s end at ${last}, the largest measured` : ''
                }. Dots: the smallest ε
                that fools each network on your drawing. Stronger attacks would find more.
            </p>
        `;
    }

    #words(ids: readonly string[]): string {
        const last = measured.epsilons.at(-1) ?? 0;
        return ids
            .map(
                (id) =>
                    `${titleOf(id)}: ${percentWords(heldAt(id, 0) ?? 0)} percent at 0, ${percentWords(
                        heldAt(id, last) ?? 0,
                    )} percent at ${last}.`,
            )
            .join(' ');
    }
}

declare global {
    interface HTMLElementTagNameMap {
        'pl-held': PlHeld;
    }
}
