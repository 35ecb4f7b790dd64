import { LitElement, html, type PropertyValues } from 'lit';
import { customElement, query, state } from 'lit/decorators.js';
import type { Explanation, Image, LiveFrame, Prediction } from 'pellucid';
import { arrows } from '../../core/arrows.ts';
import { icon } from '../../core/icons.ts';
import { inlineStyle } from '../../core/inline-style.ts';
import { mainMap } from '../../core/items.ts';
import { percent, percentWords, signed } from '../../core/numbers.ts';
import { largest } from '../../core/regions.ts';
import { Throttle } from '../../core/throttle.ts';
import { around, hidden, Trail, type Square } from '../../core/window.ts';
import { cardOf, fullParams } from '../../state/ask.ts';
import { phase } from '../../state/engine.ts';
import { preview } from '../../state/preview.ts';
import { count, inAddress } from '../../state/room-settings.ts';
import { Uses } from '../../state/signal.ts';
import { target, withArticle } from '../../state/target.ts';
import { shared } from '../../styles/shared.ts';
import { FrameByFrame } from './frame-by-frame.ts';
import { hidingStyles } from './pl-hiding.css.ts';
import '../../elements/pl-legend.ts';
import '../../elements/pl-map.ts';
import type { PlMap } from '../../elements/pl-map.ts';
import { SeenDrawing } from '../../elements/seen-drawing.ts';

const textMs = 120;
/** What follows the window, beside the probabilities. */
const followers = ['lrp', 'occlusion'] as const;

/** For measurements: everything shows the drawing without the window of the moment `asked`. */
export interface HiddenDetail {
    asked: number;
    milliseconds: number;
    /** The window; null: nothing is hidden. */
    at: Square | null;
}

/** What is left, and what is made of it. */
interface Hidden {
    frame: LiveFrame;
    /** null: nothing is hidden. */
    at: Square | null;
}

/** An eraser that follows the pointer: what it hides the network does not get, and answer and maps follow at once. */
@customElement('pl-hiding')
export class PlHiding extends LitElement {
    static override styles = [shared, hidingStyles];

