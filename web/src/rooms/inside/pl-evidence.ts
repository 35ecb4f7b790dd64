import { LitElement, css, html } from 'lit';
import { customElement, property, query } from 'lit/decorators.js';
import type { Explanation, MethodCard, TargetText } from 'pellucid';
import { givenBy, givesMap, mainKind } from '../../core/items.ts';
import { report, sentence } from '../../core/words.ts';
import { LiveView } from '../../elements/live-view.ts';
import '../../elements/pl-legend.ts';
import '../../elements/pl-map.ts';
import type { PlMap } from '../../elements/pl-map.ts';
import '../../elements/pl-run.ts';
import { missingFor } from '../../state/belongings.ts';
import { phase } from '../../state/engine.ts';
import type { Source } from '../../state/live.ts';
import { address } from '../../state/route.ts';
import { settings } from '../../state/settings.ts';
import { Uses } from '../../state/signal.ts';
import { shortTitle, type View } from '../../state/views.ts';
import { shared } from '../../styles/shared.ts';
import '../../views/pl-item.ts';

/** What one method says of a unit: its map, or those of its outputs that are asked for, and a sentence made of them. */
@customElement('pl-evidence')
export class PlEvidence extends LitElement {
    static override styles = [
        shared,
        css`
            :host {
                display: grid;
                grid-template-columns: minmax(0, 1fr);
                align-content: start;
                gap: var(--gap-1);
                min-width: 0;
            }
            h4 {
                margin: 0;
                font: 600 0.9375rem / 1.4 var(--sans);
            }
            pl-map, pl-legend, .empty {
                width: min(round(down, 100%, var(--map-step)), 196px);
            }
            .empty {
                aspect-ratio: 1;
                background: var(--paper);
                box-shadow: 0 0 0 1px var(--line);
            }
            a {
                display: inline-flex;
                align-items: center;
                min-height: var(--touch);
                font-size: 0.875rem;
            }
            dl {
                display: grid;
                grid-template-columns: max-content 1fr;
                gap: 0 var(--gap-4);
                font-size: 0.9375rem;
            }
            dt {
                color: var(--muted);
            }
        `,
    ];

    @property({ attribute: false }) view!: View;
    @property({ attribute: false }) card!: MethodCard;
    @property({ attribute: false }) target: TargetText | undefined;
    @property({ attribute: false }) source: Source | undefined;
    /** Outputs that are shown, by name; the map, where it gives one, comes first by itself. */
    @property({ attribute: false }) outputs: readonly string[] = [];
    /** A picture of the answer, before the outputs. */
    @property({ attribute: false }) draw: (explanation: Explanation) => unknown = () => '';
    /** What is said of the answer, in a sentence. */
    @property({ attribute: false }) say: (explanation: Explanation) => string = () => '';
    @property({ type: Boolean }) map = true;
    @property() heading = '';
    @query('pl-map') private picture!: PlMap | null;
    readonly #live = new LiveView(this, {
        map: () => this.picture,
        card: () => this.card,
        view: () => this.view,
        onSheet: false,
        source: () => this.source ?? { model: null, drawing: null },
        target: () => this.target,
    });

    constructor() {
        super();
        new Uses(this, settings, phase);
    }

    protected override render() {
        const { card, view } = this;
        const { answer, explanation: known, failure, run } = this.#live;
        const asked = card.pace === 'asked';
        const missing = phase.value.name === 'ready' ? missingFor(card, phase.value.modelId) : null;
        const shown = known ? givenBy(card, known).filter(({ output }) => this.outputs.includes(output.name)) : [];
        const numbers = shown.filter(({ output }) => output.kind === 'scalar');
        const kind = mainKind(card);
        return html`
            <h4>${this.heading}</h4>
            ${
                givesMap(card) && this.map
                    ? html`<pl-map></pl-map><pl-legend kind=${kind === 'change' ? 'signed' : kind}
                        .scale=${known ? (this.picture?.scale ?? 0) : 0}></pl-legend>`
                    : ''
            }
            ${known ? this.draw(known) : ''}
            ${shown
                .filter(({ output }) => output.kind !== 'scalar')
                .map(
                    ({ output, item }) =>
                        html`<pl-item captioned .card=${card} .output=${output} .item=${item} .explanation=${known!}
                            .input=${answer?.frame.input ?? null}></pl-item>`,
                )}
            ${
                numbers.length > 0
                    ? html`<dl>${numbers.map(({ output, item }) => {
                          const [name, number] = report(output, (item as number[])[0] ?? NaN);
                          return html`<dt title=${sentence(output.help ?? '')}>${name}</dt><dd>${number}</dd>`;
                      })}</dl>`
                    : ''
            }
            <p class="quiet said">${missing ?? failure ?? (known ? this.say(known) : '')}</p>
            ${
                asked
                    ? html`<pl-run asked .run=${run} .missing=${missing ?? ''}
                @run-start=${() => this.#live.start()}></pl-run>`
                    : ''
            }
            <a class="screen" href=${address({ room: 'method', ...view })}>${shortTitle(card)}</a>
        `;
    }
}

declare global {
    interface HTMLElementTagNameMap {
        'pl-evidence': PlEvidence;
    }
}
