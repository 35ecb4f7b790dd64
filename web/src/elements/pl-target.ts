import { LitElement, css, html } from 'lit';
import { customElement } from 'lit/decorators.js';
import { newest } from '../state/live.ts';
import { Uses } from '../state/signal.ts';
import { chooseDigit, chooseRather, target } from '../state/target.ts';
import { shared } from '../styles/shared.ts';

const digits = Array.from({ length: 10 }, (_, digit) => digit);

/** What is explained, as a question: "Why the answer, 4, and not 9?" */
@customElement('pl-target')
export class PlTarget extends LitElement {
    static override styles = [
        shared,
        css`
            :host {
                display: block;
            }
            p {
                display: flex;
                flex-wrap: wrap;
                align-items: center;
                gap: var(--gap-1) var(--gap-2);
                font: 400 var(--large) / 1.3 var(--serif);
            }
            select {
                font-family: var(--sans);
                font-size: var(--normal);
            }
            label {
                white-space: nowrap;
                display: inline-flex;
                align-items: center;
                gap: var(--gap-2);
            }
        `,
    ];
    #answer = -1;

    constructor() {
        super();
        new Uses(this, target);
    }
    #end = () => {};
    override connectedCallback(): void {
        super.connectedCallback();
        this.#end = newest.subscribe((frame) => {
            const answer = frame?.prediction.predicted ?? -1;
            if (answer === this.#answer) return;
            this.#answer = answer;
            this.requestUpdate();
        });
        this.#answer = newest.value?.prediction.predicted ?? -1;
    }
    override disconnectedCallback(): void {
        super.disconnectedCallback();
        this.#end();
    }

    protected override render() {
        const { digit, rather } = target.value;
        const answer = this.#answer;
        const read = (event: Event) => {
            const { value } = event.target as HTMLSelectElement;
            return value === '' ? null : Number(value);
        };
        return html`
            <p class="screen">
                <label>
                    Why
                    <select aria-label="The digit to explain" @change=${(event: Event) => chooseDigit(read(event))}>
                        <option value="" ?selected=${digit === null}>the answer${answer >= 0 ? ` (${answer})` : ''}</option>
                        ${digits.map((each) => html`<option value=${each} ?selected=${digit === each}>${each}</option>`)}
                    </select>
                </label>
                <label>
                    and not
                    <select
                        aria-label="The digit to compare with"
                        ?disabled=${answer < 0 && digit === null}
                        @change=${(event: Event) => chooseRather(read(event), answer)}
                    >
                        <option value="" ?selected=${rather === null}>another</option>
                        ${digits.map(
                            (each) => html`<option value=${each} ?selected=${rather === each} ?disabled=${each === (digit ?? answer)}>${each}</option>`,
                        )}
                    </select>
                    <span aria-hidden="true">?</span>
                </label>
            </p>
        `;
    }
}
