import { html } from 'lit';
import type { MethodCard, ParamCard, Params } from 'pellucid';
import { actingParams } from '../core/acting.ts';
import { icon } from '../core/icons.ts';
import { takesPicture } from '../state/pictures.ts';
import './pl-param.ts';
import { keepDrawing } from './pl-picture.ts';
import type { ParamChange } from './pl-param.ts';

type Value = Params[string] | null;

/** A choice of "image" and its picture come together: `baseline` and `baseline_image`. null takes a value away. */
export function withParam(card: MethodCard, before: Params, param: string, value: Value): Params {
    const params: Params = { ...before };
    if (value === null) delete params[param];
    else params[param] = value;
    // A picture that counts under one choice of another parameter comes and goes with that choice.
    for (const image of card.params.filter(takesPicture)) {
        const when = image.counts_when?.[0];
        const choice = when?.values[0];
        if (when === undefined || choice === undefined) continue;
        if (param === image.name) {
            if (value === null) delete params[when.param];
            else params[when.param] = choice;
        } else if (param === when.param) {
            if (value === choice) params[image.name] ??= keepDrawing() ?? 'digit-0';
            else delete params[image.name];
        }
    }
    return params;
}

/** The controls of a method: those that act now, the rarely used ones folded away. */
export function controls(card: MethodCard, chosen: Params, changed: boolean, change: (params: Params) => void) {
    const shown = actingParams(card, chosen).filter((param) => param.type !== 'image' || takesPicture(param));
    if (card.params.length === 0) return html`<p class="quiet">This method has nothing to set.</p>`;
    const advanced = shown.filter((param) => param.advanced);
    // One or two are no burden; more of them hide what matters.
    const folded = advanced.length > 2 ? advanced : [];
    const one = (param: ParamCard) => html`<pl-param
        .card=${param}
        .value=${chosen[param.name] ?? param.default}
        @param-change=${(event: ParamChange) => change(withParam(card, chosen, event.param, event.value))}
    ></pl-param>`;
    return html`
        ${shown.filter((param) => !folded.includes(param)).map(one)}
        ${
            folded.length > 0
                ? html`<details ?open=${folded.some(({ name }) => name in chosen)}>
                  <summary>${folded.length} finer settings</summary>
                  <div class="folded">${folded.map(one)}</div>
              </details>`
                : ''
        }
        <button ?disabled=${!changed} @click=${() => change({})}>${icon('reset')} Back to the defaults</button>
    `;
}
