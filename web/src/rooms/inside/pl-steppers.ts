import { LitElement, css, html } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import type { Image } from 'pellucid';
import type { Unit } from '../../core/unit.ts';
import { shared } from '../../styles/shared.ts';
import { UnitChoice } from './pl-arithmetic.ts';

/** A unit's channel, row and column as numbers that can be typed and stepped. */
@customElement('pl-steppers')
export class PlSteppers extends LitElement {
    static override styles = [
        shared,
        css`
            :host {
                display: flex;
                flex-wrap: wrap;
                gap: var(--gap-1) var(--gap-3);
            }
            label {
                display: inline-flex;
                align-items: center;
                gap: var(--gap-2);
                white-space: nowrap;
            }
            input {
                width: 4.25rem;
            }
        `,
    ];

    @property({ attribute: false }) unit!: Unit;
    /** Of the unit's layer. */
    @property({ attribute: false }) size!: Pick<Image, 'height' | 'width' | 'channels'>;
    /** Without rows and columns: a whole channel. */
    @property({ type: Boolean }) whole = false;

    protected override render() {
        const { unit, size, whole } = this;
        const flat = size.height * size.width === 1;
        const row = unit.place?.row ?? 0;
        const column = unit.place?.column ?? 0;
        const choose = (change: Partial<{ channel: number; row: number; column: number }>) => {
            const next = { channel: unit.channel, row, column, ...change };
            this.dispatchEvent(
                new UnitChoice({
                    layer: unit.layer,
                    channel: next.channel,
                    place: whole || flat ? unit.place : { row: next.row, column: next.column },
                }),
            );
        };
        const number = (name: string, value: number, count: number, change: (value: number) => void) => html`<label>
            ${name}
            <input
                type="number"
                min="0"
                max=${count - 1}
                .value=${String(value)}
                @change=${(event: Event) => {
                    const field = event.target as HTMLInputElement;
                    const typed = Math.round(field.valueAsNumber);
                    if (typed >= 0 && typed < count) change(typed);
                    else field.value = String(value);
                }}
            />
        </label>`;
        return html`
            ${number(flat ? 'unit' : 'channel', unit.channel, size.channels, (channel) => choose({ channel }))}
            ${
                flat || whole
                    ? ''
                    : html`${number('row', row, size.height, (value) => choose({ row: value }))}
                      ${number('column', column, size.width, (value) => choose({ column: value }))}`
            }
        `;
    }
}

declare global {
    interface HTMLElementTagNameMap {
        'pl-steppers': PlSteppers;
    }
}
