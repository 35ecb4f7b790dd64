import { LitElement, css, html, svg } from 'lit';
import { customElement, state } from 'lit/decorators.js';
import type { Drawing } from 'pellucid';
import { icon } from '../core/icons.ts';
import { pen, penWidths, sheet } from '../state/drawing.ts';
import { phase } from '../state/engine.ts';
import { replay, stopReplay } from '../state/replay.ts';
import { Uses } from '../state/signal.ts';
import { shared } from '../styles/shared.ts';

/** Milliseconds in which a sample draws itself: long enough to watch the maps follow. */
const replayMs = 700;
const digits = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];

/** Undo, redo, eraser, brush, samples, clear. */
@customElement('pl-tools')
export class PlTools extends LitElement {
    static override styles = [
        shared,
        css`
            :host {
                display: block;
                position: relative;
                container-type: inline-size;
            }
            [role='toolbar'] {
                display: flex;
                align-items: center;
                gap: var(--gap-1);
            }
            .width {
                display: flex;
                align-items: center;
                gap: var(--gap-2);
                flex: 0 1 170px;
                min-width: 56px;
                padding: 0 var(--gap-2);
            }
            .width input {
                width: 100%;
                min-width: 0;
            }
            .dot {
                width: 24px;
                height: 24px;
                flex: none;
            }
            .samples {
                margin-left: auto;
            }
            .drawer {
                position: absolute;
                z-index: 3;
                top: calc(100% + var(--gap-1));
                left: 0;
                right: 0;
                display: grid;
                grid-template-columns: repeat(5, 1fr);
                gap: var(--gap-2);
                padding: var(--gap-3);
                border: 1px solid var(--line);
                border-radius: var(--radius);
                background: var(--raised);
                box-shadow: var(--lift);
            }
            /* On a phone on its side there is no room beneath. */
            @media (max-height: 560px) {
                .drawer {
                    top: auto;
                    bottom: calc(100% + var(--gap-1));
                }
            }
            .drawer button {
                padding: 0;
                background: var(--paper);
            }
            .drawer svg {
                width: 100%;
                max-width: 76px;
                aspect-ratio: 1;
                fill: none;
                stroke: var(--ink);
                stroke-linecap: round;
                stroke-linejoin: round;
            }
            .drawer p {
                grid-column: 1 / -1;
            }
            .label {
                display: none;
            }
            @container (min-width: 420px) {
                .label {
                    display: inline;
                }
                .drawer {
                    max-width: 448px;
                }
            }
            @container (max-width: 419.9px) {
                .dot {
                    display: none;
                }
                .samples {
                    padding: 0;
                }
            }
        `,
    ];

    @state() private open = false;
    /** One of each digit; other variations come with every choice. */
    @state() private shown: readonly Drawing[] = [];
    #round = Math.floor(Math.random() * 1000);

