import { LitElement, css, html, type PropertyValues } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { icon } from '../../core/icons.ts';
import { plainly } from '../../state/ask.ts';
import { shared } from '../../styles/shared.ts';
import type { Group } from './group.ts';

/** What begins, holds, scrubs and stops syntheses; the slider goes back to how their pictures came about. */
@customElement('pl-strip')
export class PlStrip extends LitElement {
    static override styles = [
        shared,
        css`
            :host {
                display: grid;
                grid-template-columns: auto minmax(80px, 1fr) minmax(7.5ch, auto);
                align-items: center;
                gap: 0 var(--gap-3);
                min-height: var(--touch);
                max-width: 40rem;
            }
            .buttons {
                display: flex;
                gap: var(--gap-1);
            }
            input {
                width: 100%;
                accent-color: var(--accent);
            }
            .words {
                font-variant-numeric: tabular-nums;
                text-align: right;
            }
            .error {
                grid-column: 1 / -1;
                color: var(--for);
            }
        `,
    ];

    @property({ attribute: false }) group: Group | null = null;
    /** What begins it. */
    @property() begin = 'Start';
    /** What the slider goes through. */
    @property() name = 'the pictures';
    /** Why it cannot begin. */
    @property() missing = '';
    #end = () => {};

    override connectedCallback(): void {
        super.connectedCallback();
        this.#follow();
    }
    override disconnectedCallback(): void {
        super.disconnectedCallback();
        this.#end();
    }
    protected override willUpdate(changed: PropertyValues<this>): void {
        if (changed.has('group')) this.#follow();
    }
    #follow(): void {
        this.#end();
        this.#end = this.group?.changed.subscribe(() => this.requestUpdate()) ?? (() => {});
    }

    protected override render() {
        const { group } = this;
        const start = () => this.dispatchEvent(new Event('group-start'));
        if (!group?.active) {
            const again = group !== null;
            return html`
                <span class="buttons"><button class=${again ? '' : 'main'} ?disabled=${this.missing !== ''}
                    @click=${start}>${icon(again ? 'reset' : 'play')} ${again ? 'Again' : this.begin}</button></span>
                ${group ? this.#slider(group) : html`<span class="quiet">${this.missing}</span>`}
                ${group?.error ? html`<p class="error quiet" role="alert">${plainly(group.error.message)}</p>` : ''}
            `;
        }
        const held = group.state === 'paused';
        return html`
            <span class="buttons" role="group" aria-label="The computation">
                <button class="icon" aria-label=${held ? 'Go on' : 'Pause'} title=${held ? 'Go on' : 'Pause'}
                    @click=${() => (held ? group.resume() : group.pause())}>${icon(held ? 'play' : 'pause')}</button>
                <button class="icon" aria-label="Stop" title="Stop"
                    @click=${() => group.stop()}>${icon('stop')}</button>
            </span>
            ${this.#slider(group)}
        `;
    }

    #slider(group: Group) {
        const { progress } = group;
        const at = group.at ?? progress;
        const percent = Math.floor(100 * Math.min(at, progress));
        const words = { running: '', paused: ', held', done: '', stopped: ', stopped', failed: ', failed' }[
            group.state
        ];
        return html`
            <input
                type="range"
                min="0"
                max=${Math.max(progress, 0.01)}
                step="0.005"
                aria-label="Back through ${this.name}"
                aria-valuetext="${percent} %"
                .value=${String(Math.min(at, progress))}
                @input=${(event: Event) => {
                    const { valueAsNumber: value } = event.target as HTMLInputElement;
                    group.scrub(value >= group.progress - 0.006 ? 1 : value);
                }}
            />
            <span class="quiet words">${percent} %${words}</span>
        `;
    }
}

declare global {
    interface HTMLElementTagNameMap {
        'pl-strip': PlStrip;
    }
}
