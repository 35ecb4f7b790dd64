import { LitElement, css, html } from 'lit';
import { customElement } from 'lit/decorators.js';
import { icon } from '../core/icons.ts';
import { givesMap, mainKind, mainMap } from '../core/items.ts';
import { address, isMethod, route } from '../state/route.ts';
import { forgetRun, runs, type Run } from '../state/run.ts';
import { Uses } from '../state/signal.ts';
import { elsewhere, type Elsewhere } from '../state/task.ts';
import { viewKey } from '../state/views.ts';
import { shared } from '../styles/shared.ts';
import './pl-map.ts';
import './pl-run.ts';

/** What is still being computed while one looks at something else: picture, progress, pause and stop for each. */
@customElement('pl-runs')
export class PlRuns extends LitElement {
    static override styles = [
        shared,
        css`
            :host {
                display: block;
            }
            ul {
                display: grid;
                gap: var(--gap-2);
            }
            li {
                display: grid;
                grid-template-columns: 44px minmax(0, 1fr) auto;
                align-items: center;
                gap: var(--gap-3);
                padding: var(--gap-2) var(--gap-3);
                border: 1px solid var(--line);
                border-radius: var(--radius);
                background: var(--raised);
            }
            .none {
                aspect-ratio: 1;
                background: var(--paper);
            }
            pl-run {
                grid-column: 2;
            }
            .away {
                grid-row: 1 / 3;
                grid-column: 3;
            }
            .picture {
                grid-row: 1 / 3;
            }
        `,
    ];
    #ends: (() => void)[] = [];

    constructor() {
        super();
        new Uses(this, runs, route, elsewhere);
    }
    override disconnectedCallback(): void {
        super.disconnectedCallback();
        for (const end of this.#ends) end();
        this.#ends = [];
    }
    protected override updated(): void {
        for (const end of this.#ends) end();
        const all = [...runs.value, ...elsewhere.value.map(({ task }) => task)];
        this.#ends = all.map((task) => task.changed.subscribe(() => this.requestUpdate()));
    }

    protected override render() {
        const now = route.value;
        const others = elsewhere.value.filter(({ room, task }) => task.active && room !== now.room);
        const away = runs.value.filter(
            ({ active, order }) => active && !(isMethod(now) && viewKey(now) === viewKey(order.view)),
        );
        if (away.length + others.length === 0) return '';
        return html`<ul
            aria-label="Still being computed">${away.map((run) => this.#line(run))}${others.map((each) =>
                this.#other(each),
            )}</ul>`;
    }

    #other({ title, room, task }: Elsewhere) {
        return html`<li>
            <span class="picture"></span>
            <a href=${address({ room })}>${title}</a>
            <pl-run asked .run=${task}></pl-run>
        </li>`;
    }

    #line(run: Run) {
        const { card, view, frame } = run.order;
        const map = run.snapshot && givesMap(card) ? mainMap(card, run.snapshot) : null;
        return html`<li>
            <span class="picture">
                ${
                    map
                        ? html`<pl-map label="So far" .shown=${{
                              map,
                              kind: mainKind(card),
                              input: map.width === frame.input.width ? frame.input : null,
                          }}></pl-map>`
                        : html`<div class="none"></div>`
                }
            </span>
            <a href=${address({ room: 'method', ...view })}>${card.title}</a>
            <pl-run asked .run=${run}></pl-run>
            <button class="icon bare away" aria-label="Give up ${card.title}"
                @click=${() => forgetRun(run)}>${icon('close')}</button>
        </li>`;
    }
}

declare global {
    interface HTMLElementTagNameMap {
        'pl-runs': PlRuns;
    }
}
