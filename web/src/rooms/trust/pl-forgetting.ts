import { LitElement, html } from 'lit';
import { customElement, state } from 'lit/decorators.js';
import type { Frames, Image, Series } from 'pellucid';
import { icon } from '../../core/icons.ts';
import { mainKind, pictures } from '../../core/items.ts';
import { short } from '../../core/numbers.ts';
import { largest } from '../../core/regions.ts';
import '../../elements/pl-legend.ts';
import '../../elements/pl-map.ts';
import { Resting } from '../../elements/resting.ts';
import { cardOf, plainly } from '../../state/ask.ts';
import { count, inAddress } from '../../state/room-settings.ts';
import { settings } from '../../state/settings.ts';
import { Uses } from '../../state/signal.ts';
import { shortTitle, viewKey } from '../../state/views.ts';
import { shared } from '../../styles/shared.ts';
import '../../views/series/pl-series.ts';
import { experimentStyles } from './experiment.css.ts';
import { forget, likeness, namesOf } from './forgetting.ts';
import './pl-subject.ts';
import { subject } from './subject.ts';

interface Tested {
    input: Image;
    title: string;
    kind: 'signed' | 'positive';
    maps: Image[];
    spearman: Series;
    ssim: Series;
    /** The layers, in the order in which they forget. */
    layers: string[];
}

/** Layer by layer, from the top, the network forgets what it learned; a map that explains it must change. */
@customElement('pl-forgetting')
export class PlForgetting extends LitElement {
    static override styles = [shared, experimentStyles];

    @inAddress('trust.forgotten', 0, count(100)) private stage!: number;
    @inAddress('trust.seed', 0, count()) private seed!: number;
    @state() private tested: Tested | null = null;
    @state() private failure = '';
    readonly #rest: Resting = new Resting(this, {
        work: async (about, signal) => {
            const view = subject.value;
            const card = cardOf(view.method);
            if (!card) return;
            this.failure = '';
            const { frame, model } = about;
            try {
                const { outputs } = await forget(view, about, this.seed, signal);
                const kind = mainKind(card) === 'positive' ? 'positive' : 'signed';
                const { images } = outputs['maps'] as Frames;
                this.tested = {
                    input: frame.input,
                    title: shortTitle(card),
                    kind,
                    maps: images.map((image) => pictures(image, kind)[0]!),
                    spearman: outputs['spearman'] as Series,
                    ssim: outputs['ssim'] as Series,
                    layers: namesOf(model, images.length - 1),
                };
            } catch (error) {
                signal.throwIfAborted();
                this.tested = null;
                this.failure = plainly(error instanceof Error ? error.message : String(error));
            }
        },
        changed: () => {
            if (this.#rest.frame === null) this.tested = null;
        },
        key: () => `${viewKey(subject.value)} ${this.seed}`,
    });

    constructor() {
        super();
        new Uses(this, subject, settings);
    }

    protected override render() {
        const { tested } = this;
        const last = tested ? tested.layers.length : 5;
        const stage = Math.min(this.stage, last);
        const shown = tested?.maps[stage];
        const forgotten = tested?.layers.slice(0, stage) ?? [];
        const picture = (map: Image | undefined) =>
            tested && map ? { map, kind: tested.kind, input: tested.input } : null;
        return html`
            <pl-subject></pl-subject>
            <p class="said" aria-live="polite">${this.#words(stage)}</p>
            <div class="bench">
                <div>
                    <div class="pictures">
                        <figure>
                            <pl-map label="The map of the trained network" .shown=${picture(tested?.maps[0])}></pl-map>
                            <pl-legend kind=${tested?.kind ?? 'signed'}
                                .scale=${tested ? largest(tested.maps[0]!) : 0}></pl-legend>
                            <figcaption>of the trained network</figcaption>
                        </figure>
                        <figure>
                            <pl-map id="forgotten" label="The map with random weights in ${stage} layers"
                                .shown=${picture(shown)}></pl-map>
                            <pl-legend kind=${tested?.kind ?? 'signed'}
                                .scale=${shown ? largest(shown) : 0}></pl-legend>
                            <figcaption>${stage === 0 ? 'the same' : `${stage} of ${last} layers random`}</figcaption>
                        </figure>
                    </div>
                    <label class="knob screen">
                        <span>Layers that forget: <b>${stage === 0 ? 'none' : forgotten.join(', ')}</b></span>
                        <input
                            id="stage"
                            type="range"
                            min="0"
                            max=${last}
                            step="1"
                            aria-valuetext=${stage === 0 ? 'none' : `${stage} of ${last}: ${forgotten.join(', ')}`}
                            .value=${String(stage)}
                            @input=${(event: Event) => (this.stage = (event.target as HTMLInputElement).valueAsNumber)}
                        />
                    </label>
                    <button class="screen" @click=${() => this.seed++}>${icon('reset')} Other random weights</button>
                </div>
                <div class="chart">
                    ${
                        tested
                            ? html`<pl-series
                              .curves=${[
                                  {
                                      name: 'rank correlation',
                                      at: tested.spearman.at,
                                      values: tested.spearman.values[0]!,
                                  },
                                  { name: 'structural similarity', at: tested.ssim.at, values: tested.ssim.values[0]! },
                              ]}
                              .mark=${stage}
                              name="Likeness"
                              along="layers with random weights"
                              unit="similarity"
                              label="Likeness with the trained network’s map as layers forget"
                          ></pl-series>`
                            : ''
                    }
                </div>
            </div>
            ${this.failure ? html`<p role="alert" class="failure">${this.failure}</p>` : ''}
        `;
    }

    #words(stage: number) {
        const { tested } = this;
        if (!tested)
            return this.failure ? '' : 'Draw a digit: its map can be asked then whether it shows the network at all.';
        const { title, layers } = tested;
        if (stage === 0)
            return [
                'Move the slider: layer by layer, from the answer down, the network of this map forgets what it',
                `learned. If ${title} explains the network, its map must go.`,
            ].join(' ');
        const [rank, structure] = [tested.spearman.values[0]![stage]!, tested.ssim.values[0]![stage]!];
        const who =
            stage === layers.length
                ? 'With no trained layer left'
                : `With random weights in ${layers.slice(0, stage).join(', ')}`;
        return `${who}, the map of ${title} is ${likeness(
            rank,
        )} that of the trained network: rank correlation ${short(rank)}, structural similarity ${short(structure)}.${
            stage === layers.length
                ? Math.abs(rank) >= 0.4
                    ? ' So it shows the drawing more than the network.'
                    : ' So what it showed came from what the network had learned.'
                : ''
        }`;
    }
}

declare global {
    interface HTMLElementTagNameMap {
        'pl-forgetting': PlForgetting;
    }
}
