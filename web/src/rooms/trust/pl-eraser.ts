import { LitElement, html } from 'lit';
import { customElement, state } from 'lit/decorators.js';
import type { Image, Model, Prediction, TargetText } from 'pellucid';
import { mainKind, mainMap } from '../../core/items.ts';
import { percentWords, short } from '../../core/numbers.ts';
import '../../elements/pl-legend.ts';
import '../../elements/pl-map.ts';
import { Resting } from '../../elements/resting.ts';
import { cardOf, fullParams, Newest, plainly } from '../../state/ask.ts';
import { attachStrokes, needsStrokes, whenNeedsAreThere } from '../../state/belongings.ts';
import { sheet } from '../../state/drawing.ts';
import { judgedTarget, settingText } from '../../state/judge.ts';
import { count, inAddress, oneOf } from '../../state/room-settings.ts';
import { settings } from '../../state/settings.ts';
import { Uses } from '../../state/signal.ts';
import { spellTarget, withArticle } from '../../state/target.ts';
import { shortTitle, viewKey } from '../../state/views.ts';
import { largest } from '../../core/regions.ts';
import { shared } from '../../styles/shared.ts';
import '../../views/series/pl-series.ts';
import { areaUnder, curvesOf, erased, pixelsAt, rankedPixels, steps, type Curves, type Way } from './erasing.ts';
import { experimentStyles } from './experiment.css.ts';
import './pl-subject.ts';
import { subject } from './subject.ts';

/** One map of one drawing, and what its order of pixels does. */
interface Tested {
    model: Model;
    input: Image;
    map: Image;
    order: number[];
    target: TargetText;
    title: string;
    kind: 'signed' | 'positive';
    curves: Record<Way, Curves>;
}

/**
 * Takes away what a map ranks highest, or brings back nothing else, and watches the probability; against random order.
 */
@customElement('pl-eraser')
export class PlEraser extends LitElement {
    static override styles = [shared, experimentStyles];

