import { LitElement, html, type TemplateResult } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';

/** A part of a room that is loaded when it is about to be seen, so that the first view does not wait for it. */
@customElement('pl-later')
export class PlLater extends LitElement {
    @property({ attribute: false }) load!: () => Promise<unknown>;
    @property({ attribute: false }) content!: () => TemplateResult;
    @state() private there = false;
    readonly #seen = new IntersectionObserver(
        (entries) => {
            if (!entries.at(-1)?.isIntersecting) return;
            this.#seen.disconnect();
            this.load().then(
                () => (this.there = true),
                (error: unknown) => console.error(error),
            );
        },
        { rootMargin: '300px' },
    );

    override connectedCallback(): void {
        super.connectedCallback();
        // Empty as it is, it has a place to be seen at.
        this.style.display = 'block';
        this.style.minHeight = '1px';
        if (!this.there) this.#seen.observe(this);
    }
    override disconnectedCallback(): void {
        super.disconnectedCallback();
        this.#seen.disconnect();
    }
    protected override createRenderRoot(): HTMLElement {
        return this;
    }
    protected override render() {
        return this.there ? this.content() : html``;
    }
}

declare global {
    interface HTMLElementTagNameMap {
        'pl-later': PlLater;
    }
}
