import { LitElement, css, html, type PropertyValues } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { short } from '../../core/numbers.ts';
import { largest } from '../../core/regions.ts';
import { before, isFlat, sizeOf, type Unit } from '../../core/unit.ts';
import { changeOf, changes, setChange } from '../../state/changes.ts';
import { phase } from '../../state/engine.ts';
import { Uses } from '../../state/signal.ts';
import { layerValues } from '../../state/values.ts';
import { shared } from '../../styles/shared.ts';

type Scope = 'unit' | 'channel' | 'layer';
const mostFactor = 2;

/**
 * "Break it": a unit, its channel or its layer is switched off, scaled or disturbed, and everything on the page
 * follows.
 */
@customElement('pl-break')
export class PlBreak extends LitElement {
    static override styles = [
        shared,
        css`
            :host {
                display: grid;
                grid-template-columns: minmax(0, 1fr);
                gap: var(--gap-2);
            }
            .scopes, .line {
                display: flex;
                flex-wrap: wrap;
                align-items: center;
                gap: var(--gap-1) var(--gap-4);
            }
            .scopes label, .line label {
                display: inline-flex;
                align-items: center;
                gap: var(--gap-2);
                min-height: var(--touch);
            }
            legend {
                padding: 0;
                font: 600 0.9375rem / 1.4 var(--sans);
            }
            .line input {
                width: min(180px, 36vw);
            }
            output {
                min-width: 5ch;
            }
        `,
    ];

    @property({ attribute: false }) unit!: Unit;
    @state() private scope: Scope = 'channel';
    /**
     * What noise is measured against: the layer's largest activity when the controls came, so that the slider keeps its
     * place.
     */
    @state() private reference = 0;
    #referenceOf = '';

    constructor() {
        super();
        new Uses(this, changes, phase, layerValues);
    }
    protected override willUpdate(changed: PropertyValues<this>): void {
        if (changed.has('unit') && this.scope === 'unit' && !this.unit.place) this.scope = 'channel';
        const { layer } = before(this.unit);
        if (this.#referenceOf === layer) return;
        const values = layerValues.value?.layers.find((each) => each.layer === layer)?.values;
        if (!values) return;
        const power = 10 ** Math.floor(Math.log10(largest(values) || 1));
        this.reference = Math.max(power, Math.round(largest(values) / power) * power);
        this.#referenceOf = layer;
    }

    protected override render() {
        if (phase.value.name !== 'ready') return '';
        const unit = before(this.unit);
        const info = phase.value.model.layers.find(({ name }) => name === unit.layer);
        if (!info) return '';
        const flat = isFlat(sizeOf(info));
        const { channel, place } = unit;
        const scopes: [Scope, string][] = [
            ...(place && !flat ? [['unit', 'this unit'] as [Scope, string]] : []),
            ['channel', flat ? 'this unit' : 'the whole channel'],
            ['layer', `all of ${unit.layer}`],
        ];
        const units =
            this.scope === 'layer'
                ? 'all'
                : this.scope === 'unit' && place && !flat
                  ? `${channel},${place.row},${place.column}`
                  : String(channel);
        const now = changeOf(unit.layer, units);
        const set = (patch: { factor?: number; noise?: number }) => setChange({ ...now, ...patch });
        const most = this.reference || 1;
        return html`
            <fieldset>
                <legend>Break it</legend>
                <div class="scopes">
                    ${scopes.map(
                        ([id, words]) => html`<label>
                        <input type="radio" name="scope" .checked=${id === this.scope}
                            @change=${() => (this.scope = id)} />${words}
                    </label>`,
                    )}
                </div>
            </fieldset>
            <div class="line">
                <button aria-pressed=${now.factor === 0} @click=${() =>
                    set({ factor: now.factor === 0 ? 1 : 0 })}>Switch off</button>
                <label>activity ×
                    <input
                        type="range"
                        min="0"
                        max=${mostFactor}
                        step="0.05"
                        aria-label="Activity times"
                        .value=${String(now.factor)}
                        @input=${(event: Event) => set({ factor: (event.target as HTMLInputElement).valueAsNumber })}
                    /><output>${short(now.factor)}</output>
                </label>
                <label>noise
                    <input
                        type="range"
                        min="0"
                        max=${most}
                        step=${most / 40}
                        aria-label="Noise"
                        .value=${String(now.noise)}
                        @input=${(event: Event) => set({ noise: (event.target as HTMLInputElement).valueAsNumber })}
                    /><output>${short(now.noise)}</output>
                </label>
            </div>
        `;
    }
}

declare global {
    interface HTMLElementTagNameMap {
        'pl-break': PlBreak;
    }
}