    constructor() {
        super();
        new Uses(this, pen, phase);
    }
    #version = sheet.version.value;
    #end = () => {};
    override connectedCallback(): void {
        super.connectedCallback();
        // A growing stroke changes nothing here; only its beginning and end do.
        this.#end = sheet.version.subscribe(() => {
            const now = sheet.revision * 1e6 + sheet.strokes.length * 2 + (sheet.active ? 1 : 0);
            if (now !== this.#version) this.requestUpdate();
            this.#version = now;
        });
        document.addEventListener('pointerdown', this.#outside);
    }
    override disconnectedCallback(): void {
        super.disconnectedCallback();
        this.#end();
        document.removeEventListener('pointerdown', this.#outside);
    }

    readonly #outside = (event: PointerEvent): void => {
        if (this.open && !event.composedPath().includes(this)) this.open = false;
    };
    readonly #keydown = (event: KeyboardEvent): void => {
        if (event.key !== 'Escape' || !this.open) return;
        event.stopPropagation();
        this.open = false;
        this.renderRoot.querySelector<HTMLElement>('.samples')?.focus();
    };

    async #toggleSamples(): Promise<void> {
        this.open = !this.open;
        if (!this.open || this.shown.length > 0 || phase.value.name !== 'ready') return;
        const { pellucid } = phase.value;
        const ten = await Promise.all(digits.map((index) => pellucid.penDigit(index)));
        this.shown = digits
            .map((digit) => ten.find(({ label }) => label === digit)?.drawing)
            .filter((drawing) => drawing !== undefined);
    }
    async #take(digit: number): Promise<void> {
        if (phase.value.name !== 'ready') return;
        const { pellucid } = phase.value;
        this.open = false;
        // The label is the index modulo 10.
        const index = (10 * ++this.#round + digit) % pellucid.penDigitCount;
        const { drawing } = await pellucid.penDigit(index);
        replay(drawing, replayMs, false);
    }

    protected override render() {
        const { width, eraser } = pen.value;
        const empty = sheet.strokes.length === 0;
        const act = (work: () => void) => () => {
            stopReplay();
            work();
        };
        return html`
            <div role="toolbar" aria-label="Drawing tools" class="screen">
                <button class="icon bare" aria-label="Undo (Z)" title="Undo (Z)" ?disabled=${!sheet.canUndo}
                    @click=${act(() => sheet.undo())}>
                    ${icon('undo')}
                </button>
                <button class="icon bare" aria-label="Redo (Y)" title="Redo (Y)" ?disabled=${!sheet.canRedo}
                    @click=${act(() => sheet.redo())}>
                    ${icon('redo')}
                </button>
                <button class="icon bare" aria-label="Clear the sheet (C)" title="Clear the sheet (C)"
                    ?disabled=${empty} @click=${act(() => sheet.clear())}>
                    ${icon('clear')}
                </button>
                <button
                    class="icon bare"
                    aria-label="Eraser (E)"
                    title="Eraser (E)"
                    aria-pressed=${eraser}
                    @click=${() => (pen.value = { ...pen.value, eraser: !eraser })}
                >
                    ${icon('eraser')}
                </button>
                <label class="width">
                    <svg class="dot" viewBox="0 0 48 48" aria-hidden="true"><circle cx="24" cy="24" r=${width / 2}
                        fill="currentColor" /></svg>
                    <span class="visually-hidden">Width of the brush</span>
                    <input
                        type="range"
                        min=${penWidths.least}
                        max=${penWidths.most}
                        .value=${String(width)}
                        @input=${(event: Event) =>
                            (pen.value = { ...pen.value, width: Number((event.target as HTMLInputElement).value) })}
                    />
                </label>
                <button
                    class="samples"
                    aria-expanded=${this.open}
                    aria-controls="drawer"
                    aria-label="Samples"
                    ?disabled=${phase.value.name !== 'ready'}
                    @keydown=${this.#keydown}
                    @click=${() => void this.#toggleSamples()}
                >
                    ${icon('sample')}<span class="label">Samples</span>
                </button>
            </div>
            <div id="drawer" class="drawer" ?hidden=${!this.open} @keydown=${this.#keydown}>
                <p class="quiet">Written by our own program; each choice draws another variation.</p>
                ${this.shown.map(
                    (drawing, digit) => html`
                        <button aria-label="Draw ${digit}" @click=${() => void this.#take(digit)}>
                            <svg viewBox=${frame(drawing)} aria-hidden="true">
                                ${drawing.strokes.map(
                                    ({ points, width: line }) => svg`<path stroke-width=${line} d=${path(points)} />`,
                                )}
                            </svg>
                        </button>
                    `,
                )}
            </div>
        `;
    }
}

/** The square around the ink. */
function frame({ strokes }: Drawing): string {
    const xs = strokes.flatMap(({ points, width }) =>
        Array.from(points).flatMap((value, index) => (index % 3 === 0 ? [value - width / 2, value + width / 2] : [])),
    );
    const ys = strokes.flatMap(({ points, width }) =>
        Array.from(points).flatMap((value, index) => (index % 3 === 1 ? [value - width / 2, value + width / 2] : [])),
    );
    const [left, right, top, bottom] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
    const side = 1.15 * Math.max(right - left, bottom - top);
    return `${(left + right - side) / 2} ${(top + bottom - side) / 2} ${side} ${side}`;
}

function path(points: Float32Array): string {
    let d = '';
    for (let at = 0; at + 1 < points.length; at += 3)
        d += `${at === 0 ? 'M' : 'L'}${points[at]?.toFixed(1)} ${points[at + 1]?.toFixed(1)}`;
    return d;
}
