import { LitElement, css, html, type PropertyValues } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import type { Frames, Image, MapKind } from 'pellucid';
import { icon } from '../../core/icons.ts';
import { pictures } from '../../core/items.ts';
import { largest } from '../../core/regions.ts';
import { reducedMotion } from '../../state/settings.ts';
import { shared } from '../../styles/shared.ts';
import '../../elements/pl-legend.ts';
import '../../elements/pl-map.ts';
import { legendOf } from '../map/view.ts';

/** All pictures of a run go by in this time, none faster than a frame of a film. */
const playMs = 3000;
const leastMs = 42;

/** A sequence of pictures with a slider through it; a run that goes on is followed as long as one is at its end. */
@customElement('pl-frames')
export class PlFrames extends LitElement {
    static override styles = [
        shared,
        css`
            :host {
                display: grid;
                grid-template-columns: minmax(0, 1fr);
                gap: var(--gap-2);
            }
            .pictures {
                display: grid;
                grid-template-columns: repeat(auto-fit, minmax(56px, 1fr));
                gap: var(--gap-2);
                max-width: 392px;
            }
            .pictures.one {
                grid-template-columns: minmax(0, 252px);
            }
            :host([small]) .pictures.one {
                grid-template-columns: minmax(0, 1fr);
            }
            .scrub {
                display: flex;
                align-items: center;
                gap: var(--gap-2);
                max-width: 392px;
            }
            input {
                flex: 1;
                min-width: 0;
            }
            :host([small]) .scrub {
                gap: var(--gap-1);
            }
            .step {
                min-width: 9ch;
                text-align: right;
            }
            pl-legend {
                max-width: 252px;
            }
        `,
    ];

    @property({ attribute: false }) frames!: Frames;
    @property() kind: MapKind = 'image';
    @property() name = '';
    @property({ type: Boolean, reflect: true }) small = false;
    /** With the slider, and the button that plays it. */
    @property({ attribute: false }) controls = true;
    /** null: the newest. */
    @state() private at: number | null = null;
    @state() private playing = false;
    #timer: ReturnType<typeof setInterval> | undefined;

    override disconnectedCallback(): void {
        super.disconnectedCallback();
        this.#stop();
    }
    protected override willUpdate(changed: PropertyValues<this>): void {
        if (changed.has('frames') && this.at !== null && this.at >= this.frames.images.length) this.at = null;
    }

    #stop(): void {
        clearInterval(this.#timer);
        this.playing = false;
    }
    #play(): void {
        const count = this.frames.images.length;
        if (this.playing || count < 2) {
            this.#stop();
            return;
        }
        if (this.at === null || this.at >= count - 1) this.at = 0;
        this.playing = true;
        this.#timer = setInterval(
            () => {
                const next = (this.at ?? 0) + 1;
                this.at = next >= this.frames.images.length - 1 ? null : next;
                if (this.at === null) this.#stop();
            },
            Math.max(leastMs, playMs / count),
        );
    }

    protected override render() {
        const { images, steps } = this.frames;
        const last = images.length - 1;
        const at = Math.min(this.at ?? last, last);
        const image = images[at];
        if (!image) return html`<p class="quiet">No picture yet.</p>`;
        const kind = this.kind;
        const shown = pictures(image, kind);
        // One scale for the whole sequence, so that growing looks like growing.
        const scale = kind === 'image' ? 1 : Math.max(0, ...images.map((each: Image) => largest(each)));
        return html`
            <div class="pictures ${shown.length === 1 ? 'one' : ''}">
                ${shown.map(
                    (map, index) => html`<pl-map
                    label="${this.name} at step ${steps[at] ?? at}${shown.length > 1 ? `, ${index}` : ''}"
                        .shown=${{ map, kind, scale }}></pl-map>`,
                )}
            </div>
            ${
                !this.controls
                    ? ''
                    : html`
                ${
                    kind === 'image' || this.small
                        ? ''
                        : html`<pl-legend kind=${legendOf(kind)}
                    .scale=${scale}></pl-legend>`
                }
                <div class="scrub screen">
                    <button class="icon" aria-label=${this.playing ? 'Hold' : 'Play'}
                        ?disabled=${last < 1 || reducedMotion()} @click=${() => this.#play()}>
                        ${icon(this.playing ? 'pause' : 'play')}
                    </button>
                    <input
                        type="range"
                        aria-label="Step of ${this.name}"
                        min="0"
                        max=${Math.max(last, 1)}
                        step="1"
                        ?disabled=${last < 1}
                        aria-valuetext="step ${steps[at] ?? at}"
                        .value=${String(at)}
                        @input=${(event: Event) => {
                            this.#stop();
                            const value = (event.target as HTMLInputElement).valueAsNumber;
                            this.at = value >= last ? null : value;
                        }}
                    />
                    ${
                        this.small
                            ? ''
                            : html`<span class="quiet step">step
                    ${(steps[at] ?? at).toLocaleString('en')}</span>`
                    }
                </div>`
            }
        `;
    }
}

declare global {
    interface HTMLElementTagNameMap {
        'pl-frames': PlFrames;
    }
}
