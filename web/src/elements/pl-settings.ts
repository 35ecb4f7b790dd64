import { LitElement, css, html } from 'lit';
import { customElement, query } from 'lit/decorators.js';
import { change, settings, type Settings } from '../state/settings.ts';
import { Uses } from '../state/signal.ts';
import { shared } from '../styles/shared.ts';
import './pl-dialog.ts';
import './pl-legend.ts';
import type { PlDialog } from './pl-dialog.ts';

/** How the page looks and how maps are coloured. */
@customElement('pl-settings')
export class PlSettings extends LitElement {
    static override styles = [
        shared,
        css`
            fieldset {
                margin-bottom: var(--gap-3);
            }
            legend {
                padding: 0;
                font-weight: 600;
            }
            .choices {
                display: flex;
                flex-wrap: wrap;
                column-gap: var(--gap-5);
            }
            label {
                display: inline-flex;
                align-items: center;
                gap: var(--gap-2);
                min-height: var(--touch);
            }
            pl-legend {
                max-width: 20rem;
                margin-top: var(--gap-2);
            }
        `,
    ];
    @query('pl-dialog') private dialog!: PlDialog;

    constructor() {
        super();
        new Uses(this, settings);
    }
    show(): void {
        this.dialog.show();
    }

    #radios<K extends 'theme' | 'palette' | 'scale'>(
        name: K,
        title: string,
        choices: readonly [Settings[K], string][],
    ) {
        return html`<fieldset>
            <legend>${title}</legend>
            <div class="choices">
                ${choices.map(
                    ([value, text]) => html`<label>
                        <input type="radio" name=${name} .checked=${settings.value[name] === value}
                            @change=${() => change({ [name]: value })} />
                        ${text}
                    </label>`,
                )}
            </div>
        </fieldset>`;
    }
    #flag(name: 'marks' | 'smooth', text: string) {
        return html`<label>
            <input
                type="checkbox"
                .checked=${settings.value[name]}
                @change=${(event: Event) => change({ [name]: (event.target as HTMLInputElement).checked })}
            />
            ${text}
        </label>`;
    }

    protected override render() {
        return html`
            <pl-dialog heading="Appearance">
                ${this.#radios('theme', 'Theme', [
                    ['auto', 'As the system'],
                    ['light', 'Light'],
                    ['dark', 'Dark'],
                ])}
                ${this.#radios('palette', 'Colours of maps', [
                    ['rdbu', 'Red and blue'],
                    ['puor', 'Orange and purple'],
                ])}
                <pl-legend worded scale="1"></pl-legend>
                <fieldset>
                    <legend class="visually-hidden">Drawing of maps</legend>
                    <div class="choices">
                        ${this.#flag('marks', 'Plus and minus signs on the colours')}
                        ${this.#flag('smooth', 'Smooth pixels')}
                    </div>
                </fieldset>
                ${this.#radios('scale', 'Scale of maps', [
                    ['own', 'Each map its own largest value'],
                    ['shared', 'One for all maps in view'],
                ])}
            </pl-dialog>
        `;
    }
}

declare global {
    interface HTMLElementTagNameMap {
        'pl-settings': PlSettings;
    }
}
