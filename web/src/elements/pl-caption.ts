import { LitElement, css, html } from 'lit';
import { customElement } from 'lit/decorators.js';
import { percentWords } from '../core/numbers.ts';
import { phase } from '../state/engine.ts';
import { newest } from '../state/live.ts';
import { settings } from '../state/settings.ts';
import { shared } from '../styles/shared.ts';

/** Beneath the printed page: what the figure shows, and how to cite it. */
@customElement('pl-caption')
export class PlCaption extends LitElement {
    static override styles = [
        shared,
        css`
            p {
                max-width: 65ch;
                font: 400 0.875rem/1.5 var(--serif);
            }
        `,
    ];

    // Written only when it is printed.
    readonly #write = (): void => {
        this.requestUpdate();
        this.performUpdate();
    };
    override connectedCallback(): void {
        super.connectedCallback();
        addEventListener('beforeprint', this.#write);
    }
    override disconnectedCallback(): void {
        super.disconnectedCallback();
        removeEventListener('beforeprint', this.#write);
    }

    protected override render() {
        const prediction = newest.value?.prediction;
        if (phase.value.name !== 'ready' || !prediction) return html``;
        const { model, pellucid } = phase.value;
        const { predicted, probabilities } = prediction;
        const today = new Date().toISOString().slice(0, 10);
        return html`<p>
            A drawn digit, read as ${predicted} (${percentWords(
                probabilities[predicted] ?? 0,
            )} %), and how different methods explain the reading;
            ${settings.value.scale === 'own' ? 'each map has its own scale' : 'all maps share one scale'}.
            Network: ${model.metadata['title'] ?? 'lenet'}. Computed with pellucid ${pellucid.version}, ${today}.
        </p>`;
    }
}
