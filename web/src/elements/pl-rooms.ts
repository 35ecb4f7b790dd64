import { LitElement, css, html } from 'lit';
import { customElement, state } from 'lit/decorators.js';
import { icon } from '../core/icons.ts';
import { roomFor, roomOf, shownRooms, type Room } from '../rooms/index.ts';
import { phase } from '../state/engine.ts';
import { address, isMethod, route } from '../state/route.ts';
import { Uses } from '../state/signal.ts';
import { tray } from '../state/tray.ts';
import { shared } from '../styles/shared.ts';

/** So many rooms stand in the bar at the bottom of a phone; the others are behind "More". */
const inBar = 4;

/** The rooms that have something to offer: a row at the top, on phones a bar where the thumb is. */
@customElement('pl-rooms')
export class PlRooms extends LitElement {
    static override styles = [
        shared,
        css`
            nav {
                position: fixed;
                z-index: 4;
                inset: auto 0 0;
                display: grid;
                grid-auto-columns: minmax(0, 1fr);
                grid-auto-flow: column;
                padding-bottom: env(safe-area-inset-bottom);
                border-top: 1px solid var(--line);
                background: var(--raised);
            }
            a, .more {
                display: flex;
                align-items: center;
                justify-content: center;
                min-height: 52px;
                border: 0;
                border-radius: 0;
                background: none;
                color: var(--muted);
                text-decoration: none;
                white-space: nowrap;
            }
            a:hover, .more:hover {
                color: var(--text);
            }
            a[aria-current='page'], .more[data-here] {
                color: var(--accent);
                font-weight: 600;
                box-shadow: inset 0 2px var(--accent);
            }
            .rest {
                position: absolute;
                right: 0;
                bottom: 100%;
                display: grid;
                min-width: 11rem;
                border: 1px solid var(--line);
                border-radius: var(--radius) 0 0 0;
                background: var(--raised);
                box-shadow: var(--lift);
            }
            .rest a {
                justify-content: start;
                padding: 0 var(--gap-4);
            }
            .rest a[aria-current='page'] {
                box-shadow: inset 2px 0 var(--accent);
            }
            @media (max-width: 639px) {
                .rest:not(.open) {
                    display: none;
                }
                nav > a, .more {
                    padding: 0 var(--gap-1);
                    font-size: 0.9375rem;
                }
            }
            @media (min-width: 640px) {
                nav {
                    position: static;
                    display: flex;
                    gap: clamp(var(--gap-3), 1.8vw, var(--gap-5));
                    padding: 0;
                    border: 0;
                    background: none;
                }
                a {
                    min-height: var(--touch);
                    min-width: var(--touch);
                }
                .rest {
                    display: contents;
                }
                .rest a {
                    justify-content: center;
                    padding: 0;
                }
                .more {
                    display: none;
                }
                a[aria-current='page'], .rest a[aria-current='page'] {
                    box-shadow: inset 0 -2px var(--accent);
                }
            }
        `,
    ];

    @state() private open = false;

    constructor() {
        super();
        new Uses(this, phase, route, tray);
    }
    override connectedCallback(): void {
        super.connectedCallback();
        document.addEventListener('pointerdown', this.#outside);
        this.#end = route.subscribe(this.#close);
    }
    override disconnectedCallback(): void {
        super.disconnectedCallback();
        document.removeEventListener('pointerdown', this.#outside);
        this.#end();
    }
    #end = () => {};
    readonly #close = (): void => {
        this.open = false;
    };
    readonly #outside = (event: PointerEvent): void => {
        if (this.open && !event.composedPath().includes(this)) this.open = false;
    };

    #escape(event: KeyboardEvent): void {
        if (!this.open) return;
        event.stopPropagation();
        this.open = false;
        this.renderRoot.querySelector<HTMLElement>('.more')?.focus();
    }

    protected override render() {
        const cards = phase.value.name === 'ready' ? phase.value.cards : null;
        const rooms = cards ? shownRooms(cards) : [roomOf('why')];
        const all = tray.value.length > 0 ? [...rooms, roomOf('compare')] : rooms;
        const now = route.value;
        const card = isMethod(now) ? cards?.get(now.method) : undefined;
        const here = card ? roomFor(card).id : isMethod(now) ? 'why' : (roomOf(now.room).within ?? now.room);
        const few = Math.min(all.length, inBar);
        const link = (room: Room) =>
            html`<a href=${address({ room: room.id })}
                aria-current=${room.id === here ? 'page' : 'false'}>${room.title}${
                    room.id === 'compare' ? html`&nbsp;${tray.value.length}` : ''
                }</a>`;
        const rest = all.slice(few);
        return html`<nav aria-label="Rooms" @keydown=${(event: KeyboardEvent) =>
            event.key === 'Escape' && this.#escape(event)}>
            ${all.slice(0, few).map(link)}
            ${
                rest.length > 0
                    ? html`<button
                          class="more"
                          aria-expanded=${this.open}
                          ?data-here=${rest.some(({ id }) => id === here)}
                          @click=${() => (this.open = !this.open)}
                      >${icon('more')} More</button>
                      <div class="rest ${this.open ? 'open' : ''}">${rest.map(link)}</div>`
                    : ''
            }
        </nav>`;
    }
}

declare global {
    interface HTMLElementTagNameMap {
        'pl-rooms': PlRooms;
    }
}
