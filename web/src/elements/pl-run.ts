import { LitElement, css, html, type PropertyValues } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { icon } from '../core/icons.ts';
import { duration } from '../core/numbers.ts';
import { newest } from '../state/live.ts';
import type { Task } from '../state/task.ts';
import { shared } from '../styles/shared.ts';

/** Shorter computations are over before one could read of them, in s. */
const worthShowing = 0.4;

/**
 * A computation that takes its time: how far it is, how long it will take, pause and stop; or the button that begins
 * it.
 */
@customElement('pl-run')
export class PlRun extends LitElement {
    static override styles = [
        shared,
        css`
            :host {
                display: block;
            }
            .strip {
                display: grid;
                grid-template-columns: minmax(0, 1fr) auto;
                align-items: center;
                gap: 0 var(--gap-2);
                min-height: var(--touch);
            }
            :host([narrow]) .strip {
                grid-template-columns: minmax(0, 1fr);
                gap: var(--gap-1);
            }
            .words {
                font-variant-numeric: tabular-nums;
            }
            .track {
                display: block;
                height: 6px;
                margin-top: 4px;
                border-radius: 3px;
                background: var(--line);
                overflow: hidden;
            }
            .bar {
                display: block;
                height: 100%;
                background: var(--accent);
                transform-origin: 0 0;
                transition: transform var(--moment);
            }
            .buttons {
                display: flex;
                gap: var(--gap-1);
            }
        `,
    ];

    @property({ attribute: false }) run: Task | undefined;
    /** Nothing is computed before it is asked for: there is a button to begin. */
    @property({ type: Boolean }) asked = false;
    /** Little room: the buttons stand beneath the words. */
    @property({ type: Boolean, reflect: true }) narrow = false;
    /** Why it cannot begin. */
    @property() missing = '';
    /** It explains the drawing, and so can fall behind it. */
    @property({ type: Boolean }) ofDrawing = false;
    #end = () => {};
    #clock: ReturnType<typeof setInterval> | undefined;

    override disconnectedCallback(): void {
        super.disconnectedCallback();
        this.#end();
        clearInterval(this.#clock);
    }
    override connectedCallback(): void {
        super.connectedCallback();
        this.#follow();
    }
    protected override willUpdate(changed: PropertyValues<this>): void {
        if (changed.has('run')) this.#follow();
    }
    #follow(): void {
        this.#end();
        clearInterval(this.#clock);
        if (!this.run) return;
        const { run } = this;
        const ends = [
            run.changed.subscribe(() => this.requestUpdate()),
            newest.subscribe(() => (run.active || this.asked ? this.requestUpdate() : undefined)),
        ];
        this.#end = () => {
            for (const end of ends) end();
        };
        this.#clock = setInterval(() => {
            if (run.state === 'running') this.requestUpdate();
        }, 500);
    }
    protected override updated(): void {
        const bar = this.renderRoot.querySelector<HTMLElement>('.bar');
        if (bar) bar.style.transform = `scaleX(${(this.run?.progress ?? 0).toFixed(4)})`;
    }

    /** The drawing has changed since. */
    get #behind(): boolean {
        const [before, now] = [this.run?.frame?.input.data, newest.value?.input.data];
        return (
            this.ofDrawing && before !== undefined && now !== undefined && before.some((value, i) => value !== now[i])
        );
    }

    protected override render() {
        const { run, asked, missing } = this;
        const begin = (words: string) => html`<button class="main" ?disabled=${missing !== ''} @click=${() =>
            this.dispatchEvent(new Event('run-start'))}>
            ${icon('play')} ${words}
        </button>`;
        if (!run)
            return asked
                ? html`<div class="strip"><span class="quiet">${
                      missing || 'It takes its time, and begins when you say so.'
                  }</span><span class="buttons">${begin('Start')}</span></div>`
                : '';
        if (!asked && (run.state === 'done' || run.seconds < worthShowing)) return '';
        return html`
            <div class="strip" role="group" aria-label="The computation">
                <div>
                    <span class="words quiet">${this.#words(run)}</span>
                    ${run.active ? html`<span class="track"><span class="bar"></span></span>` : ''}
                </div>
                <span class="buttons">
                    ${
                        run.active
                            ? html`
                              <button class="icon" aria-label=${
                                  run.state === 'paused' ? 'Go on' : 'Pause'
                              } title=${run.state === 'paused' ? 'Go on' : 'Pause'}
                                  @click=${() =>
                                      run.state === 'paused'
                                          ? run.resume()
                                          : run.pause()}>${icon(run.state === 'paused' ? 'play' : 'pause')}</button>
                              <button class="icon" aria-label="Stop" title="Stop"
                                  @click=${() => run.stop()}>${icon('stop')}</button>
                          `
                            : asked
                              ? begin('Start again')
                              : ''
                    }
                </span>
            </div>
        `;
    }

    #words(run: Task): string {
        const behind = this.#behind ? ' Of the drawing as it was.' : '';
        const done = `${Math.floor(100 * run.progress)} %`;
        switch (run.state) {
            case 'running': {
                const left = run.secondsLeft;
                return `${done}${left === null ? '' : `, at most ${duration(left)} left`}.${behind}`;
            }
            case 'paused':
                return `Paused at ${done}.${behind}`;
            case 'stopped':
                return `Stopped at ${done}, after ${duration(run.seconds)}.${behind}`;
            case 'failed':
                return 'It could not be computed.';
            default:
                return `Done in ${duration(run.seconds)}.${behind}`;
        }
    }
}

declare global {
    interface HTMLElementTagNameMap {
        'pl-run': PlRun;
    }
}
