import { html } from 'lit';
import type { Frames } from 'pellucid';
import { outputName, sentence } from '../../core/words.ts';
import type { ItemContext } from '../registry.ts';
import './pl-frames.ts';

export const wide = true;

export function view({ output, item, small }: ItemContext) {
    return html`<pl-frames ?small=${small} .frames=${item as Frames} .kind=${output.map ?? 'image'} .name=${sentence(outputName(output))}></pl-frames>`;
}

export const describe = ({ item }: ItemContext): string => {
    const { steps } = item as Frames;
    return `${steps.length} pictures, from step ${steps[0] ?? 0} to step ${steps.at(-1) ?? 0}.`;
};
