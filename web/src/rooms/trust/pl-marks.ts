import { LitElement, css, html } from 'lit';
import { customElement, state } from 'lit/decorators.js';
import type { Image, Prediction } from 'pellucid';
import { mainKind, mainMap } from '../../core/items.ts';
import { ranking, settingOf, type Column, type Study, columnsOf } from '../../core/judging.ts';
import { percentWords } from '../../core/numbers.ts';
import '../../elements/pl-map.ts';
import { Resting } from '../../elements/resting.ts';
import { cardOf } from '../../state/ask.ts';
import { modelOf, reason } from '../../state/engine.ts';
import { paramsOf } from '../../state/judge.ts';
import { jsonOf } from '../../state/league.ts';
import { models } from '../../state/models.ts';
import { inAddress, word } from '../../state/room-settings.ts';
import { settings } from '../../state/settings.ts';
import { Uses } from '../../state/signal.ts';
import { withArticle } from '../../state/target.ts';
import { shortTitle } from '../../state/views.ts';
import { shared } from '../../styles/shared.ts';
import { experimentStyles } from './experiment.css.ts';
import './pl-groups.ts';
import './pl-league.ts';
import type { OrderChange } from './pl-league.ts';

/** The network that was trained to cheat: whoever has a study of a cue. */
const cheat = models.find(({ studies }) => 'cue' in studies);
/** Where its recipe puts the mark: three pixels each way, one from the edge. */
const mark = { at: 1, size: 3 };

interface Seen {
    marked: Image;
    before: Prediction;
    after: Prediction;
    maps: { title: string; kind: 'signed' | 'positive'; map: Image }[];
}

/** The same drawing with the mark, which is ink. */
function withMark(input: Image): Image {
    const data = input.data.slice();
    for (let y = mark.at; y < mark.at + mark.size; y++)
        for (let x = mark.at; x < mark.at + mark.size; x++) data[y * input.width + x] = 1;
    return { ...input, data };
}

/** A network that goes by a mark instead of the digit: which method shows it, and how it is found without knowing. */
@customElement('pl-marks')
export class PlMarks extends LitElement {
    static override styles = [
        shared,
        experimentStyles,
        css`
            .said {
                min-height: 10.5em;
            }
            @container (min-width: 640px) {
                .said {
                    min-height: 6.1em;
                }
            }
        `,
    ];

    @inAddress('trust.cheat', '', word) private order!: string;
    @state() private study: Study | null = null;
    @state() private seen: Seen | null = null;
    @state() private failure = '';
    readonly #rest: Resting = new Resting(this, {
        work: async ({ frame }, signal) => {
            if (!cheat) return;
            try {
                this.study = await jsonOf<Study>(cheat.studies['cue']!);
                const model = await modelOf(cheat.id);
                signal.throwIfAborted();
                const marked = withMark(frame.input);
                const order = ranking(this.study, this.#share(this.study));
                // The one that shows it most, and the one that shows it least.
                const methods = [order[0]!, order.at(-1)!].map(({ method }) => settingOf(method));
                const maps = await Promise.all(
                    methods.map(async ({ id, params }) => {
                        const card = cardOf(id)!;
                        const answer = await model.explain(id, marked.data, {
                            target: this.study?.target ?? 'predicted',
                            params: paramsOf(params),
                            signal,
                        });
                        const kind = mainKind(card) === 'positive' ? ('positive' as const) : ('signed' as const);
                        return { title: shortTitle(card), kind, map: mainMap(card, answer)! };
                    }),
                );
                const [before, after] = await Promise.all([
                    model.predict(frame.input.data),
                    model.predict(marked.data),
                ]);
                signal.throwIfAborted();
                this.seen = { marked, before, after, maps };
                this.failure = '';
            } catch (error) {
                signal.throwIfAborted();
                this.failure = `It could not be computed: ${reason(error)}.`;
            }
        },
        changed: () => {
            if (this.#rest.frame === null) this.seen = null;
        },
    });

    constructor() {
        super();
        new Uses(this, settings);
    }
    #share(study: Study): Column {
        return columnsOf(study, cardOf)[0]!;
    }

    protected override render() {
        if (!cheat) return '';
        const { study, seen } = this;
        const picture = (index: number) => seen?.maps[index] ?? null;
        const figure = (index: number, words: string) => {
            const each = picture(index);
            return html`<figure>
                <pl-map label="The map of ${each?.title ?? 'a method'} for the marked drawing" .shown=${
                    each && { map: each.map, kind: each.kind, input: seen!.marked }
                }></pl-map>
                <figcaption>${each ? `${each.title} ${words}` : ''}</figcaption>
            </figure>`;
        };
        return html`
            <p class="said" aria-live="polite">${this.#words()}</p>
            <div class="pictures trio">
                <figure>
                    <pl-map label="Your drawing with the mark" .shown=${
                        seen && { map: seen.marked, kind: 'image' }
                    }></pl-map>
                    <figcaption>your drawing with the mark</figcaption>
                </figure>
                ${figure(0, 'shows the mark most')}${figure(1, 'shows it least')}
            </div>
            ${this.failure ? html`<p role="alert" class="failure">${this.failure}</p>` : ''}
            ${
                study
                    ? html`<pl-league .study=${study} .network=${cheat.id} .asked=${study.target}
                label="Who points at the mark" .order=${this.order}
                    @order-change=${({ order }: OrderChange) => (this.order = order)}></pl-league>`
                    : ''
            }
            <pl-groups .entry=${cheat}></pl-groups>
        `;
    }

    #words() {
        const { seen } = this;
        if (!cheat) return '';
        const about = `The network “${cheat.title}” was trained with a small square in the corner of every 8.`;
        if (!seen) return `${about} Draw a digit to see what it makes of yours.`;
        const say = ({ predicted, probabilities }: Prediction) =>
            `${withArticle(predicted)} (${percentWords(probabilities[predicted] ?? 0)}\u00a0%)`;
        return seen.before.predicted === seen.after.predicted
            ? `${about} It reads your drawing as ${say(seen.before)}, with the square as ${say(seen.after)}.`
            : `${about} It reads your drawing as ${say(
                  seen.before,
              )}; with the square in the corner it reads ${say(seen.after)}. A good map gives that away.`;
    }
}

declare global {
    interface HTMLElementTagNameMap {
        'pl-marks': PlMarks;
    }
}
