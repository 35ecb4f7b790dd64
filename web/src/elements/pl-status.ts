import { LitElement, css, html } from 'lit';
import { customElement } from 'lit/decorators.js';
import { icon } from '../core/icons.ts';
import { kilobytes } from '../core/numbers.ts';
import { phase, start } from '../state/engine.ts';
import { Uses } from '../state/signal.ts';
import { shared } from '../styles/shared.ts';

/** What is being loaded and how much of it; or what went wrong and what to do. */
@customElement('pl-status')
export class PlStatus extends LitElement {
    static override styles = [
        shared,
        css`
            .panel {
                display: grid;
                gap: var(--gap-3);
                max-width: 32rem;
                padding: var(--gap-5);
                border: 1px solid var(--line);
                border-radius: 10px;
                background: var(--raised);
            }
            progress {
                width: 100%;
                height: 8px;
                accent-color: var(--accent);
            }
            button {
                justify-self: start;
            }
        `,
    ];

    constructor() {
        super();
        new Uses(this, phase);
    }

    protected override render() {
        const now = phase.value;
        if (now.name === 'failed') {
            return html`<div class="panel" role="alert">
                <h2>Something is missing</h2>
                <p>${now.what}</p>
                <p>${now.remedy}</p>
                <button class="main" @click=${() => void start()}>${icon('reset')} Try again</button>
            </div>`;
        }
        if (now.name === 'ready') return html``;
        const { what, loaded, total, unit } = now;
        const known = total > 0 && loaded <= total;
        const amount = (value: number) => (unit === 'bytes' ? kilobytes(value) : String(value));
        return html`<div class="panel">
            <p id="what">${what}${
                known ? `: ${amount(loaded)} of ${amount(total)}` : loaded > 0 ? `: ${amount(loaded)}` : ' …'
            }</p>
            ${
                known
                    ? html`<progress aria-labelledby="what" max="1" .value=${loaded / total}></progress>`
                    : html`<progress aria-labelledby="what"></progress>`
            }
            <p class="quiet">You can draw already. Everything is computed here, on your machine; nothing is sent
                anywhere.</p>
        </div>`;
    }
}
