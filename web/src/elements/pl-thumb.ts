import { LitElement, css, html } from 'lit';
import { customElement, property, query } from 'lit/decorators.js';
import type { MethodCard } from 'pellucid';
import { paint } from '../core/paint.ts';
import { ramp } from '../core/ramp.ts';
import { largest } from '../core/regions.ts';
import { wantThumbnail, type Thumbnail } from '../state/thumbnails.ts';
import { viewKey, type View } from '../state/views.ts';

/** What a method makes of the present drawing, in small; asked for while it is seen. Its place is as large without. */
@customElement('pl-thumb')
export class PlThumb extends LitElement {
    static override styles = css`
        :host {
            display: block;
            background: var(--paper);
            box-shadow: 0 0 0 1px var(--line);
        }
        canvas {
            display: block;
            width: 100%;
            height: 100%;
            image-rendering: pixelated;
            opacity: 0;
            transition: opacity var(--moment);
        }
        :host([painted]) canvas {
            opacity: 1;
        }
        @media (forced-colors: active) {
            :host {
                outline: 1px solid CanvasText;
                forced-color-adjust: none;
            }
        }
    `;

    @property({ attribute: false }) view!: View;
    @property({ attribute: false }) card!: MethodCard;
    /** There is something to see. */
    @property({ type: Boolean, reflect: true }) painted = false;
    @query('canvas') private canvas!: HTMLCanvasElement | null;
    /** What is shown. */
    shown: Thumbnail | null = null;
    #inView = false;
    #asked = '';
    #end = () => {};
    #repaint = () => {};
    readonly #seen = new IntersectionObserver((entries) => {
        this.#inView = entries.at(-1)?.isIntersecting ?? false;
        this.#ask();
    });

    override connectedCallback(): void {
        super.connectedCallback();
        this.#seen.observe(this);
        this.#repaint = ramp.subscribe(() => this.#paint());
    }
    override disconnectedCallback(): void {
        super.disconnectedCallback();
        this.#seen.disconnect();
        this.#inView = false;
        this.#ask();
        this.#repaint();
    }
    protected override updated(): void {
        this.#ask();
        this.#paint();
    }

    #ask(): void {
        const asked = this.#inView ? viewKey(this.view) : '';
        if (asked === this.#asked) return;
        this.#end();
        this.#asked = asked;
        this.#end =
            asked === ''
                ? () => {}
                : wantThumbnail(this.view, this.card, (thumbnail) => {
                      this.shown = thumbnail;
                      this.painted = thumbnail !== null;
                      this.#paint();
                  });
    }
    #paint(): void {
        const { canvas, shown } = this;
        if (!canvas || !shown) return;
        paint(canvas, { ...shown, scale: shown.kind === 'image' ? 1 : largest(shown.map), marks: false }, ramp.value);
    }

    protected override render() {
        return html`<canvas width="28" height="28"></canvas>`;
    }
}

declare global {
    interface HTMLElementTagNameMap {
        'pl-thumb': PlThumb;
    }
}
