import { LitElement, css, html } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import type { ParamCard } from 'pellucid';
import { fromPosition, sliderRange, toPosition } from '../core/slider.ts';
import { helpWords, words } from '../core/words.ts';
import { shared } from '../styles/shared.ts';
import './pl-picture.ts';
import type { PictureChoice } from './pl-picture.ts';

/** null: an image that is not given. */
type Value = number | boolean | string | null;

/** A parameter was changed by hand. */
export class ParamChange extends Event {
    readonly param: string;
    readonly value: Value;

    constructor(param: string, value: Value) {
        super('param-change');
        this.param = param;
        this.value = value;
    }
}

/** The control of one parameter, made from its card. */
@customElement('pl-param')
export class PlParam extends LitElement {
    static override styles = [
        shared,
        css`
            :host {
                display: block;
            }
            .line {
                display: flex;
                align-items: center;
                gap: var(--gap-3);
            }
            .name {
                display: block;
                font-weight: 600;
            }
            input[type='range'] {
                flex: 1;
                min-width: 0;
            }
            input[type='number'] {
                width: 6rem;
                flex: none;
            }
            input[type='text'], select {
                width: 100%;
            }
            .flag {
                display: flex;
                align-items: center;
                gap: var(--gap-3);
                min-height: var(--touch);
                font-weight: 600;
            }
            .unit {
                color: var(--muted);
            }
        `,
    ];

    @property({ attribute: false }) card!: ParamCard;
    @property({ attribute: false }) value!: Value;

    #tell(value: Value): void {
        this.dispatchEvent(new ParamChange(this.card.name, value));
    }

    protected override render() {
        const { card } = this;
        if (card.type === 'image') {
            return html`<pl-picture
                .card=${card}
                .value=${typeof this.value === 'string' ? this.value : null}
                @picture-choice=${({ picture }: PictureChoice) => this.#tell(picture)}
            ></pl-picture>`;
        }
        const help = html`<p id="help" class="quiet">${helpWords(card.help)}</p>`;
        if (card.type === 'flag') {
            return html`
                <label class="flag">
                    <input
                        type="checkbox"
                        aria-describedby="help"
                        .checked=${this.value === true}
                        @change=${(event: Event) => this.#tell((event.target as HTMLInputElement).checked)}
                    />
                    ${words(card.name)}
                </label>
                ${help}
            `;
        }
        return html`
            <label class="name" for="control">${words(card.name)}${card.unit ? html` <span class="unit">in ${card.unit}</span>` : ''}</label>
            ${help}
            <div class="line">${card.type === 'choice' ? this.#choice() : card.type === 'text' ? this.#text() : this.#number()}</div>
        `;
    }

    #choice() {
        return html`<select id="control" aria-describedby="help" @change=${(event: Event) => this.#tell((event.target as HTMLSelectElement).value)}>
            ${(this.card.choices ?? [])
                .map((choice) => html`<option value=${choice} ?selected=${choice === this.value}>${words(choice)}</option>`)}
        </select>`;
    }
    #text() {
        return html`<input
            id="control"
            type="text"
            aria-describedby="help"
            autocomplete="off"
            spellcheck="false"
            .value=${String(this.value)}
            @change=${(event: Event) => this.#tell((event.target as HTMLInputElement).value.trim())}
        />`;
    }
    #number() {
        const { card } = this;
        const range = sliderRange(card);
        const now = Number(this.value);
        const accept = (event: Event) => {
            const field = event.target as HTMLInputElement;
            const typed = card.type === 'integer' ? Math.round(field.valueAsNumber) : field.valueAsNumber;
            // What the card forbids goes back to what was; the field says why.
            if (Number.isFinite(typed) && typed >= (card.min ?? -Infinity) && typed <= (card.max ?? Infinity)) this.#tell(typed);
            else field.value = String(this.value);
        };
        return html`
            ${range
                ? html`<input
                      type="range"
                      aria-label=${words(card.name)}
                      min=${range.min}
                      max=${range.max}
                      step=${range.step}
                      .value=${String(toPosition(now, range))}
                      @input=${(event: Event) => this.#tell(fromPosition((event.target as HTMLInputElement).valueAsNumber, range))}
                  />`
                : ''}
            <input
                id="control"
                type="number"
                aria-describedby="help"
                min=${card.min ?? ''}
                max=${card.max ?? ''}
                step=${card.type === 'integer' ? 1 : 'any'}
                .value=${String(this.value)}
                @change=${accept}
            />
        `;
    }
}
