import { LitElement, css, html } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import type { ParamCard } from 'pellucid';
import { fromPosition, sliderRange, toPosition } from '../core/slider.ts';
import { icon } from '../core/icons.ts';
import { isExplanation } from '../core/items.ts';
import { phase } from '../state/engine.ts';
import { models } from '../state/models.ts';
import { helpWords, choiceWords, words } from '../core/words.ts';
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

/** A number as fields take it; what is none, as a link may have it, leaves them empty. */
const numeral = (value: number): string => (Number.isFinite(value) ? String(value) : '');

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
            <label class="name" for="control">${words(card.name)}${
                card.unit ? html` <span class="unit">in ${card.unit}</span>` : ''
            }</label>
            ${help}
            <div class="line">${this.#field()}</div>
        `;
    }

    /** By its type, and by what it stands for. */
    #field() {
        const { type, choices = [] } = this.card;
        const role: string = this.card.role;
        if (type === 'choice') return this.#select(choices.map((choice) => [choice, choiceWords(choice)]));
        if (type === 'text' && phase.value.name === 'ready') {
            if (role === 'layer')
                return this.#select([
                    ...this.#byItself,
                    ...phase.value.model.layers.map(({ name }) => [name, name] as const),
                ]);
            if (role === 'method')
                return this.#select([
                    ...this.#byItself,
                    ...[...phase.value.cards.values()]
                        .filter(isExplanation)
                        .map(({ id, title }) => [id, title] as const),
                ]);
            if (role === 'model')
                return this.#select([...this.#byItself, ...models.map(({ id, title }) => [id, title] as const)]);
        }
        return type === 'text' ? this.#text() : this.#number();
    }
    /** What is chosen where nothing is. */
    get #byItself(): (readonly [string, string])[] {
        return this.card.default === '' ? [['', 'chosen by the method']] : [];
    }
    #select(choices: readonly (readonly [string, string])[]) {
        // What a link says and the list has not stays to be seen.
        const all = choices.some(([value]) => value === this.value)
            ? choices
            : [...choices, [String(this.value), String(this.value)] as const];
        return html`<select id="control" aria-describedby="help" @change=${(event: Event) =>
            this.#tell((event.target as HTMLSelectElement).value)}>
            ${all.map(
                ([value, name]) => html`<option value=${value}
                ?selected=${value === this.value}>${name}</option>`,
            )}
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
            if (Number.isFinite(typed) && typed >= (card.min ?? -Infinity) && typed <= (card.max ?? Infinity))
                this.#tell(typed);
            else field.value = String(this.value);
        };
        return html`
            ${
                range
                    ? html`<input
                      type="range"
                      aria-label=${words(card.name)}
                      min=${range.min}
                      max=${range.max}
                      step=${range.step}
                      .value=${numeral(toPosition(now, range))}
                      @input=${(event: Event) =>
                          this.#tell(fromPosition((event.target as HTMLInputElement).valueAsNumber, range))}
                  />`
                    : ''
            }
            <input
                id="control"
                type="number"
                aria-describedby="help"
                min=${card.min ?? ''}
                max=${card.max ?? ''}
                step=${card.type === 'integer' ? 1 : 'any'}
                .value=${numeral(now)}
                @change=${accept}
            />
            ${
                card.role === 'random_seed'
                    ? html`<button aria-label="Another ${words(card.name)}"
                        @click=${() => this.#tell((now + 1) % 10000)}>${icon('reset')} Another</button>`
                    : ''
            }
        `;
    }
}
