import { LitElement, css, html } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import type { Explanation, Image, MethodCard } from 'pellucid';
import { furtherItems, isSeveral } from '../core/items.ts';
import { shared } from '../styles/shared.ts';
import './pl-item.ts';

const narrow = new Set(['map']);

/**
 * Beside what a method was asked for, everything else that it gives: each by its kind, such as the error of a mean, or
 * a curve.
 */
@customElement('pl-results')
export class PlResults extends LitElement {
    static override styles = [
        shared,
        css`
            :host {
                display: flex;
                flex-wrap: wrap;
                align-items: start;
                container-type: inline-size;
                gap: var(--gap-5) var(--gap-5);
            }
            pl-item {
                flex: 1 1 min(168px, 100%);
                max-width: 252px;
            }
            pl-item.wide {
                flex: 1 1 min(300px, 100%);
                max-width: 34rem;
            }
            /* Of several, the last is not wider than those above it. */
            @container (min-width: 624px) {
                pl-item.wide:not(:only-child) {
                    max-width: calc(50% - var(--gap-5) / 2);
                }
            }
        `,
    ];

    @property({ attribute: false }) card!: MethodCard;
    @property({ attribute: false }) explanation!: Explanation;
    /** The network's input, a faint trace beneath maps of its size. */
    @property({ attribute: false }) input: Image | null = null;

    protected override render() {
        const { card, explanation, input } = this;
        return repeat(
            furtherItems(card, explanation),
            ({ output }) => output.name,
            ({ output, item, beside }) => {
                const many = output.kind === 'map' && 'channels' in item && isSeveral(item);
                return html`<pl-item
                class=${narrow.has(output.kind) && !many ? '' : 'wide'}
                captioned
                .card=${card}
                .output=${output}
                .item=${item}
                .beside=${beside}
                .explanation=${explanation}
                .input=${input}
            ></pl-item>`;
            },
        );
    }
}

declare global {
    interface HTMLElementTagNameMap {
        'pl-results': PlResults;
    }
}
