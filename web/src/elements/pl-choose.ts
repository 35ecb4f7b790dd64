import { LitElement, css, html } from 'lit';
import { customElement, query } from 'lit/decorators.js';
import { icon } from '../core/icons.ts';
import { phase } from '../state/engine.ts';
import { Uses } from '../state/signal.ts';
import {
    arrangement, everyView, families, isPinned, sameView, setShown, settingWords, showEvery, showStandard, shownViews, togglePin, type View,
} from '../state/views.ts';
import { shared } from '../styles/shared.ts';
import './pl-dialog.ts';
import type { PlDialog } from './pl-dialog.ts';

/** Which methods have a tile, and which of them come first. */
@customElement('pl-choose')
export class PlChoose extends LitElement {
    static override styles = [
        shared,
        css`
            fieldset {
                margin-bottom: var(--gap-4);
            }
            legend {
                padding: 0;
                color: var(--muted);
                font-size: var(--small);
            }
            .families {
                columns: 20rem 2;
                column-gap: var(--gap-5);
            }
            fieldset {
                break-inside: avoid;
            }
            .all {
                position: sticky;
                bottom: 0;
                display: flex;
                flex-wrap: wrap;
                gap: var(--gap-2);
                padding: var(--gap-3) 0;
                background: var(--table);
            }
            .line {
                display: flex;
                align-items: center;
                justify-content: space-between;
                border-bottom: 1px solid var(--line);
                break-inside: avoid;
            }
            label {
                display: flex;
                align-items: center;
                gap: var(--gap-3);
                flex: 1;
                min-height: var(--touch);
            }
            label small {
                color: var(--muted);
                font-size: var(--small);
            }
        `,
    ];
    @query('pl-dialog') private dialog!: PlDialog;

    constructor() {
        super();
        new Uses(this, phase, arrangement);
    }
    show(): void {
        this.dialog.show();
    }

    protected override render() {
        if (phase.value.name !== 'ready') return html``;
        const { cards } = phase.value;
        const shown = shownViews(cards);
        const order = [...cards.keys()];
        const every = everyView(cards).sort((a, b) => order.indexOf(a.method) - order.indexOf(b.method));
        // Tiles with settings of one's own can be taken away here, too.
        const all = [...every, ...shown.filter((view) => !every.some((other) => sameView(view, other)))];
        const line = (view: View) => {
            const card = cards.get(view.method);
            const title = card?.title ?? view.method;
            const setting = settingWords(view, card);
            const there = shown.some((other) => sameView(view, other));
            return html`
                <div class="line">
                    <label>
                        <input
                            type="checkbox"
                            .checked=${there}
                            @change=${(event: Event) => setShown(view, (event.target as HTMLInputElement).checked, cards)}
                        />
                        <span>${title} <small>${setting}</small></span>
                    </label>
                    <button
                        class="icon bare"
                        aria-label="Pin ${title} ${setting}"
                        title="First in the grid"
                        aria-pressed=${isPinned(view)}
                        ?disabled=${!there}
                        @click=${() => togglePin(view)}
                    >
                        ${icon('pin')}
                    </button>
                </div>
            `;
        };
        return html`
            <pl-dialog heading="Methods to show" wide>
                <div class="families">
                    ${families(cards).map(
                        ({ family, title }) => html`
                            <fieldset>
                                <legend>${title}</legend>
                                ${all.filter((view) => cards.get(view.method)?.family === family).map(line)}
                            </fieldset>
                        `,
                    )}
                </div>
                <p class="all">
                    <button @click=${showStandard}>${icon('reset')} Standard selection</button>
                    <button @click=${() => showEvery(cards)}>${icon('tiles')} All of them</button>
                </p>
            </pl-dialog>
        `;
    }
}

declare global {
    interface HTMLElementTagNameMap {
        'pl-choose': PlChoose;
    }
}
