import { LitElement, css, html, type PropertyValues } from 'lit';
import { customElement, property, query } from 'lit/decorators.js';
import type { Model } from 'pellucid';
import { icon } from '../../core/icons.ts';
import { percent } from '../../core/numbers.ts';
import '../../elements/pl-map.ts';
import type { PlMap } from '../../elements/pl-map.ts';
import { chooseModel, chosenModel } from '../../state/engine.ts';
import { address } from '../../state/route.ts';
import { Uses } from '../../state/signal.ts';
import { chooseDigit, choosePart } from '../../state/target.ts';
import { addSlot, removeSlot, tray } from '../../state/tray.ts';
import { viewKey, type View } from '../../state/views.ts';
import { shared } from '../../styles/shared.ts';
import type { Moment } from './group.ts';

/** How a picture is made again: for the comparison and the address. */
export interface Origin {
    view: View;
    target: string | null;
    model: string;
}

/** A picture that was imagined: what it was to be, what the network reads, and where it goes on. */
@customElement('pl-dream')
export class PlDream extends LitElement {
    static override styles = [
        shared,
        css`
            :host {
                display: block;
                min-width: 0;
            }
            .caption {
                display: grid;
                grid-template-columns: minmax(0, 1fr) auto;
                align-items: start;
                margin-top: var(--gap-1);
                font-size: var(--small);
                line-height: 1.35;
            }
            a {
                color: inherit;
                font-weight: 600;
            }
            .reading {
                min-height: 1.35em;
                color: var(--muted);
                font-variant-numeric: tabular-nums;
                white-space: nowrap;
            }
            :host([small]) .caption {
                display: block;
            }
            .reading b {
                color: var(--text);
                font-weight: 600;
            }
            button.icon {
                grid-row: 1 / 3;
                grid-column: 2;
                margin: -4px -8px 0 0;
            }
            :host([small]) button.icon {
                display: none;
            }
        `,
    ];

    @property({ attribute: false }) moment: Moment | null = null;
    @property({ attribute: false }) model: Model | null = null;
    @property() name = '';
    /** What it was to be read as; null: no digit. */
    @property({ attribute: false }) wanted: number | null = null;
    @property({ attribute: false }) origin: Origin | null = null;
    /** Without what leads on. */
    @property({ type: Boolean, reflect: true }) small = false;
    /** Further words beneath it. */
    @property() more = '';
    @query('pl-map') private map!: PlMap | null;

    constructor() {
        super();
        new Uses(this, tray);
    }
    protected override updated(changed: PropertyValues<this>): void {
        const { moment, model } = this;
        if (!changed.has('moment') && !changed.has('model')) return;
        const size = model?.input;
        this.map?.show(
            moment && size
                ? { map: { data: moment.picture, height: size.height, width: size.width, channels: 1 }, kind: 'image' }
                : null,
        );
    }

    get #slot(): number {
        const { origin } = this;
        if (!origin) return -1;
        return tray.value.findIndex(
            ({ view, target }) => viewKey(view) === viewKey(origin.view) && target === origin.target,
        );
    }
    /** The method in full asks the page's question of the page's network: those become this picture's. */
    readonly #open = (): void => {
        const { target = null, model = '' } = this.origin ?? {};
        const digit = /^class:(\d)$/.exec(target ?? '')?.[1];
        if (digit !== undefined) chooseDigit(Number(digit));
        else if (target !== null) choosePart(target);
        if (model !== '' && model !== chosenModel.value) void chooseModel(model);
    };
    readonly #pin = (): void => {
        const { origin } = this;
        if (!origin) return;
        const at = this.#slot;
        if (at >= 0) removeSlot(at);
        else addSlot(origin);
    };

    protected override render() {
        const { moment, name, wanted, origin } = this;
        const read = moment?.read ?? null;
        const sure = moment?.sure ?? null;
        const pinned = this.#slot >= 0;
        const reading =
            read === null
                ? ''
                : html`read as ${
                      wanted !== null && read !== wanted ? html`<b>${read}</b>` : read
                  }${sure === null ? '' : `, ${percent(sure)}\u00a0%`}`;
        return html`
            <pl-map label=${`${name}${read === null ? '' : `, read as ${read}`}`}></pl-map>
            <div class="caption">
                ${
                    origin && name
                        ? html`<a href=${address({
                              room: 'method',
                              ...origin.view,
                          })} title="All its settings" @click=${this.#open}>${name}</a>`
                        : html`<span>${name}</span>`
                }
                <span class="reading">${reading}${this.more ? html`<br />${this.more}` : ''}</span>
                ${
                    origin && !this.small
                        ? html`<button class="icon bare screen" aria-label="Compare ${name}" title="Compare"
                            aria-pressed=${pinned} @click=${this.#pin}>${icon('pin')}</button>`
                        : ''
                }
            </div>
        `;
    }
}

declare global {
    interface HTMLElementTagNameMap {
        'pl-dream': PlDream;
    }
}
