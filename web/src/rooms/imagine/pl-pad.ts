import { css, html } from 'lit';
import { customElement, query, state } from 'lit/decorators.js';
import type { ExplainRequest, Explanation, Model, Params, Scores } from 'pellucid';
import { inlineStyle } from '../../core/inline-style.ts';
import { percentWords } from '../../core/numbers.ts';
import '../../elements/pl-map.ts';
import type { PlMap } from '../../elements/pl-map.ts';
import { Newest } from '../../state/ask.ts';
import { amount, count, digits as digitsText, inAddress } from '../../state/room-settings.ts';
import { reducedMotion } from '../../state/settings.ts';
import { withArticle } from '../../state/target.ts';
import { shared } from '../../styles/shared.ts';
import { imagineStyles } from './imagine.css.ts';
import { ImaginePart } from './part.ts';
import './pl-strip.ts';

const digits = Array.from({ length: 10 }, (_, digit) => digit);
/** Pictures along a side of the pad. */
const side = 7;
const method = 'am_code_space';
/** Steps to find a digit's code: from the best of many, few lead far enough. */
const codeSteps = 40;
/** A walk around the pad takes this long. */
const walkMs = 9000;

/** The generator's code as a pad: four digits' codes in its corners, and whatever lies between them. */
@customElement('pl-pad')
export class PlPad extends ImaginePart {
    static override styles = [
        shared,
        imagineStyles,
        css`
            .pad {
                display: grid;
                grid-template-columns: minmax(0, 336px) minmax(0, 224px);
                align-items: start;
                gap: var(--gap-4) var(--gap-5);
            }
            .field {
                position: relative;
                touch-action: none;
                cursor: crosshair;
            }
            .dot {
                position: absolute;
                width: 18px;
                height: 18px;
                margin: -9px 0 0 -9px;
                border: 2px solid var(--paper);
                border-radius: 50%;
                background: var(--accent);
                pointer-events: none;
            }
            .corners {
                display: flex;
                justify-content: space-between;
                min-height: var(--touch);
            }
            .ways {
                display: grid;
                grid-template-columns: auto minmax(0, 1fr);
                align-items: center;
                gap: 0 var(--gap-3);
                margin-top: var(--gap-2);
            }
            @media (max-width: 479px) {
                .pad {
                    grid-template-columns: minmax(0, 1fr);
                }
                .here {
                    display: grid;
                    grid-template-columns: 140px minmax(0, 1fr);
                    grid-template-rows: auto 1fr;
                    gap: 0 var(--gap-3);
                }
                .here pl-map {
                    grid-row: 1 / 3;
                }
            }
        `,
    ];

    @inAddress('imagine.corners', [3, 8, 1, 7], digitsText(4)) private corners!: readonly number[];
    @inAddress('imagine.across', 0.5, amount(0, 1)) private x!: number;
    @inAddress('imagine.down', 0.5, amount(0, 1)) private y!: number;
    @inAddress('imagine.padseed', 0, count()) private seed!: number;
    @state() private read: { digit: number; sure: number } | null = null;
    @state() private walking = false;
    @query('.field pl-map') private field!: PlMap | null;
    @query('.here pl-map') private here!: PlMap | null;
    /** The code of each digit. */
    #codes: readonly Float32Array[] = [];
    #walk = 0;
    readonly #newest = new Newest<Float32Array, Explanation>(
        async (code) => (await this.#pictures([code]))[0]!,
        (answer) => {
            if (answer instanceof Error) return console.error(answer);
            this.here?.show({ map: answer.map, kind: 'image' });
            const [digit, sure] = ['predicted', 'probability'].map(
                (name) => (answer.outputs[name] as number[])[0] ?? 0,
            );
            this.read = { digit: digit!, sure: sure! };
        },
    );

    protected override willUpdate(): void {
        super.willUpdate();
        if (this.group) return;
        this.#codes = [];
        this.read = null;
        this.#stay();
    }
    override disconnectedCallback(): void {
        super.disconnectedCallback();
        this.#stay();
    }

