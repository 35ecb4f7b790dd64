import { LitElement, css, html, svg } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import type { Image } from 'pellucid';
import { axis } from '../../core/chart.ts';
import { readNpy } from '../../core/npy.ts';
import { short } from '../../core/numbers.ts';
import { cardOf } from '../../state/ask.ts';
import { reason } from '../../state/engine.ts';
import { fetchBytes, modelUrl } from '../../state/fetch.ts';
import { jsonOf } from '../../state/league.ts';
import type { ModelEntry } from '../../state/models.ts';
import { settings } from '../../state/settings.ts';
import { Uses } from '../../state/signal.ts';
import { address } from '../../state/route.ts';
import { shortTitle } from '../../state/views.ts';
import { shared } from '../../styles/shared.ts';
import '../../elements/pl-map.ts';

/** What `pellucid spray` writes. */
interface Groups {
    class: number;
    images: number;
    params: { method: string };
    eigenvalues: number[];
    clusters: { images: number; marked: number }[];
}

const [width, height] = [300, 150];
const edge = { left: 40, right: 10, top: 10, bottom: 24 };

/** Maps of many images of one digit, grouped by how alike they are: a cheat is a group of its own. */
@customElement('pl-groups')
export class PlGroups extends LitElement {
    static override styles = [
        shared,
        css`
            :host {
                display: grid;
                grid-template-columns: minmax(0, 1fr);
                gap: var(--gap-3);
                margin-top: var(--gap-4);
                min-height: 16rem;
            }
            h4 {
                margin: 0;
                font: 400 var(--large) / 1.4 var(--serif);
            }
            .said {
                max-width: 65ch;
                line-height: 1.5;
            }
            .figures {
                display: flex;
                flex-wrap: wrap;
                align-items: start;
                gap: var(--gap-4);
            }
            .group {
                width: 140px;
            }
            .values {
                flex: 1 1 260px;
                max-width: 340px;
            }
            figcaption {
                margin-top: var(--gap-1);
                color: var(--muted);
                font-size: var(--small);
                line-height: 1.35;
            }
            svg {
                display: block;
                width: 100%;
                background: var(--paper);
                border-radius: 2px;
                box-shadow: 0 0 0 1px var(--line);
            }
            text {
                font: 400 12px var(--sans);
                fill: var(--muted);
            }
            .grid {
                stroke: var(--line);
            }
            .gap {
                stroke: var(--accent);
                stroke-width: 2;
                stroke-dasharray: 3 3;
            }
            .dot {
                fill: var(--text);
            }
            .dot.low {
                fill: var(--accent);
            }
        `,
    ];

    @property({ attribute: false }) entry!: ModelEntry;
    @state() private groups: Groups | null = null;
    @state() private maps: readonly Image[] = [];
    @state() private failure = '';
    readonly #seen = new IntersectionObserver(
        (entries) => {
            if (!entries.at(-1)?.isIntersecting) return;
            this.#seen.disconnect();
            void this.#load();
        },
        { rootMargin: '200px' },
    );

    constructor() {
        super();
        new Uses(this, settings);
    }
    override connectedCallback(): void {
        super.connectedCallback();
        if (!this.groups) this.#seen.observe(this);
    }
    override disconnectedCallback(): void {
        super.disconnectedCallback();
        this.#seen.disconnect();
    }
    async #load(): Promise<void> {
        const { groups, maps } = this.entry.studies;
        if (groups === undefined || maps === undefined) return;
        try {
            const found = await jsonOf<Groups>(groups);
            const { shape, data } = readNpy(await fetchBytes(modelUrl(maps)));
            const [count = 0, rows = 0, columns = 0, channels = 1] = shape;
            const size = rows * columns * channels;
            this.maps = Array.from({ length: count }, (_, n) => ({
                data: data.slice(n * size, (n + 1) * size),
                height: rows,
                width: columns,
                channels,
            }));
            this.groups = found;
        } catch (error) {
            this.failure = `The groups could not be loaded: ${reason(error)}.`;
        }
    }

    protected override render() {
        const { groups, maps, failure } = this;
        if (failure) return html`<p role="alert">${failure}</p>`;
        if (!groups) return '';
        const { clusters, eigenvalues, images } = groups;
        const card = cardOf(groups.params.method);
        const method = card ? shortTitle(card) : groups.params.method;
        const marked = clusters.reduce((sum, each) => sum + each.marked, 0);
        const pure = clusters.every((each) => each.marked === 0 || each.marked === each.images);
        const say = (each: Groups['clusters'][number]) =>
            `${each.images} images, ${
                each.marked === 0 ? 'none' : each.marked === each.images ? 'all' : each.marked
            } with the square`;
        return html`
            <h4>Found without knowing where to look</h4>
            <p class="said">
                ${images} test images of an ${groups.class}, ${marked} of them with the square:
                ${method}’s maps of them fall into
                ${clusters.length} groups, ${
                    pure
                        ? 'and the square divides them without a mistake'
                        : 'which the square divides, with some mistakes'
                }. Nobody
                said that there is a square. <a href=${address({
                    room: 'method',
                    method: 'spray',
                    params: {},
                })}>How the groups are found</a>
            </p>
            <div class="figures">
                ${clusters.map((each, index) => {
                    const map = maps[index];
                    return html`<figure class="group">
                        <pl-map label="The mean map of group ${index + 1}"
                            .shown=${map ? { map, kind: 'signed' } : null}></pl-map>
                        <figcaption>group ${index + 1}: ${say(each)}; its mean map</figcaption>
                    </figure>`;
                })}
                <figure class="values">${this.#eigenvalues(eigenvalues, clusters.length)}
                    <figcaption>The smallest eigenvalues of the graph that joins like maps: as many are near 0 as there
                        are groups. The largest gap, behind number ${clusters.length}, is of
                        ${short(
                            (eigenvalues[clusters.length] ?? 0) - (eigenvalues[clusters.length - 1] ?? 0),
                        )}.</figcaption>
                </figure>
            </div>
        `;
    }

    #eigenvalues(values: readonly number[], groups: number) {
        const up = axis(values, [0]);
        const x = (index: number) => edge.left + ((index + 0.5) / values.length) * (width - edge.left - edge.right);
        const y = (value: number) =>
            height - edge.bottom - ((value - up.low) / (up.high - up.low)) * (height - edge.top - edge.bottom);
        const between = (x(groups - 1) + x(groups)) / 2;
        return html`<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="Eigenvalues: ${values
            .map((value) => short(Math.abs(value) < 1e-9 ? 0 : value))
            .join(', ')}">
            ${up.ticks.map(
                (tick) => svg`<line class="grid" x1=${edge.left} x2=${width - edge.right} y1=${y(tick)}
                y2=${y(tick)} /><text x=${edge.left - 6} y=${y(tick) + 4} text-anchor="end">${short(tick)}</text>`,
            )}
            <line class="gap" x1=${between} x2=${between} y1=${edge.top} y2=${height - edge.bottom} />
            ${values.map(
                (value, index) => svg`<circle class="dot ${index < groups ? 'low' : ''}" r="4" cx=${x(index)}
                cy=${y(value)} /><text x=${x(index)} y=${height - 7} text-anchor="middle">${index + 1}</text>`,
            )}
        </svg>`;
    }
}

declare global {
    interface HTMLElementTagNameMap {
        'pl-groups': PlGroups;
    }
}
