import { LitElement, css, html } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import type { Explanation, Image, MapKind, MethodCard, Output } from 'pellucid';
import { furtherMaps } from '../core/items.ts';
import { short } from '../core/numbers.ts';
import { largest } from '../core/regions.ts';
import { settings } from '../state/settings.ts';
import { Uses } from '../state/signal.ts';
import { outputName } from '../core/words.ts';
import { shared } from '../styles/shared.ts';
import './pl-legend.ts';
import './pl-map.ts';
import type { PlMap, Shown } from './pl-map.ts';

/** Beside a method's map, what else it shows: each image in its own scale, such as the standard error of a mean. */
@customElement('pl-further')
export class PlFurther extends LitElement {
    static override styles = [
        shared,
        css`
            :host {
                display: grid;
                grid-template-columns: repeat(auto-fill, minmax(min(168px, 100%), 1fr));
                gap: var(--gap-4);
            }
            figure {
                display: grid;
                gap: var(--gap-1);
                align-content: start;
                max-width: 252px;
            }
            pl-map, pl-legend {
                width: round(down, 100%, var(--map-step));
            }
            figcaption {
                line-height: 1.35;
            }
        `,
    ];

    @property({ attribute: false }) card!: MethodCard;
    @property({ attribute: false }) explanation!: Explanation;
    /** The network's input, a faint trace beneath maps of its size. */
    @property({ attribute: false }) input: Image | null = null;

    constructor() {
        super();
        new Uses(this, settings);
    }
    protected override updated(): void {
        const maps = furtherMaps(this.card, this.explanation);
        this.renderRoot.querySelectorAll<PlMap>('pl-map').forEach((map, index) => {
            const { output, image } = maps[index] ?? {};
            if (!output || !image) return;
            const kind = kindOf(output);
            const input = kind !== 'image' && image.width === this.input?.width ? this.input : null;
            map.show({ map: image, kind, input, scale: scaleOf(kind, image) });
        });
    }

    protected override render() {
        return furtherMaps(this.card, this.explanation).map(({ output, image }) => {
            const kind = kindOf(output);
            const title = sentence(outputName(output));
            const said = output.map === 'positive' ? compared(image, this.explanation.map) : '';
            return html`<figure>
                <pl-map label="${title}. ${said}"></pl-map>
                <pl-legend kind=${legendOf(kind)} .scale=${scaleOf(kind, image)}></pl-legend>
                <figcaption>${title}<br /><span class="quiet">${sentence(output.help ?? '')}${output.help && said ? '. ' : ''}${said}</span></figcaption>
            </figure>`;
        });
    }
}

const kindOf = ({ map }: Output): Shown['kind'] => map ?? 'signed';

/** A change has the two colours of a signed map. */
const legendOf = (kind: Shown['kind']): MapKind => (kind === 'change' ? 'signed' : kind);

const scaleOf = (kind: Shown['kind'], image: Image): number => (kind === 'image' ? 1 : largest(image));

const sentence = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

function compared(error: Image, mean: Image): string {
    const most = largest(mean);
    const share = most > 0 ? Math.round((100 * largest(error)) / most) : 0;
    return `At most ${short(largest(error))}: ${share} % of the map’s strongest value.`;
}

declare global {
    interface HTMLElementTagNameMap {
        'pl-further': PlFurther;
    }
}
