import { LitElement, css, html } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import type { ParamCard } from 'pellucid';
import { phase } from '../state/engine.ts';
import { newest } from '../state/live.ts';
import { keepFile, keepPicture, picture, pictures } from '../state/pictures.ts';
import { Uses } from '../state/signal.ts';
import { helpWords, words } from '../core/words.ts';
import { shared } from '../styles/shared.ts';
import '../elements/pl-map.ts';
import type { PlMap } from '../elements/pl-map.ts';

/** Another picture was chosen; null for the method's own default. */
export class PictureChoice extends Event {
    readonly picture: string | null;

    constructor(chosen: string | null) {
        super('picture-choice');
        this.picture = chosen;
    }
}

/** Keeps the drawing as the network gets it now; null where there is none. */
export const keepDrawing = (): string | null => (newest.value ? keepPicture(newest.value.input.data) : null);

/** The control of a parameter that is an image: the drawing as it is now, a sample, or a file. */
@customElement('pl-picture')
export class PlPicture extends LitElement {
    static override styles = [
        shared,
        css`
            :host {
                display: block;
            }
            .name {
                font-weight: 600;
            }
            .line {
                display: grid;
                grid-template-columns: 84px minmax(0, 1fr);
                gap: var(--gap-3);
                margin-top: var(--gap-2);
                align-items: start;
            }
            .none {
                display: grid;
                place-items: center;
                aspect-ratio: 1;
                border: 1px dashed var(--line-strong);
                border-radius: 2px;
                color: var(--muted);
                font-size: var(--small);
            }
            .ways {
                display: flex;
                flex-wrap: wrap;
                gap: var(--gap-2);
            }
            .file:focus-within {
                outline: 2px solid var(--accent);
                outline-offset: 2px;
            }
        `,
    ];

    @property({ attribute: false }) card!: ParamCard;
    /** Its name among the pictures. */
    @property({ attribute: false }) value: string | null = null;
    @state() private failure = '';
    @query('pl-map') private map!: PlMap | null;

    constructor() {
        super();
        new Uses(this, pictures, newest, phase);
    }
    protected override updated(): void {
        const data = this.value === null ? null : picture(this.value);
        if (!data || !this.map || phase.value.name !== 'ready') return;
        this.map.show({ map: { data, ...phase.value.model.input }, kind: 'image' });
    }

    #tell(chosen: string | null): void {
        this.failure = '';
        this.dispatchEvent(new PictureChoice(chosen));
    }
    readonly #sample = (event: Event): void => {
        const { value } = event.target as HTMLSelectElement;
        if (value !== '') this.#tell(`digit-${value}`);
    };
    readonly #file = async (event: Event): Promise<void> => {
        const field = event.target as HTMLInputElement;
        const [file] = field.files ?? [];
        if (!file || phase.value.name !== 'ready') return;
        const { width, height } = phase.value.model.input;
        try {
            this.#tell(await keepFile(file, width, height));
        } catch {
            this.failure = `“${
                file.name
            }” is no picture that this browser can read; a PNG of the digit would be right.`;
        }
        field.value = '';
    };

    protected override render() {
        const { card, value } = this;
        const there = value !== null && picture(value) !== null;
        const sample = /^digit-(\d)$/.exec(value ?? '')?.[1] ?? '';
        return html`
            <div role="group" aria-labelledby="name" aria-describedby="help">
                <span id="name" class="name">${words(card.name)}</span>
                <p id="help" class="quiet">${helpWords(card.help)}</p>
                <div class="line">
                    ${
                        there
                            ? html`<pl-map label="The chosen picture"></pl-map>`
                            : html`<span
                        class="none">default</span>`
                    }
                    <div class="ways">
                        <button ?disabled=${newest.value === null}
                            @click=${() => this.#tell(keepDrawing())}>Keep this drawing</button>
                        <select aria-label="A sample digit" @change=${this.#sample}>
                            <option value="" ?selected=${sample === ''}>A sample</option>
                            ${Array.from(
                                { length: 10 },
                                (_, digit) => html`<option value=${digit}
                                ?selected=${sample === String(digit)}>Sample ${digit}</option>`,
                            )}
                        </select>
                        <label class="button file">A file<input class="visually-hidden" type="file" accept="image/*"
                            @change=${this.#file} /></label>
                        <button ?disabled=${value === null} @click=${() => this.#tell(null)}>Default</button>
                    </div>
                </div>
                ${this.failure ? html`<p role="alert">${this.failure}</p>` : ''}
            </div>
        `;
    }
}

declare global {
    interface HTMLElementTagNameMap {
        'pl-picture': PlPicture;
    }
}
