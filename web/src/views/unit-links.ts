import type { Scores } from 'pellucid';
import { unitsIn } from '../core/unit-links.ts';
import { phase } from '../state/engine.ts';
import { address } from '../state/route.ts';
import type { ItemContext } from './registry.ts';

/**
 * The address of a unit's page for each of these groups; null for what is no unit. In a tile nothing leads elsewhere.
 */
export function unitLinks({ card, explanation, small }: ItemContext, groups: readonly string[]): (string | null)[] {
    const layers = phase.value.name === 'ready' ? phase.value.model.layers : [];
    const textOf = small ? null : unitsIn(card, explanation, layers);
    return groups.map((group) => {
        const unit = textOf?.(group) ?? null;
        return unit === null ? null : address({ room: 'unit', unit });
    });
}

/** Of an output whose groups are as many as a layer has classes, these are the classes: no units. */
export const areUnits = ({ output }: ItemContext, { groups }: Scores): boolean =>
    output.unit !== 'probability' && groups.length > 0;
