import { LitElement, css, html } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { inlineStyle } from '../../core/inline-style.ts';
import { inUnit, words } from '../../core/words.ts';
import { shared } from '../../styles/shared.ts';

const few = 12;
const fewSmall = 5;

/** "<1 %": a word would make the whole column as wide. */
const brief = (text: string): string => text.replace(/^under /, '<').replace(/^over /, '>');

/** A bar for each group, from zero to the right (for) or the left (against). Of many the strongest come first. */
@customElement('pl-bars')
export class PlBars extends LitElement {
    static override styles = [
        shared,
        css`
            :host {
                display: block;
            }
            ol {
                display: grid;
                grid-template-columns: fit-content(45%) minmax(0, 1fr) max-content;
                gap: 2px var(--gap-3);
            }
            li {
                display: grid;
                grid-column: 1 / -1;
                grid-template-columns: subgrid;
                align-items: center;
                min-height: 26px;
                line-height: 1.2;
            }
            :host([small]) li {
                min-height: 22px;
                font-size: var(--small);
            }
            .group {
                overflow: hidden;
                text-overflow: ellipsis;
                white-space: nowrap;
            }
            .track {
                position: relative;
                height: 12px;
                border-radius: 2px;
                background: color-mix(in srgb, var(--line) 45%, transparent);
            }
            .bar {
                position: absolute;
                top: 0;
                bottom: 0;
                min-width: 1px;
                border-radius: 1px;
                background: var(--for);
            }
            .bar.negative {
                background: var(--against);
            }
            .number {
                text-align: right;
                white-space: nowrap;
            }
            .group {
                min-width: 2ch;
            }
            button {
                margin-top: var(--gap-2);
            }
        `,
    ];

    @property({ attribute: false }) groups: string[] = [];
    @property({ attribute: false }) values: Float32Array = new Float32Array();
    /** Where each group leads, if anywhere. */
    @property({ attribute: false }) links: readonly (string | null)[] = [];
    @property() unit = '';
    @property() name = '';
    @property({ type: Boolean, reflect: true }) small = false;
    @state() private open = false;

    protected override render() {
        const { groups, values } = this;
        const count = this.small ? fewSmall : few;
        const all = groups.map((group, index) => ({ group, value: values[index] ?? 0, link: this.links[index] }));
        const many = all.length > count;
        // Few keep their own order.
        const ordered = many ? [...all].sort((a, b) => Math.abs(b.value) - Math.abs(a.value)) : all;
        const shown = this.open ? ordered : ordered.slice(0, count);
        const low = Math.min(0, ...values);
        const high = Math.max(0, ...values);
        const place = (value: number) => (100 * (value - low)) / (high - low || 1);
        return html`
            <ol aria-label=${this.name}>
                ${shown.map(
                    ({ group, value, link }) => html`<li>
                    <span class="group" title=${words(group)}>${
                        link
                            ? html`<a href=${link} aria-label="All about ${words(group)}">${words(group)}</a>`
                            : words(group)
                    }</span>
                    <span class="track"><span
                        class="bar ${value < 0 ? 'negative' : ''}"
                        ${inlineStyle({
                            left: `${place(Math.min(0, value))}%`,
                            width: `${place(Math.max(0, value)) - place(Math.min(0, value))}%`,
                        })}
                    ></span></span>
                    <span class="number ${
                        this.small ? 'visually-hidden' : ''
                    }">${brief(inUnit(value, this.unit))}</span>
                </li>`,
                )}
            </ol>
            ${
                many && !this.small
                    ? html`<button aria-expanded=${this.open} @click=${() => (this.open = !this.open)}>${
                          this.open ? `The strongest ${count}` : `All ${all.length}`
                      }</button>`
                    : ''
            }
        `;
    }
}

declare global {
    interface HTMLElementTagNameMap {
        'pl-bars': PlBars;
    }
}
