import { LitElement, css, html } from 'lit';
import { customElement, state } from 'lit/decorators.js';
import type { LiveFrame } from 'pellucid';
import limits from '../../../models/lenet.digits.json';
import { percentWords } from '../core/numbers.ts';
import { looksLikeOneDigit } from '../core/one-digit.ts';
import { changes } from '../state/changes.ts';
import { sheet } from '../state/drawing.ts';
import { phase } from '../state/engine.ts';
import { newest } from '../state/live.ts';
import { standardModel } from '../state/models.ts';
import { Throttle } from '../core/throttle.ts';
import { withArticle } from '../state/target.ts';
import { shared } from '../styles/shared.ts';

/** The answer in plain words. Its height is the same whatever it says. */
@customElement('pl-sentence')
export class PlSentence extends LitElement {
    static override styles = [
        shared,
        css`
            :host {
                display: block;
            }
            p {
                font: 400 clamp(1.375rem, 1rem + 1.5vw, 2rem) / 1.25 var(--serif);
                min-height: 1.25em;
                text-wrap: balance;
            }
            b {
                font-weight: 400;
            }
        `,
    ];

    @state() private words = '';
    /** Said aloud only when the answer has been the same for a while. */
    @state() private aloud = '';
    #quiet: ReturnType<typeof setTimeout> | undefined;
    #ends: (() => void)[] = [];
    readonly #throttle = new Throttle(120, () => this.#say());

    override connectedCallback(): void {
        super.connectedCallback();
        this.#ends = [newest.subscribe(() => this.#throttle.call()), phase.subscribe(() => this.#throttle.call())];
        this.#say();
    }
    override disconnectedCallback(): void {
        super.disconnectedCallback();
        for (const end of this.#ends) end();
    }

    #say(): void {
        const frame = newest.value;
        const words = frame
            ? `${answer(frame)}${changes.value.length > 0 ? ' I am broken on purpose.' : ''}`
            : phase.value.name === 'failed'
              ? 'I cannot answer yet.'
              : 'Draw a digit, and I will try to read it.';
        if (words === this.words) return;
        this.words = words;
        clearTimeout(this.#quiet);
        this.#quiet = setTimeout(() => (this.aloud = words), 900);
    }

    protected override render() {
        return html`<p class="said">${this.words}</p>
            <p class="visually-hidden" aria-live="polite">${this.aloud}</p>`;
    }
}

/** The limits were measured on the standard network's logits; of others, and of a changed one, nothing is known. */
const knowsLimits = (): boolean =>
    phase.value.name === 'ready' && phase.value.modelId === standardModel && changes.value.length === 0;

function answer({ input, prediction }: LiveFrame): string {
    const { probabilities, predicted } = prediction;
    const share = (digit: number) => probabilities[digit] ?? 0;
    const second = Array.from(probabilities.keys())
        .filter((digit) => digit !== predicted)
        .reduce((best, digit) => (share(digit) > share(best) ? digit : best), predicted === 0 ? 1 : 0);
    const said = (digit: number) => `${withArticle(digit)}\u00a0(${percentWords(share(digit))}\u00a0%)`;
    // While it is being drawn, nothing is a digit yet.
    if (!sheet.active && knowsLimits() && !looksLikeOneDigit(input, prediction, limits))
        return `I read ${said(predicted)}, but this does not look like one digit.`;
    // What a network that can tell has no evidence for.
    const { vacuity } = prediction;
    if (vacuity !== null && vacuity >= 0.5)
        return `I do not know what this is (${percentWords(
            vacuity,
        )}\u00a0% without evidence). If anything, ${said(predicted)}.`;
    if (share(predicted) >= 0.9) return `I think this is ${said(predicted)}.`;
    if (share(predicted) >= 0.6) return `I think this is ${said(predicted)}, or else ${said(second)}.`;
    return `I am not sure: ${said(predicted)} or ${said(second)}?`;
}
