import { LitElement, css, html, type TemplateResult } from 'lit';
import { customElement, state } from 'lit/decorators.js';
import { cardsOf, roomOf, type RoomModule } from '../rooms/index.ts';
import { changes, changesFailure } from '../state/changes.ts';
import { phase } from '../state/engine.ts';
import { address, isMethod, route, type MethodRoute } from '../state/route.ts';
import { Uses } from '../state/signal.ts';
import { tray } from '../state/tray.ts';
import { shared } from '../styles/shared.ts';
import './pl-status.ts';

const standardTitle = document.title;

/** What stands beside the board: a room, or a method in full; each is loaded when it is entered for the first time. */
@customElement('pl-stage')
export class PlStage extends LitElement {
    static override styles = [
        shared,
        css`
            :host {
                display: grid;
                grid-template-columns: minmax(0, 1fr);
                gap: var(--gap-5);
                min-width: 0;
            }
        `,
    ];

    @state() private failure = '';
    readonly #rooms = new Map<string, RoomModule>();
    readonly #parts = new Set<string>();

    constructor() {
        super();
        new Uses(this, phase, route, tray, changes, changesFailure);
    }
    override connectedCallback(): void {
        super.connectedCallback();
        // On its way while the program loads.
        const now = route.value;
        if (isMethod(now)) this.#part('method', () => import('../method/pl-method.ts'));
        else this.#room(now.room);
    }

    #arrived(promise: Promise<unknown>, come: () => void): void {
        promise.then(
            () => {
                come();
                this.failure = '';
                this.requestUpdate();
            },
            (error: unknown) => (this.failure = error instanceof Error ? error.message : String(error)),
        );
    }
    #room(id: string): RoomModule | undefined {
        const room = roomOf(id);
        const there = this.#rooms.get(room.id);
        if (!there) {
            const coming = room.load();
            this.#arrived(
                coming,
                () =>
                    void coming.then((module) => {
                        this.#rooms.set(room.id, module);
                        this.requestUpdate();
                    }),
            );
        }
        return there;
    }
    /** Whether a part of the page has come; otherwise it is fetched. */
    #part(name: string, load: () => Promise<unknown>): boolean {
        if (this.#parts.has(name)) return true;
        this.#arrived(load(), () => this.#parts.add(name));
        return false;
    }

    /** The browser's history and bookmarks know places by it. */
    protected override updated(): void {
        const now = route.value;
        const card = isMethod(now) && phase.value.name === 'ready' ? phase.value.cards.get(now.method) : undefined;
        const place = card?.title ?? (isMethod(now) ? 'pellucid' : roomOf(now.room).title);
        document.title = place === 'Why' || place === 'pellucid' ? standardTitle : `${place}: pellucid`;
    }

    protected override render() {
        if (phase.value.name !== 'ready') return html`<pl-status></pl-status>`;
        if (this.failure) {
            return html`<p role="alert">A part of the page could not be loaded: ${this.failure}. <button
                @click=${() => location.reload()}>Load it again</button></p>`;
        }
        const now = route.value;
        const broken = changes.value.length > 0 && this.#part('broken', () => import('../rooms/inside/pl-broken.ts'));
        return html`${broken ? html`<pl-broken></pl-broken>` : ''}
            ${changesFailure.value ? html`<p role="alert">${changesFailure.value}</p>` : ''}
            ${isMethod(now) ? this.#method(now) : this.#inRoom(now.room)}`;
    }

    #inRoom(id: string): TemplateResult | typeof this.waiting {
        if (phase.value.name !== 'ready') return this.waiting;
        const room = roomOf(id);
        return this.#room(id)?.render({ room, cards: cardsOf(room, phase.value.cards) }) ?? this.waiting;
    }
    readonly waiting = html`<p class="quiet">…</p>`;

    #method({ method, params }: MethodRoute) {
        const card = phase.value.name === 'ready' ? phase.value.cards.get(method) : undefined;
        if (!card)
            return html`<p role="alert">There is no method called “${method}”.
                <a href=${address({ room: 'why' })}>See those that there are.</a></p>`;
        if (!this.#part('method', () => import('../method/pl-method.ts'))) return this.waiting;
        const compared = tray.value.length > 0 && this.#part('tray', () => import('../rooms/compare/room.ts'));
        return html`<pl-method .card=${card} .params=${params}></pl-method>${
            compared ? html`<pl-tray></pl-tray>` : ''
        }`;
    }
}

declare global {
    interface HTMLElementTagNameMap {
        'pl-stage': PlStage;
    }
}
