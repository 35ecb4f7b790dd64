import { html } from 'lit';
import { withUnit, outputName } from '../../core/words.ts';
import type { ItemContext } from '../registry.ts';
import './pl-number.ts';

const texts = ({ output, item }: ItemContext): string[] =>
    (item as number[]).map((value) => withUnit(value, output.unit));

export function view(context: ItemContext) {
    return html`<pl-number ?small=${context.small} .texts=${texts(context)}
        .name=${outputName(context.output)}></pl-number>`;
}

export const describe = (): string => '';
