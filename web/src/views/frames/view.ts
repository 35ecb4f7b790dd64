import { html } from 'lit';
import type { Frames, Scores } from 'pellucid';
import { inUnit, outputName, sentence, words } from '../../core/words.ts';
import type { ItemContext } from '../registry.ts';
import { unitLinks } from '../unit-links.ts';
import './pl-frames.ts';
import './pl-gallery.ts';

export const wide = true;

/**
 * Pictures that follow one another in time are gone through; a collection, such as the channels of a layer or a
 * ranking, is seen at once. A collection's pictures come without steps, or have a score each.
 */
function labels({ card, item, explanation }: ItemContext): string[] | null {
    const { images, steps } = item as Frames;
    for (const output of card.outputs) {
        const scores = explanation.outputs[output.name] as Scores | undefined;
        if (output.kind !== 'scores' || scores?.groups.length !== images.length) continue;
        return scores.groups.map(
            (group, index) => `${words(group)}: ${inUnit(scores.values[0]?.[index] ?? NaN, output.unit)}`,
        );
    }
    return card.progressive ? null : steps.map(String);
}

/** Channels that are numbered as such; a single picture of all units is none. */
const pictured = ({ images, steps }: Frames): string[] => (images.length > 1 ? steps.map(String) : []);

export function view(context: ItemContext) {
    const { output, item, small, controls } = context;
    const name = sentence(outputName(output));
    const kind = output.map ?? 'image';
    const named = labels(context);
    return named
        ? html`<pl-gallery ?small=${small} .controls=${controls} .images=${(item as Frames).images} .labels=${named}
            .links=${unitLinks(context, pictured(item as Frames))} .kind=${kind} .name=${name}></pl-gallery>`
        : html`<pl-frames ?small=${small} .controls=${controls} .frames=${item as Frames} .kind=${kind}
            .name=${name}></pl-frames>`;
}

export function describe(context: ItemContext): string {
    const { images, steps } = context.item as Frames;
    if (labels(context)) return `${images.length} pictures in one scale.`;
    return `${images.length} pictures, from step ${steps[0] ?? 0} to step ${steps.at(-1) ?? 0}.`;
}
