import { html, type TemplateResult } from 'lit';
import type { MethodCard, Params } from 'pellucid';
import { short } from '../../core/numbers.ts';
import { fromPosition, sliderRange, toPosition } from '../../core/slider.ts';
import { helpWords, words } from '../../core/words.ts';

/** What these parameters are, for people. */
const names: Record<string, string> = {
    l2: 'price of ink',
    tv: 'price of roughness',
    density: 'weight of the expert',
    code_l2: 'price of unusual numbers',
    noise: 'noise to begin with',
    decay: 'fading',
};

/** A slider for each of these parameters; `set` is told while it moves, `settle` when it rests. */
export const knobs = (
    card: MethodCard,
    which: readonly string[],
    params: Params,
    set: (name: string, value: number) => void,
    settle: () => void,
): TemplateResult =>
    html`<div class="knobs screen">${which.map((name) => {
        const param = card.params.find((each) => each.name === name);
        const range = param && sliderRange(param);
        if (!param || !range) return '';
        const value = Number(params[name] ?? param.default);
        return html`<label title=${helpWords(param.help)}>
            ${names[name] ?? words(name)}<output>${short(value)}${param.unit ? ` ${param.unit}` : ''}</output>
            <input
                type="range"
                aria-label=${names[name] ?? words(name)}
                min=${range.min}
                max=${range.max}
                step=${range.step}
                .value=${String(toPosition(value, range))}
                @input=${(event: Event) =>
                    set(name, fromPosition((event.target as HTMLInputElement).valueAsNumber, range))}
                @change=${settle}
            />
        </label>`;
    })}</div>`;
