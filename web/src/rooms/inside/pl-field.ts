import { LitElement, css, html } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import type { Computed, Image } from 'pellucid';
import { inlineStyle } from '../../core/inline-style.ts';
import { shared } from '../../styles/shared.ts';
import '../../elements/pl-map.ts';

/** What a unit can see of the drawing: its receptive field, framed on what the network gets. */
@customElement('pl-field')
export class PlField extends LitElement {
    static override styles = [
        shared,
        css`
            :host {
                display: block;
            }
            div {
                position: relative;
            }
            span {
                position: absolute;
                outline: 2px solid var(--accent);
                box-shadow: 0 0 0 3.5px var(--paper);
                pointer-events: none;
            }
        `,
    ];

    @property({ attribute: false }) input!: Image;
    @property({ attribute: false }) field: Computed['field'] | null = null;

    protected override render() {
        const { input, field } = this;
        const share = (value: number, of: number) => `${(100 * value) / of}%`;
        const words = field
            ? `It sees ${field.height} by ${field.width} pixels, from row ${field.top}, column ${field.left}`
            : 'The drawing as the network gets it';
        return html`<div>
            <pl-map label=${words} .shown=${{ map: input, kind: 'image' }}></pl-map>
            ${
                field
                    ? html`<span ${inlineStyle({
                          left: share(field.left, input.width),
                          top: share(field.top, input.height),
                          width: share(field.width, input.width),
                          height: share(field.height, input.height),
                      })}></span>`
                    : ''
            }
        </div>`;
    }
}

declare global {
    interface HTMLElementTagNameMap {
        'pl-field': PlField;
    }
}
