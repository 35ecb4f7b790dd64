import { LitElement, css, html } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { badgesOf, type Badge } from '../core/badges.ts';
import type { Study } from '../core/judging.ts';
import { cardOf } from '../state/ask.ts';
import { phase } from '../state/engine.ts';
import { hasLeague, leagueOf, leagues } from '../state/league.ts';
import { Uses } from '../state/signal.ts';
import { settingText } from '../state/judge.ts';
import { entryOf } from '../state/models.ts';
import type { View } from '../state/views.ts';
import { shared } from '../styles/shared.ts';

/**
 * What the network's league says of a method, in two or three words each; the sentence with the numbers on hover or
 * focus.
 */
@customElement('pl-badges')
export class PlBadges extends LitElement {
    static override styles = [
        shared,
        css`
            :host {
                display: flex;
                flex-wrap: wrap;
                gap: var(--gap-1) var(--gap-2);
            }
            /* One line, whatever there is to say: nothing moves when it comes. */
            :host([line]) {
                flex-wrap: nowrap;
                height: 28px;
                align-items: center;
                position: relative;
                overflow-x: auto;
                scrollbar-width: none;
            }
            .badge {
                position: relative;
                padding: 1px 8px;
                border: 1px solid var(--line-strong);
                border-radius: 10px;
                color: var(--text);
                font-size: var(--small);
                line-height: 1.4;
                white-space: nowrap;
                cursor: help;
            }
            /* Fingers get more than what is seen. */
            .badge::before {
                content: '';
                position: absolute;
                inset: -6px -2px;
            }
            .badge.bad {
                border-style: dashed;
            }
            .badge:hover, .badge:focus-visible {
                border-color: var(--accent);
            }
            [popover] {
                position: fixed;
                inset: auto;
                width: max-content;
                max-width: min(20rem, 100vw - 16px);
                margin: 0;
                padding: var(--gap-2) var(--gap-3);
                border: 1px solid var(--line-strong);
                border-radius: var(--radius);
                background: var(--raised);
                color: var(--text);
                font-size: var(--small);
                line-height: 1.4;
                box-shadow: var(--lift);
                pointer-events: none;
            }
        `,
    ];

    @property({ attribute: false }) view!: View;
    /** On a line of its own, which says so, too, where there is nothing to say. */
    @property({ type: Boolean, reflect: true }) line = false;
    /** No more than this many. */
    @property({ type: Number }) most = 9;
    @state() private told = '';

    constructor() {
        super();
        new Uses(this, phase, leagues);
    }

    #show(event: Event, words: string): void {
        const tip = this.renderRoot.querySelector<HTMLElement>('[popover]');
        if (!tip) return;
        this.told = words;
        tip.showPopover();
        void this.updateComplete.then(() => {
            const at = (event.target as Element).getBoundingClientRect();
            const { width, height } = tip.getBoundingClientRect();
            const below = at.bottom + 6 + height < innerHeight;
            tip.style.left = `${Math.max(8, Math.min(at.left, innerWidth - width - 8))}px`;
            tip.style.top = `${below ? at.bottom + 6 : at.top - height - 6}px`;
        });
    }
    readonly #hide = (): void => this.renderRoot.querySelector<HTMLElement>('[popover]')?.hidePopover();

    protected override render() {
        const id = phase.value.name === 'ready' ? phase.value.modelId : null;
        const study = id === null ? undefined : leagueOf(id);
        const text = settingText(this.view);
        const badges = study ? badgesOf(study, text, cardOf) : [];
        this.hidden = badges.length === 0 && !this.line;
        if (id === null || (study === undefined && hasLeague(id))) return '';
        if (badges.length === 0)
            return this.line ? html`<span class="quiet">${nothingToSay(id, study, text)}</span>` : '';
        const one = ({ kind, text, words }: Badge) => {
            const all = `${words} ${entryOf(id).title}’s league.`;
            return html`<span
                class="badge ${kind}"
                tabindex="0"
                role="note"
                @pointerenter=${(event: Event) => this.#show(event, all)}
                @focus=${(event: Event) => this.#show(event, all)}
                @pointerleave=${this.#hide}
                @blur=${this.#hide}
            >${kind === 'bad' ? '△ ' : ''}${text}<span class="visually-hidden">. ${all}</span></span>`;
        };
        return html`${badges.slice(0, this.most).map(one)}<div popover="manual" aria-hidden="true">${this.told}</div>`;
    }
}

const nothingToSay = (modelId: string, study: Study | undefined, method: string): string =>
    study === undefined
        ? `There is no league of methods for ${entryOf(modelId).title}.`
        : study.methods.includes(method)
          ? `In the middle of ${entryOf(modelId).title}’s league of methods.`
          : `Not in ${entryOf(modelId).title}’s league of methods.`;

declare global {
    interface HTMLElementTagNameMap {
        'pl-badges': PlBadges;
    }
}
