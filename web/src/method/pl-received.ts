import { LitElement, css, html } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import type { Message, MessageTerm, Received } from 'pellucid';
import { inlineStyle } from '../core/inline-style.ts';
import { short, signed } from '../core/numbers.ts';
import { words } from '../core/words.ts';
import { shared } from '../styles/shared.ts';
import { sumStyles } from '../styles/sums.ts';

/** One of the units that sent something was chosen: the way leads up. */
export class SenderChoice extends Event {
    readonly layer: string;
    readonly unit: Message['unit'];

    constructor(layer: string, unit: Message['unit']) {
        super('sender-choice');
        this.layer = layer;
        this.unit = unit;
    }
}

const plain = (is: string): boolean => /^[\d.]+$/.test(is);

/** The arithmetic of what one unit received: a message per unit above, and their sum. */
@customElement('pl-received')
export class PlReceived extends LitElement {
    static override styles = [
        shared,
        sumStyles,
        css`
            :host {
                display: block;
            }
            tfoot tr:last-child {
                font-weight: 600;
            }
            tfoot tr:last-child :is(th, td) {
                font-weight: 600;
                border-top: 1px solid var(--line-strong);
            }
            button {
                min-height: 32px;
                min-width: 0;
                padding: 0 var(--gap-2) 0 0;
                border-color: transparent;
                background: none;
                color: var(--accent);
            }
            button:hover {
                border-color: transparent;
                text-decoration: underline;
                text-underline-offset: 0.2em;
            }
            @media (pointer: coarse) {
                button {
                    min-height: var(--touch);
                }
            }
            .part {
                color: var(--muted);
                font-size: var(--small);
            }
            .bar {
                display: block;
                height: 6px;
                min-width: 1px;
                border-radius: 1px;
                background: var(--for);
            }
            .bar.negative {
                background: var(--against);
            }
            td.picture {
                width: 40%;
                padding-right: 0;
            }
            @container (max-width: 519px) {
                .picture {
                    display: none;
                }
            }
            caption {
                padding-bottom: var(--gap-1);
                text-align: left;
                color: var(--muted);
                font-size: var(--small);
            }
        `,
    ];

    @property({ attribute: false }) received!: Received;

    protected override render() {
        const { received } = this;
        if (received.through.length === 0) {
            return html`<p class="quiet">Here the walk begins: this relevance was given, not received.</p>`;
        }
        return received.through.map((through) => this.#table(through));
    }

    #table({ layer, rule, messages, count, rest }: Received['through'][number]) {
        const most = Math.max(...messages.map(({ value }) => Math.abs(value)), 1e-30);
        const products = messages.some(({ terms }) => terms.length > 0);
        // DeepLIFT hands down Δa · w · m: multipliers stand in for R / z.
        const multiplied = messages.some(({ multiplier }) => multiplier !== undefined);
        const columns = !products ? 3 : multiplied ? 5 : 6;
        const sum = messages.reduce((total, { value }) => total + value, rest);
        return html`
            <div class="wide" tabindex="0" role="region" aria-label="What the unit received through ${layer}">
                <table>
                    <caption>Through ${layer}, rule ${words(rule)}${count === 0 ? ': nothing' : ''}</caption>
                    ${
                        count === 0
                            ? ''
                            : html`
                        <thead>
                            <tr>
                                <th scope="col">from unit k</th>
                                ${
                                    products
                                        ? html`<th scope="col">${multiplied ? 'Δ' : ''}a<sub>j</sub></th><th
                                    scope="col">· w<sub>jk</sub></th>`
                                        : ''
                                }
                                ${products && !multiplied ? html`<th scope="col">/ z<sub>k</sub></th>` : ''}
                                <th scope="col">${products ? '· ' : ''}${multiplied ? 'm' : 'R'}<sub>k</sub></th>
                                <th scope="col">= received</th>
                                <td class="picture"></td>
                            </tr>
                        </thead>
                        <tbody>${messages.map((message) => this.#rows(layer, message, products, most))}</tbody>
                        <tfoot>
                            ${
                                count > messages.length
                                    ? html`<tr>
                                      <th scope="row" colspan=${columns - 1}>the other
                                          ${count - messages.length} units</th><td class="rest">${signed(rest)}</td><td
                                              class="picture"></td>
                                  </tr>`
                                    : ''
                            }
                            <tr>
                                <th scope="row" colspan=${columns - 1}>sum</th><td class="sum">${signed(sum)}</td><td
                                    class="picture"></td>
                            </tr>
                        </tfoot>`
                    }
                </table>
            </div>
        `;
    }

    /** A rule of several terms takes a line for each of them. */
    #rows(layer: string, message: Message, products: boolean, most: number) {
        const { unit, relevance, value, terms, multiplier } = message;
        const sent = multiplier ?? relevance;
        const denominators = multiplier === undefined;
        const several = terms.length > 1;
        const name =
            unit.row + unit.column === 0 && !this.#isImage(layer)
                ? `${unit.channel}`
                : `${unit.channel} at ${unit.row}, ${unit.column}`;
        const bar = html`<td class="picture">
            <span class="bar ${value < 0 ? 'negative' : ''}" ${inlineStyle({
                width: `${(100 * Math.abs(value)) / most}%`,
            })}></span>
        </td>`;
        const first = html`<th scope="row">
            <button title="Go up to this unit" aria-label="Go up to ${layer} ${name}" @click=${() =>
                this.dispatchEvent(new SenderChoice(layer, unit))}>${name}</button>
        </th>`;
        if (!products)
            return html`<tr>${first}<td>${short(sent)}</td><td class="message">${signed(value)}</td>${bar}</tr>`;
        const [only] = terms;
        return html`
            <tr>
                ${first} ${several || !only ? html`<td></td><td></td><td></td>` : factors(only, denominators)}
                <td>${short(sent)}</td><td class="message">${signed(value)}</td>${bar}
            </tr>
            ${
                several
                    ? terms.map(
                          (term, index) => html`<tr class="part">
                      <th scope="row">${index + 1}. term</th>${factors(term, denominators)}<td>${short(sent)}</td>
                      <td>${signed(
                          (term.coefficient * term.input.value * term.weight.value * sent) / term.denominator,
                      )}</td><td class="picture"></td>
                  </tr>`,
                      )
                    : ''
            }
        `;
    }

    /** Layers with one unit per channel need no places. */
    @property({ attribute: false }) images: readonly string[] = [];
    #isImage(layer: string): boolean {
        return this.images.includes(layer);
    }
}

const signedInteger = (value: number): string => String(value).replace('-', '−');

function factors({ coefficient: factor, input, weight, denominator }: MessageTerm, divided: boolean) {
    const named = ({ is, value }: MessageTerm['input'], usual: string) =>
        html`${short(value)}${
            is === usual || is === `Δ${usual}` || plain(is) ? '' : html` <span class="part">${is}</span>`
        }`;
    return html`<td>${
        factor === 1 ? '' : `${Number.isInteger(factor) ? signedInteger(factor) : short(factor)} · `
    }${named(input, 'a')}</td><td>${named(weight, 'w')}</td>${divided ? html`<td>${short(denominator)}</td>` : ''}`;
}

declare global {
    interface HTMLElementTagNameMap {
        'pl-received': PlReceived;
    }
}
