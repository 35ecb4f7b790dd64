import { html } from 'lit';
import type { Series } from 'pellucid';
import { inUnit, outputName, sentence, withUnit, words } from '../../core/words.ts';
import type { ItemContext } from '../registry.ts';
import './pl-series.ts';

export const wide = true;

export function view(context: ItemContext) {
    const { output, item, beside, small } = context;
    const curves = [{ output, item }, ...beside].flatMap((given) => {
        const { at, values } = given.item as Series;
        return values.map((curve) => ({ name: sentence(outputName(given.output)), at, values: curve }));
    });
    return html`<pl-series
        ?small=${small}
        .curves=${curves}
        .name=${sentence(outputName(output))}
        .along=${words(output.along ?? '')}
        .unit=${output.unit}
        .label="${sentence(outputName(output))}. ${describe(context)}"
    ></pl-series>`;
}

/** Where a curve begins, ends, and is highest and lowest. */
export function describe({ output, item }: ItemContext): string {
    const { at, values } = item as Series;
    const [curve] = values;
    if (!curve || curve.length === 0) return 'No values.';
    const say = (value: number) => withUnit(value, output.unit);
    const x = output.along ? words(output.along) : 'the axis';
    const least = curve.indexOf(Math.min(...curve));
    const most = curve.indexOf(Math.max(...curve));
    const place = (index: number) => inUnit(at[index] ?? index, '');
    return `From ${say(curve[0]!)} to ${say(
        curve.at(-1)!,
    )} along ${x}; lowest ${say(curve[least]!)} at ${place(least)}, highest ${say(curve[most]!)} at ${place(most)}.`;
}
