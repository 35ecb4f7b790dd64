import { LitElement, html } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import type { MethodCard } from 'pellucid';
import { phase } from '../../state/engine.ts';
import { hasLeague, leagueOf, leagues } from '../../state/league.ts';
import { entryOf, standardModel } from '../../state/models.ts';
import { inAddress, word } from '../../state/room-settings.ts';
import { address } from '../../state/route.ts';
import { Uses } from '../../state/signal.ts';
import { families } from '../../state/views.ts';
import { shared } from '../../styles/shared.ts';
import type { Room } from '../index.ts';
import './pl-eraser.ts';
import './pl-forgetting.ts';
import './pl-audit.ts';
import './pl-league.ts';
import type { OrderChange } from './pl-league.ts';
import './pl-marks.ts';
import './pl-quiz-mind.ts';
import './pl-quiz-survivor.ts';
import { trustStyles } from './pl-trust.css.ts';

/**
 * Whether an explanation is any good: experiments on one map, the league of all, and what the data themselves get
 * wrong.
 */
@customElement('pl-trust')
export class PlTrust extends LitElement {
    static override styles = [shared, trustStyles];

    @property({ attribute: false }) room!: Room;
    @property({ attribute: false }) cards: readonly MethodCard[] = [];
    @inAddress('trust.league', '', word) private order!: string;

    constructor() {
        super();
        new Uses(this, phase, leagues);
    }

    protected override render() {
        if (phase.value.name !== 'ready') return html``;
        return html`
            <div>
                <h2 tabindex="-1">${this.room.question}</h2>
                <p class="intro">
                    A map looks convincing whether it is right or not. These tests ask it: they take away what it points
                    at, make
                    the network forget, and hide a cheat to be found.
                </p>
            </div>
            <section aria-labelledby="erase">
                <h3 id="erase">Erase what it points at</h3>
                <pl-eraser></pl-eraser>
            </section>
            <section aria-labelledby="guess">
                <h3 id="guess">Guess first</h3>
                <div class="quizzes">
                    <pl-quiz-survivor></pl-quiz-survivor>
                    <pl-quiz-mind></pl-quiz-mind>
                </div>
            </section>
            <section aria-labelledby="forget">
                <h3 id="forget">Make the network forget</h3>
                <pl-forgetting></pl-forgetting>
            </section>
            ${this.#league()}
            <section aria-labelledby="marks">
                <h3 id="marks">Who finds the cheat?</h3>
                <pl-marks></pl-marks>
            </section>
            <section aria-labelledby="labels">
                <h3 id="labels">Are the labels right?</h3>
                <pl-audit></pl-audit>
            </section>
            ${this.#tests()}
        `;
    }

    #league() {
        if (phase.value.name !== 'ready') return '';
        const { modelId } = phase.value;
        const own = hasLeague(modelId);
        const study = leagueOf(own ? modelId : standardModel);
        return html`<section aria-labelledby="league">
            <h3 id="league">The league of methods</h3>
            <p class="quiet intro-small">
                ${
                    own
                        ? `Each method was judged by each test on the first ${
                              study?.images ?? 100
                          } test images of MNIST, with ${
                              entryOf(modelId).title
                          }; your drawing is judged now, by the same tests.`
                        : `No league was computed for ${
                              entryOf(modelId).title
                          }. Your drawing is judged by the tests all the same.`
                }
            </p>
            ${
                study
                    ? html`<pl-league .study=${study} ?foreign=${!own} .order=${this.order} @order-change=${({
                          order,
                      }: OrderChange) => (this.order = order)}></pl-league>`
                    : html`<p class="quiet waiting">The league is coming …</p>`
            }
        </section>`;
    }

    /** Everything that judges explanations or data, by itself. */
    #tests() {
        return html`<section aria-labelledby="tests">
            <h3 id="tests">The tests, one by one</h3>
            ${families(new Map(this.cards.map((card) => [card.id, card]))).map(
                ({ title, cards }) => html`<div class="family">
                <h4>${title}</h4>
                <ul>
                    ${cards.map(
                        (card) => html`<li>
                        <a href=${address({
                            room: 'method',
                            method: card.id,
                            params: {},
                        })}>${card.question}<span class="quiet">${card.title}</span></a>
                    </li>`,
                    )}
                </ul>
            </div>`,
            )}
        </section>`;
    }
}

declare global {
    interface HTMLElementTagNameMap {
        'pl-trust': PlTrust;
    }
}
