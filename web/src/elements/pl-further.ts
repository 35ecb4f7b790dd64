import { LitElement, css, html } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import type { Explanation, Image } from 'pellucid';
import { short } from '../core/numbers.ts';
import { largest } from '../core/regions.ts';
import { settings } from '../state/settings.ts';
import { Uses } from '../state/signal.ts';
import { words } from '../core/words.ts';
import { shared } from '../styles/shared.ts';
import './pl-legend.ts';
import './pl-map.ts';
import type { PlMap, Shown } from './pl-map.ts';

/** Names that say more than the package's own. */
const titles: Record<string, string> = {
    standard_error: 'Standard error of the mean',
    coarse: 'The layer’s own map',
    root_point: 'Root point',
    perturbation: 'What was added',
};

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

    @property({ attribute: false }) explanation!: Explanation;
    /** The network's input, a faint trace beneath maps of its size. */
    @property({ attribute: false }) input: Image | null = null;

    constructor() {
        super();
        new Uses(this, settings);
    }
    protected override updated(): void {
        const images = Object.entries(this.explanation.images);
        this.renderRoot.querySelectorAll<PlMap>('pl-map').forEach((map, index) => {
            const [name, image] = images[index] ?? [];
            if (name === undefined || !image) return;
            const kind = kindOf(name, image);
            const input = kind !== 'image' && image.width === this.input?.width ? this.input : null;
            map.show({ map: image, kind, input, scale: scaleOf(kind, image) });
        });
    }

    protected override render() {
        const { images, map } = this.explanation;
        return Object.entries(images).map(([name, image]) => {
            const kind = kindOf(name, image);
            const title = titles[name] ?? sentence(words(name));
            return html`<figure>
                <pl-map label="${title}. ${name === 'standard_error' ? errorWords(image, map) : ''}"></pl-map>
                <pl-legend kind=${kind} .scale=${scaleOf(kind, image)}></pl-legend>
                <figcaption>${title}${name === 'standard_error' ? html`<br /><span class="quiet">${errorWords(image, map)}</span>` : ''}</figcaption>
            </figure>`;
        });
    }
}

/** Inputs of the network are drawn as ink; everything else in colours, around 0 where it has both signs. */
function kindOf(name: string, image: Image): Exclude<Shown['kind'], 'change'> {
    if (/_point$|_input$|baseline|reference/.test(name)) return 'image';
    return image.data.some((value) => value < 0) ? 'signed_map' : 'positive_map';
}

const scaleOf = (kind: Shown['kind'], image: Image): number => (kind === 'image' ? 1 : largest(image));

const sentence = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

function errorWords(error: Image, mean: Image): string {
    const most = largest(mean);
    const share = most > 0 ? Math.round((100 * largest(error)) / most) : 0;
    return `At most ${short(largest(error))}: ${share} % of the map’s strongest value.`;
}

declare global {
    interface HTMLElementTagNameMap {
        'pl-further': PlFurther;
    }
}
