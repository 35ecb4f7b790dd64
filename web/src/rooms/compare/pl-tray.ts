import { LitElement, html } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import type { Explanation, Image } from 'pellucid';
import { difference, spearman } from '../../core/correlate.ts';
import { icon } from '../../core/icons.ts';
import { mainKind, withGrowth } from '../../core/items.ts';
import { short } from '../../core/numbers.ts';
import { largest } from '../../core/regions.ts';
import '../../elements/pl-legend.ts';
import '../../elements/pl-map.ts';
import '../../elements/pl-picker.ts';
import type { PlPicker } from '../../elements/pl-picker.ts';
import { phase } from '../../state/engine.ts';
import { Uses } from '../../state/signal.ts';
import { addSlot, changeSlot, mostSlots, tray, usable, type Slot } from '../../state/tray.ts';
import { shortTitle, type View } from '../../state/views.ts';
import { shared } from '../../styles/shared.ts';
import { PlSlot, type SlotAnswer } from './pl-slot.ts';
import { trayStyles } from './pl-tray.css.ts';

/** Up to four answers side by side, which may differ in anything; and how far each agrees with the first. */
@customElement('pl-tray')
export class PlTray extends LitElement {
    static override styles = [shared, trayStyles];

    /** As a room of its own, not beneath something else. */
    @property({ type: Boolean }) whole = false;
    @query('pl-picker') private picker!: PlPicker;
    @state() private answers: ReadonlyMap<number, Explanation | null> = new Map();
    /** null: one scale where all come from one method, in whose unit they are. */
    @state() private together: boolean | null = null;

    constructor() {
        super();
        new Uses(this, tray, phase);
    }

    #maps(slots: readonly Slot[]): (Image | null)[] {
        return slots.map(({ view }, index) => {
            const card = phase.value.name === 'ready' ? phase.value.cards.get(view.method) : undefined;
            const explanation = this.answers.get(index);
            return card && explanation?.method === card.id ? PlSlot.mapOf(card, explanation) : null;
        });
    }

    protected override render() {
        if (phase.value.name !== 'ready') return html``;
        const { cards } = phase.value;
        const slots = usable(tray.value, cards);
        // A picture that grows is put in so that one can watch it.
        const growing = ({ method, params }: View) => ({ method, params: withGrowth(cards.get(method)!, params) });
        const add = () => this.picker.pick((view) => addSlot({ view: growing(view) }));
        const maps = this.#maps(slots);
        const oneMethod = new Set(slots.map(({ view }) => view.method)).size === 1;
        const together = this.together ?? oneMethod;
        const most = Math.max(
            0,
            ...maps.map((map, index) =>
                map && mainKind(cards.get(slots[index]!.view.method)!) !== 'image' ? largest(map) : 0,
            ),
        );
        return html`
            <div class="title">
                <h2 tabindex="-1">${this.whole ? 'Where do they agree?' : 'Compared with'}</h2>
                ${
                    slots.length > 1
                        ? html`<label class="together screen">
                          <input type="checkbox" .checked=${together} @change=${(event: Event) =>
                              (this.together = (event.target as HTMLInputElement).checked)} />
                          One scale for all
                      </label>`
                        : ''
                }
            </div>
            ${
                slots.length === 0
                    ? html`<p class="invitation">Up to four explanations stand here side by side: of other
            methods, digits, networks or drawings. Press “Compare” at any of them, or begin here.</p>`
                    : ''
            }
            <div class="slots">
                ${slots.map(
                    (slot, index) => html`<pl-slot
                    .slotted=${slot}
                    .index=${index}
                    .card=${cards.get(slot.view.method)}
                    .fixed=${together ? most : null}
                    @slot-answer=${({ explanation }: SlotAnswer) =>
                        (this.answers = new Map([...this.answers, [index, explanation]]))}
                    @slot-pick=${() => this.picker.pick((view) => changeSlot(index, { view: growing(view) }))}
                ></pl-slot>`,
                )}
                ${
                    slots.length < mostSlots
                        ? html`<button class="add screen" @click=${add}>${icon('search')} ${
                              slots.length === 0 ? 'Take a method' : 'Another'
                          }</button>`
                        : ''
                }
            </div>
            ${slots.length > 1 ? this.#agreement(slots, maps, oneMethod) : ''}
            <pl-picker></pl-picker>
        `;
    }

    /** How far the others agree with the first: the order of their pixels, and what differs. */
    #agreement(slots: readonly Slot[], maps: readonly (Image | null)[], oneMethod: boolean) {
        if (phase.value.name !== 'ready') return '';
        const { cards } = phase.value;
        const title = (index: number) => shortTitle(cards.get(slots[index]!.view.method)!);
        const [first] = maps;
        const rows = maps.flatMap((map, index) =>
            index > 0 && first && map && map.data.length === first.data.length ? [{ map, index }] : [],
        );
        if (!first || rows.length === 0)
            return html`<p class="quiet">Only maps of one size can be compared pixel by pixel.</p>`;
        return html`
            <h3>Set against the first, ${title(0)}</h3>
            <p class="quiet">
                Rank correlation is 1 where two maps put the pixels in the same order, 0 where the orders have nothing
                to do with each other. The
                difference is the first map less the other${oneMethod ? '' : ', each in parts of its largest value'}.
            </p>
            <div class="slots agreement">
                ${rows.map(({ map, index }) => {
                    const rest = difference(first, map, !oneMethod);
                    const scale = largest(rest);
                    const correlation = spearman(first.data, map.data);
                    return html`<figure>
                        <pl-map label="The difference to ${title(index)}"
                            .shown=${{ map: rest, kind: 'signed', scale }}></pl-map>
                        <pl-legend kind="signed" .scale=${scale}></pl-legend>
                        <figcaption>
                            ${index + 1}. ${title(index)}: rank correlation <b class="correlation">${
                                Number.isNaN(correlation) ? 'none' : short(correlation)
                            }</b>
                        </figcaption>
                    </figure>`;
                })}
            </div>
        `;
    }
}

declare global {
    interface HTMLElementTagNameMap {
        'pl-tray': PlTray;
    }
}
