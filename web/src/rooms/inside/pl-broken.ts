import { LitElement, css, html } from 'lit';
import { customElement } from 'lit/decorators.js';
import { icon } from '../../core/icons.ts';
import { unitText } from '../../core/unit.ts';
import { sentence } from '../../core/words.ts';
import { changes, mend, setChange } from '../../state/changes.ts';
import { entryOf } from '../../state/models.ts';
import { phase } from '../../state/engine.ts';
import { address } from '../../state/route.ts';
import { Uses } from '../../state/signal.ts';
import { shared } from '../../styles/shared.ts';
import { changeWords, unitOfChange } from './change-words.ts';

/** Says in every room that the network is broken on purpose, and where; one press mends it. */
@customElement('pl-broken')
export class PlBroken extends LitElement {
    static override styles = [
        shared,
        css`
            :host {
                display: grid;
                grid-template-columns: minmax(0, 1fr) auto;
                gap: var(--gap-2) var(--gap-4);
                align-items: center;
                padding: var(--gap-3) var(--gap-4);
                border: 1px dashed var(--accent);
                border-radius: var(--radius);
                background: var(--accent-soft);
            }
            ul {
                display: flex;
                flex-wrap: wrap;
                gap: 0 var(--gap-4);
                grid-column: 1 / -1;
            }
            li {
                display: inline-flex;
                align-items: center;
            }
            b {
                font-weight: 600;
            }
        `,
    ];

    constructor() {
        super();
        new Uses(this, changes, phase);
    }

    protected override render() {
        const list = changes.value;
        if (phase.value.name !== 'ready' || list.length === 0) return '';
        const { model, modelId } = phase.value;
        return html`
            <p><b>${entryOf(modelId).title} is broken on purpose.</b> Everything here is about the broken network.</p>
            <button class="main" @click=${mend}>${icon('reset')} Mend it</button>
            <ul>
                ${list.map((change) => {
                    const words = changeWords(change, model.layers);
                    const unit = unitOfChange(change);
                    return html`<li>
                        ${unit ? html`<a href=${address({ room: 'unit', unit: unitText(unit) })}>${sentence(words)}</a>` : html`<span>${sentence(words)}</span>`}
                        <button class="icon bare" aria-label="Take back: ${words}" title="Take it back" @click=${() => setChange({ ...change, factor: 1, noise: 0 })}>${icon('close')}</button>
                    </li>`;
                })}
            </ul>
        `;
    }
}

declare global {
    interface HTMLElementTagNameMap {
        'pl-broken': PlBroken;
    }
}
