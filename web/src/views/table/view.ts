import { html } from 'lit';
import type { Table } from 'pellucid';
import { outputName, sentence } from '../../core/words.ts';
import type { ItemContext } from '../registry.ts';
import './pl-table.ts';

export const wide = true;

export function view({ output, item, small }: ItemContext) {
    return html`<pl-table ?small=${small} .table=${item as Table} .name=${sentence(outputName(output))}></pl-table>`;
}

export const describe = ({ item }: ItemContext): string => `${(item as Table).rows.length} rows.`;