    @inAddress('why.square', 6, count(14, 1)) private size!: number;
    @state() private first: Prediction | null = null;
    @state() private frame: LiveFrame | null = null;
    /** The window of that frame; null: nothing is hidden. */
    @state() private shownAt: Square | null = null;
    @query('.sheet pl-map') private sheetMap!: PlMap;
    @query('#trail') private trailMap!: PlMap;
    @query('.pad') private pad!: HTMLElement;
    @query('.window') private window!: HTMLElement;
    #input: Image | null = null;
    #trail: Trail | null = null;
    #at: readonly [number, number] | null = null;
    #held = false;
    #touched = false;
    #latest: Hidden | null = null;
    readonly #drawing = new SeenDrawing(this, {
        begin: (frame) => this.#begin(frame),
        // Whose score is followed.
        key: () => String(target.value.digit),
    });
    readonly #frames = new FrameByFrame<Hidden>(
        (quick) => this.#ask(quick),
        (answer, asked) => {
            this.#show(answer);
            const detail: HiddenDetail = { asked, milliseconds: answer.frame.milliseconds, at: answer.at };
            dispatchEvent(new CustomEvent('pellucid:hidden', { detail }));
        },
    );
    readonly #words = new Throttle(textMs, () => {
        this.frame = this.#latest?.frame ?? null;
        this.shownAt = this.#latest?.at ?? null;
    });

    constructor() {
        super();
        new Uses(this, phase);
    }
    override disconnectedCallback(): void {
        super.disconnectedCallback();
        this.#frames.stop();
    }
    protected override updated(changed: PropertyValues): void {
        if (changed.has('size') && this.#input) this.#forget();
    }

    /** The digit whose score is followed: the chosen one, else what is read when nothing is hidden. */
    get #digit(): number {
        return target.value.digit ?? this.first?.predicted ?? 0;
    }

    /** What was hidden before does not count. */
    #begin(now: LiveFrame | null): void {
        this.first = now?.prediction ?? null;
        this.#input = now?.input ?? null;
        if (!now) {
            this.#latest = null;
            this.#trail = null;
            for (const map of this.renderRoot.querySelectorAll('pl-map')) map.show(null);
            this.#words.call();
        } else this.#forget();
    }
    #forget(): void {
        const input = this.#input;
        if (!input || !this.#drawing.inView) return;
        this.#trail = new Trail(input.width, input.height);
        this.#showTrail();
        this.#refresh();
    }

    #refresh(): void {
        this.#moveWindow();
        this.#frames.refresh();
    }
    #moveWindow(): void {
        const at = this.#at;
        this.window.classList.toggle('there', at !== null);
        if (!at || !this.#input) return;
        const { x, y } = around(this.#input, ...at, this.size);
        const cell = 100 / this.#input.width;
        this.window.style.width = this.window.style.height = `${this.size * cell}%`;
        this.window.style.transform = `translate(${(100 * x) / this.size}%, ${(100 * y) / this.size}%)`;
    }

    async #ask(quick: boolean): Promise<Hidden | null> {
        const input = this.#input;
        if (!input || phase.value.name !== 'ready' || !this.isConnected) return null;
        const at = this.#at ? around(input, ...this.#at, this.size) : null;
        const requests = followers.map((method) => {
            const card = cardOf(method);
            // Occlusion hides squares of the same size.
            const own = card?.params.some(({ name }) => name === 'window') ? { window: this.size } : {};
            const params = card && quick ? preview(card, own).params : fullParams({ method, params: own });
            return { method, target: `class:${this.#digit}`, params };
        });
        const frame = await phase.value.model.live(at ? hidden(input, at) : input.data, requests);
        return input === this.#input ? { frame, at } : null;
    }

    /** Bars and maps move with every frame; words and numbers follow a few times a second. */
    #show({ frame, at }: Hidden): void {
        const { input, prediction, explanations } = frame;
        this.sheetMap.show({ map: input, kind: 'image' });
        this.renderRoot.querySelectorAll<HTMLElement>('.bar').forEach((bar, digit) => {
            bar.style.transform = `scaleX(${(prediction.probabilities[digit] ?? 0).toFixed(4)})`;
        });
        followers.forEach((method, index) => {
            const [card, explanation] = [cardOf(method), explanations[index]];
            const map = card && explanation && !(explanation instanceof Error) ? mainMap(card, explanation) : null;
            this.renderRoot
                .querySelector<PlMap>(`#${method}`)
                ?.show(map ? { map, kind: 'signed', input: frame.input, scale: largest(map) } : null);
        });
        if (at && this.first && this.#trail && this.#input) {
            const fall = (this.first.logits[this.#digit] ?? 0) - (prediction.logits[this.#digit] ?? 0);
            this.#trail.add(at, fall);
            this.#showTrail();
        }
        this.#latest = { frame, at };
        this.#words.call();
    }

    #showTrail(): void {
        const map = this.#trail?.toMap();
        this.trailMap.show(map ? { map, kind: 'signed', input: this.#input, scale: largest(map) } : null);
    }

    #place({ clientX, clientY }: PointerEvent): readonly [number, number] {
        const { left, top, width, height } = this.pad.getBoundingClientRect();
        const side = this.#input?.width ?? 28;
        const inside = (at: number) => Math.min(side - 1, Math.max(0, Math.floor(at * side)));
        return [inside((clientX - left) / width), inside((clientY - top) / height)];
    }
    #moveTo(at: readonly [number, number] | null): void {
        if (at?.[0] === this.#at?.[0] && at?.[1] === this.#at?.[1]) return;
        this.#at = at;
        this.#refresh();
    }
    readonly #move = (event: PointerEvent): void => {
        // A finger hides while it is down.
        if (event.pointerType === 'touch' && !this.#held) return;
        this.#touched = true;
        this.#moveTo(this.#place(event));
    };
    readonly #down = (event: PointerEvent): void => {
        this.#held = true;
        // A pointer that does not exist (any more) cannot be held.
        try {
            this.pad.setPointerCapture(event.pointerId);
        } catch {
            // It is followed as long as it is above the drawing.
        }
        this.#move(event);
    };
    readonly #up = (): void => {
        this.#held = false;
    };
    /** What a finger has hidden stays, so that it can be looked at; a mouse uncovers it by leaving. */
    readonly #leave = (event: PointerEvent): void => {
        if (event.pointerType !== 'touch' && !this.#held) this.#moveTo(null);
    };
    readonly #keys = (event: KeyboardEvent): void => {
        const move = arrows[event.key];
        const side = this.#input?.width ?? 28;
        if (event.key === 'Escape' && this.#at) this.#moveTo(null);
        else if (move) {
            const [x, y] = this.#at ?? [(side >> 1) - move[0], (side >> 1) - move[1]];
            const inside = (at: number) => Math.min(side - 1, Math.max(0, at));
            this.#moveTo([inside(x + move[0]), inside(y + move[1])]);
        } else return;
        event.preventDefault();
    };

    protected override render() {
        if (phase.value.name !== 'ready') return html``;
        const { first, frame } = this;
        const probabilities = frame?.prediction.probabilities;
        const windows = this.#trail?.windows ?? 0;
        return html`
            <h2 id="hiding">What if a part were missing?</h2>
            <p class="lead">
                Move over the drawing: what is under the square, the network does not get. Answer, relevance and
                occlusion follow. With a finger,
                drag; with the keyboard, use the arrow keys.
            </p>
            <div class="work">
                <div>
                    <div class="sheet">
                        <pl-map label="What the network gets"></pl-map>
                        <div
                            class="pad"
                            tabindex="0"
                            role="application"
                            aria-roledescription="eraser"
                            aria-label="The drawing: arrow keys move a square that hides a part of it"
                            @pointermove=${this.#move}
                            @pointerdown=${this.#down}
                            @pointerup=${this.#up}
                            @pointercancel=${this.#up}
                            @pointerleave=${this.#leave}
                            @keydown=${this.#keys}
                            @blur=${() => !this.#touched && this.#moveTo(null)}
                        >
                            <span class="window"></span>
                        </div>
                    </div>
                    <div class="size screen">
                        <label for="size">Size</label>
                        <input
                            id="size"
                            type="range"
                            min="1"
                            max="14"
                            step="1"
                            aria-valuetext="${this.size} by ${this.size} pixels"
                            .value=${String(this.size)}
                            @input=${(event: Event) => (this.size = (event.target as HTMLInputElement).valueAsNumber)}
                        />
                        <span class="quiet">${this.size}×${this.size}</span>
                    </div>
                </div>
                <div>
                    <p class="said" aria-live="polite">${this.#said()}</p>
                    <ol aria-label="Probability of each digit, and before">
                        ${Array.from({ length: 10 }, (_, digit) => {
                            const was = first?.probabilities[digit] ?? 0;
                            return html`<li>
                                <span>${digit}</span>
                                <span class="track"><span class="was" ${inlineStyle({
                                    transform: `scaleX(${was.toFixed(4)})`,
                                })}></span><span class="bar"></span></span>
                                <span class="number">${
                                    probabilities ? `${percent(probabilities[digit] ?? 0)} %` : ''
                                }<span class="visually-hidden">, before ${percentWords(was)} %</span></span>
                            </li>`;
                        })}
                    </ol>
                </div>
            </div>
            <div class="maps">
                ${followers.map((method, index) => {
                    const card = cardOf(method);
                    const explanation = frame?.explanations[index];
                    return html`<figure>
                        <pl-map id=${method} label="${card?.title ?? ''} of what is left"></pl-map>
                        <pl-legend kind="signed" .scale=${scaleOf(explanation)}></pl-legend>
                        <figcaption class="quiet"><b>${card?.title}</b> of what is left, for ${this.#digit}</figcaption>
                    </figure>`;
                })}
                <figure>
                    <pl-map id="trail" label="What you found: how much the score fell, place by place"></pl-map>
                    <pl-legend kind="signed" .scale=${this.trailMap?.scale ?? 0}></pl-legend>
                    <figcaption class="quiet">
                        <b>Your own map</b>: by how much the score fell, averaged over the squares you were at
                            (${windows.toLocaleString('en')})
                    </figcaption>
                    <button class="screen" ?disabled=${windows === 0}
                        @click=${() => this.#forget()}>${icon('reset')} Wipe it</button>
                </figure>
            </div>
            <p class="quiet">
                Your own map is what Occlusion computes, one square at a time: once you have been everywhere, it is
                Occlusion’s map of the whole drawing.
            </p>
        `;
    }

    #said(): string {
        const { first, frame, shownAt } = this;
        if (!first || !frame) return 'Draw a digit first.';
        const { prediction } = frame;
        const read = ({ predicted, probabilities }: Prediction) =>
            `${withArticle(predicted)}\u00a0(${percentWords(probabilities[predicted] ?? 0)}\u00a0%)`;
        if (!shownAt) return `With nothing hidden I read ${read(first)}.`;
        const digit = this.#digit;
        const change = (prediction.logits[digit] ?? 0) - (first.logits[digit] ?? 0);
        const score =
            Math.abs(change) < 0.005
                ? `the score of ${digit} stays`
                : `the score of ${digit} changes by ${signed(change)}`;
        return prediction.predicted === first.predicted
            ? `Without this part I still read ${read(prediction)}; ${score}.`
            : `Without this part I read ${read(prediction)} instead of ${read(first)}; ${score}.`;
    }
}

function scaleOf(explanation: Explanation | Error | undefined): number {
    if (!explanation || explanation instanceof Error) return 0;
    return largest(explanation.map);
}

declare global {
    interface HTMLElementTagNameMap {
        'pl-hiding': PlHiding;
    }
}
