import { LitElement, css, html } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import type { Explanation, Image, Item, MethodCard, Output } from 'pellucid';
import type { Given } from '../core/items.ts';
import { settings } from '../state/settings.ts';
import { Uses } from '../state/signal.ts';
import { outputName, sentence } from '../core/words.ts';
import { shared } from '../styles/shared.ts';
import { viewOf, type ItemContext } from './registry.ts';

/** One thing that a method gives, by its kind, with its name and what it is. */
@customElement('pl-item')
export class PlItem extends LitElement {
    static override styles = [
        shared,
        css`
            :host {
                display: block;
                min-width: 0;
            }
            figure {
                display: grid;
                grid-template-columns: minmax(0, 1fr);
                gap: var(--gap-1);
                align-content: start;
            }
            pl-map, pl-legend {
                width: round(down, 100%, var(--map-step));
            }
            figcaption {
                line-height: 1.35;
                max-width: 60ch;
            }
            .many {
                display: grid;
                grid-template-columns: repeat(auto-fill, minmax(56px, 1fr));
                gap: var(--gap-2);
            }
            .many pl-map {
                width: 100%;
            }
            .none {
                min-height: 2em;
            }
        `,
    ];

    @property({ attribute: false }) card!: MethodCard;
    @property({ attribute: false }) output!: Output;
    @property({ attribute: false }) item!: Item;
    @property({ attribute: false }) explanation!: Explanation;
    @property({ attribute: false }) input: Image | null = null;
    @property({ attribute: false }) beside: readonly Given[] = [];
    @property({ type: Boolean, reflect: true }) small = false;
    /** Small, but with what moves it. */
    @property({ type: Boolean }) controls = false;
    /** Its name and help beneath it. */
    @property({ type: Boolean }) captioned = false;

    constructor() {
        super();
        new Uses(this, settings);
    }
    get #context(): ItemContext {
        const { card, output, item, explanation, input, beside, small } = this;
        const controls = this.controls || !small;
        return { card, output, item, explanation, input, beside, small, controls };
    }

    protected override render() {
        const view = viewOf(this.output.kind, () => this.requestUpdate());
        if (!view) return html`<p class="quiet none">…</p>`;
        const context = this.#context;
        const help = sentence(this.output.help ?? '');
        const said = view.describe(context);
        return html`<figure>
            ${view.view(context)}
            ${
                this.captioned
                    ? html`<figcaption>${sentence(outputName(this.output))}<br /><span class="quiet">${help}${
                          help && said && !/[.!?]$/.test(help) ? '. ' : ' '
                      }${said}</span></figcaption>`
                    : ''
            }
        </figure>`;
    }
}

declare global {
    interface HTMLElementTagNameMap {
        'pl-item': PlItem;
    }
}