    readonly #begin = async (): Promise<void> => {
        this.#stay();
        const card = this.card(method);
        if (!card) return;
        const params: Params = { steps: codeSteps, seed: this.seed };
        const group = await this.launch([method], (model) => [
            { card, params, targets: digits.map((digit) => `class:${digit}`), input: this.drawing(model), model },
        ]);
        await group?.ended;
        const found = group === this.group ? (group?.answers[0]?.outputs['code'] as Scores | undefined) : undefined;
        if (!found) return;
        this.#codes = found.values;
        await this.#lay();
        this.#go();
    };

    /** What the generator makes of codes, and how that is read: a step of no length. */
    async #pictures(codes: readonly Float32Array[]): Promise<Explanation[]> {
        const model = this.model as Model;
        const requests: ExplainRequest[] = codes.map((code) => ({
            method,
            target: 'class:0',
            params: { code, steps: 1, learning_rate: 0 },
        }));
        const { explanations } = await model.live(this.drawing(model), requests);
        return explanations.map((each) => {
            if (each instanceof Error) throw each;
            return each;
        });
    }
    /** Between the four corners' codes. */
    #code(x: number, y: number): Float32Array {
        const [a, b, c, d] = this.corners.map((digit) => this.#codes[digit]!);
        return a!.map((value, i) => (1 - y) * ((1 - x) * value + x * b![i]!) + y * ((1 - x) * c![i]! + x * d![i]!));
    }

    /** Lays the pad out: a picture for every place of a coarse grid. */
    async #lay(): Promise<void> {
        if (this.#codes.length === 0) return;
        const places = Array.from(
            { length: side * side },
            (_, i) => [(i % side) / (side - 1), Math.floor(i / side) / (side - 1)] as const,
        );
        const { corners } = this;
        const answers = await this.#pictures(places.map(([x, y]) => this.#code(x, y)));
        if (corners !== this.corners) return;
        const { height, width } = answers[0]!.map;
        const data = new Float32Array(side * side * height * width);
        answers.forEach(({ map }, i) => {
            for (let row = 0; row < height; row++) {
                const to = ((Math.floor(i / side) * height + row) * side + (i % side)) * width;
                data.set(map.data.subarray(row * width, (row + 1) * width), to);
            }
        });
        this.field?.show({ map: { data, height: side * height, width: side * width, channels: 1 }, kind: 'image' });
    }
    #go(x = this.x, y = this.y): void {
        this.x = Math.min(1, Math.max(0, x));
        this.y = Math.min(1, Math.max(0, y));
        if (this.#codes.length > 0) this.#newest.ask(this.#code(this.x, this.y));
    }
    readonly #point = (event: PointerEvent): void => {
        const moved = event.type === 'pointermove';
        if (moved && event.buttons === 0 && event.pointerType !== 'mouse') return;
        const target = event.currentTarget as HTMLElement;
        if (!moved) {
            target.setPointerCapture(event.pointerId);
            this.#stay();
        }
        if (this.walking || (moved && event.buttons === 0)) return;
        const box = target.getBoundingClientRect();
        this.#go((event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height);
    };

    #stay(): void {
        cancelAnimationFrame(this.#walk);
        this.walking = false;
    }
    /** Around the pad and through its middle, in an eight. */
    readonly #stroll = (): void => {
        if (this.walking) {
            this.#stay();
            return;
        }
        this.walking = true;
        const began = performance.now();
        const next = (now: number) => {
            const turn = (2 * Math.PI * (now - began)) / walkMs;
            this.#go(0.5 + 0.5 * Math.sin(turn), 0.5 + 0.5 * Math.sin(2 * turn));
            this.#walk = requestAnimationFrame(next);
        };
        this.#walk = requestAnimationFrame(next);
    };

    protected override render() {
        const { model } = this;
        if (!model) return html``;
        const there = this.#codes.length > 0;
        const corner = (index: number, where: string) => html`<label>
            <span class="visually-hidden">Digit ${where}</span>
            <select
                @change=${(event: Event) => {
                    const digit = Number((event.target as HTMLSelectElement).value);
                    this.corners = this.corners.map((each, i) => (i === index ? digit : each));
                    void this.#lay().then(() => this.#go());
                }}
            >
                ${digits.map(
                    (digit) => html`<option value=${digit}
                    ?selected=${digit === this.corners[index]}>${digit}</option>`,
                )}
            </select>
        </label>`;
        const along = (
            name: string,
            value: number,
            set: (value: number) => void,
        ) => html`<label class="quiet" for=${name}>${name}</label>
            <input id=${name} type="range" min="0" max="1" step="0.02" ?disabled=${!there} .value=${String(value)}
                @input=${(event: Event) => {
                    this.#stay();
                    set((event.target as HTMLInputElement).valueAsNumber);
                }} />`;
        return html`
            <h2 tabindex="-1">What lies between two digits?</h2>
            <p class="intro">
                A generator that was trained beside this network makes a digit of sixteen numbers. The four corners of
                the pad are the numbers of four digits; every place between them is a mixture of numbers, not of
                pictures.
            </p>
            <div class="choices screen">
                <pl-strip .group=${this.group} .missing=${this.missing(method)} begin="Find the corners"
                    name="the search" @group-start=${() => {
                        if (this.group) this.seed++;
                        void this.#begin();
                    }}></pl-strip>
                <button ?disabled=${!there || reducedMotion()} @click=${this.#stroll}>${
                    this.walking ? 'Stand still' : 'Take a walk'
                }</button>
            </div>
            <div class="pad">
                <div>
                    <div class="corners">${corner(0, 'at the upper left')}${corner(1, 'at the upper right')}</div>
                    <div class="field" @pointerdown=${this.#point} @pointermove=${this.#point}>
                        <pl-map label="Pictures between the digits ${this.corners.join(', ')}"></pl-map>
                        ${
                            there
                                ? html`<span class="dot" ${inlineStyle({
                                      left: `${100 * this.x}%`,
                                      top: `${100 * this.y}%`,
                                  })}></span>`
                                : ''
                        }
                    </div>
                    <div class="corners">${corner(2, 'at the lower left')}${corner(3, 'at the lower right')}</div>
                </div>
                <figure class="here">
                    <pl-map label="The picture at this place${
                        this.read ? `, read as ${this.read.digit}` : ''
                    }"></pl-map>
                    <figcaption class="said" aria-live="polite">${
                        this.read
                            ? `I read ${withArticle(this.read.digit)} here (${percentWords(this.read.sure)} %).`
                            : ''
                    }</figcaption>
                    <div class="ways screen">
                        ${along('across', this.x, (x) => this.#go(x, this.y))}
                        ${along('down', this.y, (y) => this.#go(this.x, y))}
                    </div>
                </figure>
            </div>
        `;
    }
}

declare global {
    interface HTMLElementTagNameMap {
        'pl-pad': PlPad;
    }
}