    @inAddress('trust.erased', 6, count(steps)) private step!: number;
    @inAddress('trust.way', 'deletion', oneOf<Way>(['deletion', 'insertion'])) private way!: Way;
    @state() private tested: Tested | null = null;
    @state() private failure = '';
    /** What the network reads in what is left. */
    @state() private read: Prediction | null = null;
    readonly #reading = new Newest<{ model: Model; image: Image }, Prediction>(
        ({ model, image }) => model.predict(image.data),
        (answer) => (this.read = answer instanceof Error ? null : answer),
    );
    readonly #rest: Resting = new Resting(this, {
        work: async ({ frame, model, modelId }, signal) => {
            const view = subject.value;
            const card = cardOf(view.method);
            if (!card) return;
            this.failure = '';
            try {
                await whenNeedsAreThere(card, model, modelId);
                if (needsStrokes(card, view.params)) await attachStrokes(model, sheet.toDrawing());
                const target = judgedTarget('deletion', model);
                const answer = await model.explain(card.id, frame.input.data, {
                    target: judgedTarget(card.id, model),
                    params: fullParams(view),
                    signal,
                });
                const map = mainMap(card, answer);
                if (!map) return;
                const ask = (way: Way) => curvesOf(way, model, frame.input, map, target, signal);
                const curves = { deletion: await ask('deletion'), insertion: await ask('insertion') };
                const kind = mainKind(card) === 'positive' ? 'positive' : 'signed';
                const title = shortTitle(card);
                this.tested = { model, input: frame.input, map, order: rankedPixels(map), target, title, kind, curves };
            } catch (error) {
                signal.throwIfAborted();
                this.tested = null;
                this.failure = plainly(error instanceof Error ? error.message : String(error));
            }
        },
        changed: () => {
            if (this.#rest.frame === null) this.tested = null;
        },
        key: () => viewKey(subject.value),
    });

    constructor() {
        super();
        new Uses(this, subject, settings);
    }
    protected override updated(changed: Map<PropertyKey, unknown>): void {
        if (!['step', 'way', 'tested'].some((name) => changed.has(name))) return;
        const image = this.#left();
        if (this.tested && image) this.#reading.ask({ model: this.tested.model, image });
    }
    #left(): Image | null {
        const { tested } = this;
        return tested && erased(tested.input, tested.order, this.step, this.way, tested.model.range.low[0] ?? 0);
    }

    protected override render() {
        const { tested, step, way } = this;
        const curves = tested?.curves[way];
        const left = this.#left();
        const share = Math.round((100 * step) / steps);
        return html`
            <pl-subject></pl-subject>
            <p class="said" aria-live="polite">${this.#words()}</p>
            <div class="bench">
                <div>
                    <div class="pictures">
                        <figure>
                            <pl-map label="The map that is tested" .shown=${
                                tested && { map: tested.map, kind: tested.kind, input: tested.input }
                            }></pl-map>
                            <pl-legend kind=${tested?.kind ?? 'signed'}
                                .scale=${tested ? largest(tested.map) : 0}></pl-legend>
                            <figcaption>what the map points at</figcaption>
                        </figure>
                        <figure>
                            <pl-map label="What is left of the drawing"
                                .shown=${left && { map: left, kind: 'image' }}></pl-map>
                            <figcaption>${
                                way === 'deletion' ? 'what is left of the drawing' : 'what has come back of it'
                            }</figcaption>
                        </figure>
                    </div>
                    <label class="knob screen">
                        <span>${
                            way === 'deletion' ? 'Take away' : 'Bring back'
                        } the highest-ranked <b>${share} %</b> of all pixels</span>
                        <input
                            id="erased"
                            type="range"
                            min="0"
                            max=${steps}
                            step="1"
                            aria-valuetext="${share} percent"
                            .value=${String(step)}
                            @input=${(event: Event) => (this.step = (event.target as HTMLInputElement).valueAsNumber)}
                        />
                    </label>
                    <div class="row screen" role="radiogroup" aria-label="What is done">
                        ${(['deletion', 'insertion'] as const).map(
                            (each) =>
                                html`<label><input type="radio" name="way" value=${each} .checked=${way === each}
                                    @change=${() => (this.way = each)}
                                        />${each === 'deletion' ? 'take away' : 'bring back onto empty paper'}</label>`,
                        )}
                    </div>
                </div>
                <div class="chart">
                    ${
                        tested && curves
                            ? html`<pl-series
                              .curves=${[
                                  { name: tested.title, at: curves.at, values: curves.ranked },
                                  { name: 'random order', at: curves.at, values: curves.random },
                              ]}
                              .mark=${step}
                              name="Probability"
                              along="share of the pixels"
                              unit="share"
                              label="Probability of ${spellTarget(tested.target)} as pixels ${
                                  way === 'deletion' ? 'go' : 'come'
                              }, in the order of ${tested.title} and in random order"
                          ></pl-series>`
                            : ''
                    }
                </div>
            </div>
            ${this.failure ? html`<p role="alert" class="failure">${this.failure}</p>` : ''}
        `;
    }

    #words() {
        const { tested, step, way, read } = this;
        if (!tested) return this.failure ? '' : 'Draw a digit: what a map points at can be taken away then.';
        const curves = tested.curves[way];
        const [ranked, random] = [curves.ranked[step] ?? NaN, curves.random[step] ?? NaN];
        const value = (number: number) =>
            number >= 0 && number <= 1 ? `${percentWords(number)}\u00a0%` : short(number);
        const what = /^\w+:/.test(tested.target)
            ? `the probability of ${spellTarget(tested.target)}`
            : 'the probability of the answer';
        const count = pixelsAt(step, tested.order.length);
        const pixels = count === 1 ? 'one pixel' : `the ${count.toLocaleString('en')} pixels`;
        const done =
            step === 0
                ? way === 'deletion'
                    ? 'Nothing is taken away yet'
                    : 'The paper is empty'
                : `${way === 'deletion' ? 'Without' : 'With nothing but'} ${pixels} that ${tested.title} ranks highest`;
        const seen = read ? `, and I read ${withArticle(read.predicted)}` : '';
        const areas = [areaUnder(curves.ranked), areaUnder(curves.random)] as const;
        const better = way === 'deletion' ? areas[0] < areas[1] : areas[0] > areas[1];
        return html`${done}${step === 0 ? ':' : ','} ${what} is ${value(ranked)}${seen}; in random order it would be
            ${value(random)}.
            <span class="quiet" data-setting=${settingText(subject.value)}>Area under the curve:
                ${short(areas[0])}, in random order ${short(areas[1])};
                ${better ? 'better' : 'no better'} than chance.</span>`;
    }
}

declare global {
    interface HTMLElementTagNameMap {
        'pl-eraser': PlEraser;
    }
}
