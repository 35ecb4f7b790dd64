import { LitElement, html } from 'lit';
import { customElement, query, state } from 'lit/decorators.js';
import type { MethodCard } from 'pellucid';
import { icon } from '../core/icons.ts';
import { isExplanation } from '../core/items.ts';
import { matches } from '../core/search.ts';
import { missingFor } from '../state/belongings.ts';
import { phase } from '../state/engine.ts';
import { Uses } from '../state/signal.ts';
import { hasThumbnail } from '../state/thumbnails.ts';
import { inTray, toggleSlot, tray } from '../state/tray.ts';
import {
    arrangement,
    everyView,
    families,
    sameView,
    setShown,
    settingWords,
    showEvery,
    showStandard,
    shownViews,
    viewKey,
    type View,
} from '../state/views.ts';
import { shared } from '../styles/shared.ts';
import './pl-dialog.ts';
import type { PlDialog } from './pl-dialog.ts';
import { pickerStyles } from './pl-picker.css.ts';

/**
 * Every method, found by its question, its family or its name: to be chosen as tiles, or one for a place of the
 * comparison.
 */
@customElement('pl-picker')
export class PlPicker extends LitElement {
    static override styles = [shared, pickerStyles];

    @query('pl-dialog') private dialog!: PlDialog;
    @query('input[type=search]') private field!: HTMLInputElement;
    @state() private text = '';
    /** Whom the one chosen method is for; null while tiles are chosen. */
    @state() private give: ((view: View) => void) | null = null;

    @state() private fits: (card: MethodCard) => boolean = () => true;

    constructor() {
        super();
        new Uses(this, phase, arrangement, tray);
    }
    /** To choose the tiles. */
    show(): void {
        this.fits = () => true;
        this.#open(null);
    }
    /** To choose one method, of those that fit. */
    pick(give: (view: View) => void, fits: (card: MethodCard) => boolean = () => true): void {
        this.fits = fits;
        this.#open(give);
    }
    #open(give: ((view: View) => void) | null): void {
        // With what they are made from, once somebody chooses.
        for (const coming of [import('./pl-badges.ts'), import('./pl-thumb.ts')])
            coming.catch((error: unknown) => console.error(error));
        this.give = give;
        this.text = '';
        this.dialog.show();
        if (this.field) this.field.value = '';
        // On a touch screen the keyboard would cover what is to be chosen from.
        if (give && matchMedia('(pointer: fine)').matches) void this.updateComplete.then(() => this.field.focus());
    }
    #take(view: View): void {
        this.give?.(view);
        this.dialog.hide();
    }

    protected override render() {
        if (phase.value.name !== 'ready') return html``;
        const { cards } = phase.value;
        const shown = shownViews(cards);
        const order = [...cards.keys()];
        const every = everyView(cards).sort((a, b) => order.indexOf(a.method) - order.indexOf(b.method));
        // Tiles with settings of one's own can be taken away here, too.
        const all = [...every, ...shown.filter((view) => !every.some((other) => sameView(view, other)))];
        const found = families(cards).flatMap(({ family, title }) => {
            const views = all.filter(({ method }) => {
                const card = cards.get(method);
                return card?.family === family && this.fits(card) && matches(this.text, card, title);
            });
            return views.length > 0 ? [{ title, views }] : [];
        });
        const first = found[0]?.views[0];
        return html`
            <pl-dialog heading=${this.give ? 'Take a method' : 'Methods to show'} wide>
                <label class="search">
                    ${icon('search')}<span class="visually-hidden">Search by question, family or name</span>
                    <input
                        type="search"
                        placeholder="Search by question, family or name"
                        @input=${(event: Event) => (this.text = (event.target as HTMLInputElement).value)}
                        @keydown=${(event: KeyboardEvent) =>
                            event.key === 'Enter' && first && this.give && this.#take(first)}
                    />
                </label>
                <p class="visually-hidden" role="status">${
                    this.text ? `${found.reduce((sum, { views }) => sum + views.length, 0)} methods found` : ''
                }</p>
                ${
                    found.length === 0
                        ? html`<p>No method has “${this.text}” in its name, its question or its
                family.</p>`
                        : ''
                }
                <div class="families">
                    ${found.map(
                        ({ title, views }) => html`
                        <fieldset>
                            <legend>${title}</legend>
                            ${views.map((view) => this.#line(view, cards.get(view.method), shown))}
                        </fieldset>`,
                    )}
                </div>
                ${
                    this.give
                        ? ''
                        : html`<p class="all">
                          <button @click=${showStandard}>${icon('reset')} Standard selection</button>
                          <button @click=${() => showEvery(cards)}>${icon('tiles')} All of them</button>
                      </p>`
                }
            </pl-dialog>
        `;
    }

    #line(view: View, card: MethodCard | undefined, shown: readonly View[]) {
        if (!card || phase.value.name !== 'ready') return '';
        const { cards, modelId } = phase.value;
        const setting = settingWords(view, card);
        const missing = missingFor(card, modelId);
        // What each makes of the drawing tells more than its name. Without a picture the line takes all of the width.
        const thumb = hasThumbnail(card, modelId)
            ? html`<pl-thumb aria-hidden="true" .view=${view} .card=${card}></pl-thumb>`
            : '';
        const about = html`<p class="quiet about">
            ${card.question}
            ${isExplanation(card) && !missing ? html`<pl-badges .view=${view} .most=${3}></pl-badges>` : ''}
            ${
                missing
                    ? html`<span class="badge" title=${missing}>not with this
            network</span>`
                    : card.pace === 'asked'
                      ? html`<span class="badge">takes its time</span>`
                      : ''
            }
        </p>`;
        if (this.give) {
            return html`<div class="line ${thumb ? 'pictured' : ''}">
                ${thumb}
                <button class="bare name" @click=${() => this.#take(view)}>${card.title}
                    <small>${setting}</small></button>
                ${about}
            </div>`;
        }
        const there = shown.some((other) => sameView(other, view));
        const compared = inTray(view);
        return html`
            <div class="line ${thumb ? 'pictured' : ''}" data-key=${viewKey(view)}>
                ${thumb}
                <label>
                    <input
                        type="checkbox"
                        .checked=${there}
                        @change=${(event: Event) => setShown(view, (event.target as HTMLInputElement).checked, cards)}
                    />
                    <span>${card.title} <small>${setting}</small></span>
                </label>
                <button
                    class="icon bare"
                    aria-label="Compare ${card.title} ${setting}"
                    title="Put into the comparison"
                    aria-pressed=${compared}
                    @click=${() => toggleSlot(view)}
                >
                    ${icon('compare')}
                </button>
                ${about}
            </div>
        `;
    }
}

declare global {
    interface HTMLElementTagNameMap {
        'pl-picker': PlPicker;
    }
}
