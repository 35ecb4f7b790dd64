import { LitElement, css, html } from 'lit';
import { customElement, property, query } from 'lit/decorators.js';
import type { MethodCard, TargetText } from 'pellucid';
import { LiveView } from '../../elements/live-view.ts';
import '../../elements/pl-map.ts';
import type { PlMap } from '../../elements/pl-map.ts';
import type { Source } from '../../state/live.ts';
import { address } from '../../state/route.ts';
import { shortTitle, type View } from '../../state/views.ts';
import { shared } from '../../styles/shared.ts';

/** A method's map, small and live, and its name. */
@customElement('pl-mini')
export class PlMini extends LitElement {
    static override styles = [
        shared,
        css`
            :host {
                display: block;
                width: 84px;
            }
            a {
                display: block;
                color: inherit;
                text-decoration: none;
            }
            span {
                display: block;
                overflow: hidden;
                text-overflow: ellipsis;
                white-space: nowrap;
                font-size: var(--small);
            }
        `,
    ];

    @property({ attribute: false }) view!: View;
    @property({ attribute: false }) card!: MethodCard;
    @property({ attribute: false }) source: Source = { model: null, drawing: null };
    @property({ attribute: false }) target: TargetText | undefined;
    @query('pl-map') private map!: PlMap | null;
    readonly #live = new LiveView(this, {
        map: () => this.map,
        card: () => this.card,
        view: () => this.view,
        onSheet: false,
        source: () => this.source,
        target: () => this.target,
    });

    protected override render() {
        const title = shortTitle(this.card);
        const said = this.#live.failure ?? title;
        return html`<a href=${address({
            room: 'method',
            ...this.view,
        })} title=${said}><pl-map></pl-map><span>${title}</span></a>`;
    }
}

declare global {
    interface HTMLElementTagNameMap {
        'pl-mini': PlMini;
    }
}
