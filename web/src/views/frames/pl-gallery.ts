import { LitElement, css, html } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import type { Image, MapKind } from 'pellucid';
import { pictures } from '../../core/items.ts';
import { largest } from '../../core/regions.ts';
import { shared } from '../../styles/shared.ts';
import '../../elements/pl-legend.ts';
import '../../elements/pl-map.ts';
import { legendOf } from '../map/view.ts';

const few = 32;
const fewSmall = 9;

/** Pictures side by side in one scale, each with its name. */
@customElement('pl-gallery')
export class PlGallery extends LitElement {
    static override styles = [
        shared,
        css`
            :host {
                display: grid;
                gap: var(--gap-2);
            }
            .pictures {
                display: grid;
                grid-template-columns: repeat(auto-fill, minmax(64px, 1fr));
                gap: var(--gap-2);
                align-items: end;
            }
            :host([small]) .pictures {
                grid-template-columns: repeat(3, minmax(0, 1fr));
            }
            figcaption {
                overflow: hidden;
                text-overflow: ellipsis;
                white-space: nowrap;
                font-size: var(--small);
                color: var(--muted);
            }
            pl-legend {
                max-width: 252px;
            }
            button {
                justify-self: start;
            }
        `,
    ];

    @property({ attribute: false }) images: readonly Image[] = [];
    @property({ attribute: false }) labels: readonly string[] = [];
    /** Where each leads, if anywhere. */
    @property({ attribute: false }) links: readonly (string | null)[] = [];
    @property() kind: MapKind = 'image';
    @property() name = '';
    @property({ type: Boolean, reflect: true }) small = false;
    /** With a button for what is left out. */
    @property({ attribute: false }) controls = true;
    @state() private open = false;

    #picture(map: Image, index: number, scale: number) {
        const label = `${this.name}, ${this.labels[index] ?? ''}`;
        const picture = html`<pl-map label=${label} .shown=${{ map, kind: this.kind, scale }}></pl-map>`;
        const link = this.links[index];
        return link
            ? html`<a href=${link} title="All about it" aria-label="All about ${label}">${picture}</a>`
            : picture;
    }

    protected override render() {
        const { kind, small } = this;
        const all = this.images.map((image) => pictures(image, kind)[0]!);
        const scale = kind === 'image' ? 1 : Math.max(0, ...all.map(largest));
        const shown = this.open ? all : all.slice(0, small ? fewSmall : few);
        return html`
            <div class="pictures">
                ${shown.map(
                    (map, index) => html`<figure>
                    ${this.#picture(map, index, scale)}
                    ${
                        small
                            ? ''
                            : html`<figcaption
                        title=${this.labels[index] ?? ''}>${this.labels[index] ?? ''}</figcaption>`
                    }
                </figure>`,
                )}
            </div>
            ${small || kind === 'image' ? '' : html`<pl-legend kind=${legendOf(kind)} .scale=${scale}></pl-legend>`}
            ${
                all.length > shown.length && this.controls
                    ? html`<button @click=${() => (this.open = true)}>Show all
            ${all.length}</button>`
                    : ''
            }
        `;
    }
}

declare global {
    interface HTMLElementTagNameMap {
        'pl-gallery': PlGallery;
    }
}
