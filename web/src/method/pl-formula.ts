import { LitElement, css, html } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { shared } from '../styles/shared.ts';

/** A formula, typeset by KaTeX; until that has come, and where it fails, the LaTeX itself. */
@customElement('pl-formula')
export class PlFormula extends LitElement {
    static override styles = [
        shared,
        css`
            :host {
                display: block;
                overflow-x: auto;
                overflow-y: hidden;
                padding: var(--gap-3) 0;
            }
            .formulas {
                display: flex;
                flex-wrap: wrap;
                gap: var(--gap-3) var(--gap-4);
            }
            code {
                font-size: var(--small);
                white-space: pre-wrap;
            }
        `,
    ];

    @property() latex = '';
    @state() private typeset: HTMLElement | null = null;

    /** What scrolls must be reachable by keyboard; what does not scroll is no stop on the way. */
    readonly #width = new ResizeObserver(() => {
        if (this.scrollWidth > this.clientWidth) this.tabIndex = 0;
        else this.removeAttribute('tabindex');
    });

    override connectedCallback(): void {
        super.connectedCallback();
        this.#width.observe(this);
    }
    override disconnectedCallback(): void {
        super.disconnectedCallback();
        this.#width.disconnect();
    }
    protected override updated(changed: Map<PropertyKey, unknown>): void {
        if (changed.has('latex')) void this.#typeset(this.latex);
    }
    async #typeset(latex: string): Promise<void> {
        const { typeset, sheet } = await import('../core/typeset.ts');
        const root = this.shadowRoot;
        if (latex !== this.latex || !root) return;
        if (!root.adoptedStyleSheets.includes(sheet())) root.adoptedStyleSheets.push(sheet());
        this.typeset = typeset(latex);
    }

    protected override render() {
        return this.typeset ?? html`<code>${this.latex}</code>`;
    }
}
