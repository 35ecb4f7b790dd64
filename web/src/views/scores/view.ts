import { html } from 'lit';
import type { Scores } from 'pellucid';
import { outputName, sentence, withUnit, words } from '../../core/words.ts';
import { sheet } from '../../state/drawing.ts';
import type { ItemContext } from '../registry.ts';
import { unitLinks } from '../unit-links.ts';
import './pl-bars.ts';
import './pl-strokes.ts';

export const wide = true;

const values = ({ item }: ItemContext): Float32Array => (item as Scores).values[0] ?? new Float32Array();

/** Groups that are the drawing's strokes are painted as such; the drawing may have gone on since. */
function areStrokes({ item }: ItemContext): boolean {
    const { groups } = item as Scores;
    return (
        groups.length > 0 &&
        groups.length === sheet.strokes.filter(({ eraser }) => !eraser).length &&
        groups.every((group) => /^stroke \d+$/.test(group))
    );
}

export function view(context: ItemContext) {
    const { output, item, small } = context;
    const { groups } = item as Scores;
    const name = sentence(outputName(output));
    const strokes = areStrokes(context);
    return html`
        ${
            strokes
                ? html`<pl-strokes .values=${values(context)} .unit=${output.unit}
            label="${name}. ${describe(context)}"></pl-strokes>`
                : ''
        }
        ${
            strokes && small
                ? ''
                : html`<pl-bars ?small=${small} .groups=${groups} .links=${unitLinks(context, groups)}
            .values=${values(context)} .unit=${output.unit} .name=${name}></pl-bars>`
        }
    `;
}

export function describe(context: ItemContext): string {
    const { groups } = context.item as Scores;
    const all = values(context);
    if (all.length === 0) return 'No groups.';
    const best = all.reduce((found, value, i) => (Math.abs(value) > Math.abs(all[found]!) ? i : found), 0);
    return `Of ${groups.length}, the strongest is ${words(groups[best] ?? String(best))} with ${withUnit(
        all[best]!,
        context.output.unit,
    )}.`;
}
