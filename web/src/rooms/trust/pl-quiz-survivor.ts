import { LitElement, html } from 'lit';
import { customElement, state } from 'lit/decorators.js';
import type { Frames, Image, Series } from 'pellucid';
import { mainKind, pictures } from '../../core/items.ts';
import { short } from '../../core/numbers.ts';
import '../../elements/pl-map.ts';
import { Resting } from '../../elements/resting.ts';
import { cardOf } from '../../state/ask.ts';
import type { About } from '../../state/judge.ts';
import { settings } from '../../state/settings.ts';
import { Uses } from '../../state/signal.ts';
import { shortTitle } from '../../state/views.ts';
import { shared } from '../../styles/shared.ts';
import { forget } from './forgetting.ts';
import { quizStyles } from './quiz.css.ts';

/** Methods that come out of the test differently as a rule; who does for this drawing is computed. */
const some = ['guided_backprop', 'deep_taylor', 'deconvnet'];
const others = ['integrated_gradients', 'gradient', 'deeplift', 'smoothgrad', 'input_x_gradient'];
/** Two that are nearer than this make no fair question, nor does a map that stays with its signs turned. */
const leastApart = 0.15;
const mostTurned = -0.3;

interface Side {
    method: string;
    title: string;
    kind: 'signed' | 'positive';
    before: Image;
    after: Image;
    /** Rank correlation of the maps. */
    kept: number;
}

/** Two maps of the drawing: which stays when the network forgets? One guesses, and then sees. */
@customElement('pl-quiz-survivor')
export class PlQuizSurvivor extends LitElement {
    static override styles = [shared, quizStyles];

    @state() private round = 0;
    @state() private sides: readonly [Side, Side] | null = null;
    @state() private input: Image | null = null;
    @state() private guess: 0 | 1 | null = null;
    /** No two maps come out differently enough: of this network and drawing there is nothing to ask. */
    @state() private none = false;
    @state() private score = { right: 0, asked: 0 };
    readonly #rest = new Resting(this, {
        work: async (about, signal) => {
            for (let tries = 0; tries < some.length * others.length; tries++) {
                const pair = this.#pair();
                const sides = [
                    await this.#side(pair[0], about, signal),
                    await this.#side(pair[1], about, signal),
                ] as const;
                const kept = sides.map((side) => side.kept);
                if (Math.abs(kept[0]! - kept[1]!) >= leastApart && Math.min(...kept) > mostTurned) {
                    this.input = about.frame.input;
                    this.sides = sides;
                    return;
                }
                this.round++;
            }
            this.none = true;
        },
        changed: () => {
            this.sides = null;
            this.guess = null;
            this.none = false;
        },
    });

    constructor() {
        super();
        new Uses(this, settings);
    }

    /** The methods of this round, in an order that tells nothing. */
    #pair(): [string, string] {
        const { round } = this;
        const pair: [string, string] = [some[round % some.length]!, others[(2 * round) % others.length]!];
        return (round * 7 + 3) % 5 < 2 ? [pair[1], pair[0]] : pair;
    }
    async #side(method: string, about: About, signal: AbortSignal): Promise<Side> {
        const card = cardOf(method);
        if (!card) throw new Error(`the package has no method called ${method}`);
        const { outputs } = await forget({ method, params: {} }, about, 0, signal);
        const kind = mainKind(card) === 'positive' ? 'positive' : 'signed';
        const { images } = outputs['maps'] as Frames;
        const picture = (image: Image) => pictures(image, kind)[0]!;
        return {
            method,
            title: shortTitle(card),
            kind,
            before: picture(images[0]!),
            after: picture(images.at(-1)!),
            kept: (outputs['spearman'] as Series).values[0]!.at(-1)!,
        };
    }
    #choose(guess: 0 | 1): void {
        const { sides } = this;
        if (!sides || this.guess !== null) return;
        this.guess = guess;
        const { right, asked } = this.score;
        this.score = { right: right + (guess === this.#survivor(sides) ? 1 : 0), asked: asked + 1 };
    }
    #survivor([left, right]: readonly [Side, Side]): 0 | 1 {
        return left.kept > right.kept ? 0 : 1;
    }
    readonly #next = (): void => {
        this.round++;
        this.#rest.again();
    };

    protected override render() {
        const { sides, guess, score } = this;
        const side = (index: 0 | 1) => {
            const each = sides?.[index];
            const name = index === 0 ? 'left' : 'right';
            const shown = (map: Image) => ({ map, kind: each?.kind ?? 'signed', input: this.input });
            return html`<figure data-method=${each?.method ?? ''} data-kept=${guess === null ? '' : (each?.kept ?? '')}>
                <pl-map label="The map on the ${name}, of the trained network"
                    .shown=${each ? shown(each.before) : null}></pl-map>
                <div class="answer">${
                    guess === null
                        ? html`<button class="screen" ?disabled=${!each} @click=${() => this.#choose(index)}>The
                            ${name} one stays</button>`
                        : html`<figcaption>${each?.title}, trained</figcaption>`
                }</div>
                ${
                    guess !== null && each
                        ? html`<pl-map label="The same with random weights in all layers"
                    .shown=${shown(each.after)}></pl-map>`
                        : html`<span class="hidden-map" aria-hidden="true">?</span>`
                }
                <figcaption>${
                    guess !== null && each ? `all layers random: likeness ${short(each.kept)}` : 'all layers random'
                }</figcaption>
            </figure>`;
        };
        return html`
            <h4>Which of these two maps survives a network that forgot everything?</h4>
            <div class="pair">${side(0)}${side(1)}</div>
            <p class="verdict" aria-live="polite">${this.#verdict()}</p>
            <div class="foot screen">
                <button ?disabled=${guess === null} @click=${this.#next}>Another pair</button>
                <span class="quiet">${score.asked > 0 ? `${score.right} of ${score.asked} right` : ''}</span>
            </div>
        `;
    }

    #verdict() {
        const { sides, guess } = this;
        if (this.none) return 'With this network no two of these maps come out differently enough to be asked about.';
        if (!sides) return this.#rest.frame ? 'The question is being computed …' : 'Draw a digit to be asked.';
        if (guess === null)
            return 'Both explain your drawing. Guess first: the answer is computed for this very drawing.';
        const truth = this.#survivor(sides);
        const [stays, goes] = [sides[truth], sides[truth === 0 ? 1 : 0]];
        return html`<b>${guess === truth ? 'Right.' : 'No.'}</b>
            ${stays.title} stays more: with random weights in all layers its map keeps a rank correlation of
            ${short(stays.kept)} with the trained network’s, that of ${goes.title} ${short(goes.kept)}. ${
                stays.kept >= 0.3
                    ? 'What stays without the network cannot have come from it.'
                    : 'Neither stays much, as it should be.'
            }`;
    }
}

declare global {
    interface HTMLElementTagNameMap {
        'pl-quiz-survivor': PlQuizSurvivor;
    }
}
