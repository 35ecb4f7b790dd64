import { css, html } from 'lit';
import { customElement } from 'lit/decorators.js';
import type { Model, Params } from 'pellucid';
import { short } from '../../core/numbers.ts';
import { modelOf } from '../../state/engine.ts';
import { entryOf } from '../../state/models.ts';
import { count, digit, inAddress } from '../../state/room-settings.ts';
import { withArticle } from '../../state/target.ts';
import { shared } from '../../styles/shared.ts';
import { imagineStyles } from './imagine.css.ts';
import { ImaginePart } from './part.ts';
import './pl-dream.ts';
import './pl-strip.ts';

const method = 'fooling_image';

/** Noise that a network is sure of: how it comes out of this network, and of one that was trained against attacks. */
@customElement('pl-duel')
export class PlDuel extends ImaginePart {
    static override styles = [
        shared,
        imagineStyles,
        css`
            .pair {
                max-width: 520px;
            }
        `,
    ];

    @inAddress('imagine.fooling', 7, digit) private wanted!: number;
    @inAddress('imagine.foolingseed', 0, count()) private seed!: number;
    #models: readonly string[] = [];

    get #rivals(): string[] {
        return [this.modelId, this.modelId === 'robust' ? 'lenet' : 'robust'];
    }
    readonly #begin = async (): Promise<void> => {
        const card = this.card(method);
        if (!card) return;
        const rivals = this.#rivals;
        const models: Model[] = await Promise.all(rivals.map((id) => modelOf(id)));
        this.#models = rivals;
        await this.launch([method], (own) =>
            models.map((model) => ({
                card,
                params: this.#params,
                targets: [`class:${this.wanted}`],
                input: this.drawing(own),
                model,
            })),
        );
    };
    get #params(): Params {
        return this.seed === 0 ? {} : { seed: this.seed };
    }
    #number(which: number, name: string): number {
        return (this.group?.answers[which]?.outputs[name] as number[] | undefined)?.[0] ?? Number.NaN;
    }

    protected override render() {
        const { model, group } = this;
        if (!model) return html``;
        const rivals = group ? this.#models : this.#rivals;
        return html`
            <h2 tabindex="-1">Is it sure of things that are no digit at all?</h2>
            <p class="intro">From the same noise, each network’s picture is changed only until that network is 99 % sure
                of the digit.</p>
            <div class="choices screen">
                <label>It should be read as
                    <select @change=${(event: Event) => {
                        this.wanted = Number((event.target as HTMLSelectElement).value);
                        if (this.group) void this.#begin();
                    }}>
                        ${Array.from(
                            { length: 10 },
                            (_, each) => html`<option value=${each}
                            ?selected=${each === this.wanted}>${withArticle(each)}</option>`,
                        )}
                    </select>
                </label>
            </div>
            <pl-strip .group=${group} begin="Fool both" name="the pictures" @group-start=${() => {
                if (this.group) this.seed++;
                void this.#begin();
            }}></pl-strip>
            <p class="said" aria-live="polite">${this.#words(rivals)}</p>
            <div class="pair">
                ${rivals.map(
                    (id, which) => html`<pl-dream
                    name=${entryOf(id).title}
                    .wanted=${this.wanted}
                    .model=${model}
                    .moment=${group?.moment(which) ?? null}
                    .origin=${{ view: { method, params: this.#params }, target: `class:${this.wanted}`, model: id }}
                ></pl-dream>`,
                )}
            </div>
        `;
    }
    #words(rivals: readonly string[]): string {
        const { group } = this;
        if (!group || group.active) return '';
        const said = rivals.map((id, which) => {
            const far = short(this.#number(which, 'l2'));
            return this.#number(which, 'success') === 1
                ? `${entryOf(id).title} is sure of ${withArticle(this.wanted)} after a change of ${far}`
                : `${entryOf(id).title} is not sure even after a change of ${far}`;
        });
        return `${said.join('; ')} (L2, of noise that has nothing in it).`;
    }
}

declare global {
    interface HTMLElementTagNameMap {
        'pl-duel': PlDuel;
    }
}
