import { LitElement, html } from 'lit';
import { customElement, state } from 'lit/decorators.js';
import type { Image, Prediction } from 'pellucid';
import { inlineStyle } from '../../core/inline-style.ts';
import { percentWords } from '../../core/numbers.ts';
import '../../elements/pl-map.ts';
import { Resting } from '../../elements/resting.ts';
import { withArticle } from '../../state/target.ts';
import { shared } from '../../styles/shared.ts';
import { quizStyles } from './quiz.css.ts';
import { side, threeSquares, type Square } from './squares.ts';

const letter = (index: number): string => 'ABC'.charAt(index);

/** Three places of the drawing: a change in which would cost the answer most? One guesses, and then sees. */
@customElement('pl-quiz-mind')
export class PlQuizMind extends LitElement {
    static override styles = [shared, quizStyles];

    @state() private squares: readonly Square[] | null = null;
    @state() private input: Image | null = null;
    @state() private answer: Prediction | null = null;
    @state() private guess: number | null = null;
    readonly #rest: Resting = new Resting(this, {
        work: async ({ frame, model }, signal) => {
            // The answer of the network that is asked now, whatever answered the frame.
            const before = await model.predict(frame.input.data);
            const squares = await threeSquares(model, frame.input, before, signal);
            this.input = frame.input;
            this.answer = before;
            this.squares = squares;
        },
        changed: () => {
            this.squares = null;
            this.input = this.#rest.frame?.input ?? null;
            this.guess = null;
        },
    });

    get #truth(): number {
        const losses = (this.squares ?? []).map(({ loss }) => loss);
        return losses.indexOf(Math.max(...losses));
    }

    protected override render() {
        const { squares, input, guess } = this;
        const share = (pixels: number) => `${(100 * pixels) / 28}%`;
        return html`
            <h4>Which pixels would change its mind?</h4>
            <div class="sheet">
                <pl-map label="Your drawing, with three squares"
                    .shown=${input && { map: input, kind: 'image' }}></pl-map>
                ${(squares ?? []).map(
                    ({ x, y }, index) => html`<button
                    class="square ${guess === index ? 'chosen' : ''}"
                    aria-label="Square ${letter(index)}"
                    ?disabled=${guess !== null}
                    ${inlineStyle({ left: share(x), top: share(y), width: share(side), height: share(side) })}
                    @click=${() => (this.guess = index)}
                ><span>${letter(index)}</span></button>`,
                )}
            </div>
            <p class="verdict" aria-live="polite">${this.#verdict()}</p>
            <div class="three">${
                guess === null ? '' : (squares ?? []).map((square, index) => this.#revealed(square, index))
            }</div>
        `;
    }

    #revealed({ image, prediction, loss }: Square, index: number) {
        const { predicted, probabilities } = prediction;
        return html`<figure data-loss=${loss}>
            <pl-map label="The drawing changed in square ${letter(index)}"
                .shown=${{ map: image, kind: 'image' }}></pl-map>
            <figcaption>${letter(index)}: I would read ${withArticle(predicted)} (${percentWords(
                probabilities[predicted] ?? 0,
            )} %)</figcaption>
        </figure>`;
    }

    #verdict() {
        const { squares, guess, answer: before } = this;
        if (!squares || !before)
            return this.#rest.frame ? 'The question is being computed …' : 'Draw a digit to be asked.';
        if (squares.length < 3) return 'There is too little ink for three squares: draw a larger digit.';
        if (guess === null)
            return `In one of the squares ink and paper change places. Where does it cost me most of my ${percentWords(
                before.probabilities[before.predicted] ?? 0,
            )}\u00a0% for ${withArticle(before.predicted)}? Press a square.`;
        const truth = this.#truth;
        const worst = squares[truth]!;
        const left = percentWords(worst.prediction.probabilities[before.predicted] ?? 0);
        const turned = squares.filter(({ prediction }) => prediction.predicted !== before.predicted).length;
        return html`<b>${guess === truth ? 'Right.' : 'No.'}</b> It is ${letter(truth)}: it leaves
            ${withArticle(before.predicted)} ${left}\u00a0%. ${
                turned === 0
                    ? 'None of the three changes my mind.'
                    : turned === 1
                      ? `Only ${letter(
                            squares.findIndex(({ prediction }) => prediction.predicted !== before.predicted),
                        )} changes my mind.`
                      : `${turned === 3 ? 'All three' : 'Two of the three'} change my mind.`
            } Change the drawing for another question.`;
    }
}

declare global {
    interface HTMLElementTagNameMap {
        'pl-quiz-mind': PlQuizMind;
    }
}
