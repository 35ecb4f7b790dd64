import { LitElement, css, html } from 'lit';
import { customElement, query } from 'lit/decorators.js';
import '../../elements/pl-picker.ts';
import type { PlPicker } from '../../elements/pl-picker.ts';
import { phase } from '../../state/engine.ts';
import { Uses } from '../../state/signal.ts';
import { sameView, settingWords, shortTitle, type View } from '../../state/views.ts';
import { shared } from '../../styles/shared.ts';
import { fitsSubject, offered, subject, usual } from './subject.ts';

/** Whose map is put to the test: a few at once, every other by the picker. */
@customElement('pl-subject')
export class PlSubject extends LitElement {
    static override styles = [
        shared,
        css`
            :host {
                display: block;
            }
            .choices {
                display: flex;
                flex-wrap: wrap;
                gap: var(--gap-2);
            }
        `,
    ];

    @query('pl-picker') private picker!: PlPicker;

    constructor() {
        super();
        new Uses(this, phase, subject);
    }

    /** An address may name what has no map to be tested. */
    protected override willUpdate(): void {
        if (phase.value.name !== 'ready') return;
        const card = phase.value.cards.get(subject.value.method);
        if (!card || !fitsSubject(card)) subject.value = usual;
    }

    protected override render() {
        if (phase.value.name !== 'ready') return '';
        const { cards } = phase.value;
        const known = (view: View) => cards.has(view.method);
        const views = [...offered.filter(known)];
        if (known(subject.value) && !views.some((view) => sameView(view, subject.value))) views.push(subject.value);
        return html`
            <div class="choices screen" role="group" aria-label="The map that is tested">
                ${views.map((view) => {
                    const card = cards.get(view.method)!;
                    const words = Object.keys(view.params).length > 0 ? ` (${settingWords(view, card)})` : '';
                    return html`<button aria-pressed=${sameView(view, subject.value)} title=${card.question}
                        @click=${() => (subject.value = view)}>${shortTitle(card)}${words}</button>`;
                })}
                <button class="bare" @click=${() =>
                    this.picker.pick((view) => (subject.value = view), fitsSubject)}>Another …</button>
            </div>
            <pl-picker></pl-picker>
        `;
    }
}

declare global {
    interface HTMLElementTagNameMap {
        'pl-subject': PlSubject;
    }
}
