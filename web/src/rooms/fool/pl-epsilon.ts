import { LitElement, css, html } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { inlineStyle } from '../../core/inline-style.ts';
import { shared } from '../../styles/shared.ts';
import { epsilonWords, mostEpsilon } from './attacks.ts';

/** Another ε was chosen by hand; null: the smallest that fools the network, whatever is drawn. */
export class EpsilonChange extends Event {
    readonly epsilon: number | null;

    constructor(epsilon: number | null) {
        super('epsilon-change');
        this.epsilon = epsilon;
    }
}

/**
 * The bound on the change as a slider, and beneath it what is known: where nothing can fool the network, and where
 * something does.
 */
@customElement('pl-epsilon')
export class PlEpsilon extends LitElement {
    static override styles = [
        shared,
        css`
            :host {
                display: grid;
                gap: 0;
            }
            label small {
                color: var(--muted);
                font-size: var(--small);
            }
            input {
                display: block;
                width: 100%;
                /* As wide as the strip beneath: the knob is 16 px. */
                accent-color: var(--accent);
            }
            .strip {
                position: relative;
                height: 12px;
                margin: 0 8px;
                border-radius: 2px;
                background: repeating-linear-gradient(-45deg, var(--line) 0 1px, transparent 1px 6px);
                box-shadow: 0 0 0 1px var(--line);
                overflow: hidden;
            }
            .sure, .fooled {
                position: absolute;
                inset: 0;
                transform-origin: 0 0;
            }
            .sure {
                background: var(--accent);
            }
            .fooled {
                transform-origin: 100% 0;
                background: color-mix(in srgb, var(--for) 55%, var(--paper));
            }
            .key {
                display: flex;
                flex-wrap: wrap;
                gap: 0 var(--gap-4);
                margin: var(--gap-2) 8px 0;
                min-height: 1.5em;
            }
            i {
                display: inline-block;
                width: 12px;
                height: 12px;
                margin-right: 6px;
                border-radius: 2px;
                vertical-align: -1px;
                box-shadow: 0 0 0 1px var(--line);
                background: repeating-linear-gradient(-45deg, var(--line-strong) 0 1px, transparent 1px 4px);
            }
            i.is-sure {
                background: var(--accent);
            }
            i.is-fooled {
                background: color-mix(in srgb, var(--for) 55%, var(--paper));
            }
            .row {
                display: flex;
                flex-wrap: wrap;
                align-items: center;
                justify-content: space-between;
                gap: 0 var(--gap-4);
            }
            @media (forced-colors: active) {
                .sure, .fooled, i {
                    forced-color-adjust: none;
                }
            }
        `,
    ];

    @property({ type: Number }) epsilon = 0;
    /** The smallest ε at which the attack succeeds; NaN where it never does, null while nobody knows. */
    @property({ attribute: false }) least: number | null = null;
    /** Within this nothing at all changes the answer; null while nobody knows, or where that is not the question. */
    @property({ attribute: false }) radius: number | null = null;
    /** Whether ε follows the smallest one. */
    @property({ type: Boolean }) follows = false;

    #tell(epsilon: number | null): void {
        this.dispatchEvent(new EpsilonChange(epsilon));
    }

    protected override render() {
        const { least, radius } = this;
        const flips = least !== null && Number.isFinite(least);
        const share = (value: number) => Math.min(1, Math.max(0, value / mostEpsilon)).toFixed(4);
        return html`
            <div class="row">
                <label for="epsilon">Largest change of a pixel: <b>ε = ${epsilonWords(this.epsilon)}</b>
                    <small>of 1, the step from paper to ink</small></label>
                <button class="flip" aria-pressed=${this.follows} ?disabled=${!flips} @click=${() => this.#tell(null)}>
                    ${
                        flips
                            ? `The smallest that fools it: ${epsilonWords(least)}`
                            : least === null
                              ? 'The smallest that fools it …'
                              : 'Nothing up to 0.5 fools it'
                    }
                </button>
            </div>
            <input
                id="epsilon"
                type="range"
                min="0"
                max=${mostEpsilon}
                step="any"
                .value=${String(this.epsilon)}
                aria-valuetext=${epsilonWords(this.epsilon)}
                aria-describedby="known"
                @input=${(event: Event) => this.#tell((event.target as HTMLInputElement).valueAsNumber)}
                @keydown=${this.#step}
            />
            <div class="strip" aria-hidden="true">
                ${
                    flips
                        ? html`<span class="fooled" ${inlineStyle({
                              transform: `scaleX(${(1 - Number(share(least))).toFixed(4)})`,
                          })}></span>`
                        : ''
                }
                ${
                    radius === null
                        ? ''
                        : html`<span class="sure" ${inlineStyle({ transform: `scaleX(${share(radius)})` })}></span>`
                }
            </div>
            <p class="quiet key" id="known">
                ${
                    radius !== null && radius < 1e-4
                        ? html`<span>no certificate: its bounds are too loose here</span>`
                        : html`<span><i class="is-sure"></i>up to
                            ${known(radius)}: nothing can change the answer (proved)</span>`
                }
                <span><i></i>between: this attack finds nothing, another might</span>
                ${
                    Number.isNaN(least)
                        ? html`<span>nothing up to ${mostEpsilon} fools it</span>`
                        : html`<span><i class="is-fooled"></i>from ${known(least)} on: fooled</span>`
                }
            </p>
        `;
    }

    /** Without steps of its own the slider would go in steps that depend on the browser. */
    readonly #step = (event: KeyboardEvent): void => {
        const by = {
            ArrowLeft: -0.01,
            ArrowDown: -0.01,
            ArrowRight: 0.01,
            ArrowUp: 0.01,
            PageDown: -0.05,
            PageUp: 0.05,
        }[event.key];
        if (by === undefined) return;
        event.preventDefault();
        // Onto hundredths: from an ε in between the next one.
        const hundredths = this.epsilon * 100 + by * 100;
        const next = (by > 0 ? Math.floor(hundredths + 1e-6) : Math.ceil(hundredths - 1e-6)) / 100;
        this.#tell(Math.min(mostEpsilon, Math.max(0, next)));
    };
}

/** While the pen moves nobody knows, but nothing around it shall move. */
const known = (epsilon: number | null): string => (epsilon === null ? '…' : epsilonWords(epsilon));

declare global {
    interface HTMLElementTagNameMap {
        'pl-epsilon': PlEpsilon;
    }
}
