import type { Frames, Scores } from 'pellucid';
import { unitOf } from '../core/unit-links.ts';
import { phase } from '../state/engine.ts';
import { address } from '../state/route.ts';
import type { ItemContext } from './registry.ts';

/**
 * The address of a unit's page for each of these groups, where the answer says whose units they are; null for what is
 * no unit. In a tile nothing leads elsewhere.
 */
export function unitLinks({ item, small }: ItemContext, groups: readonly string[]): (string | null)[] {
    const name = (item as Scores | Frames).layer;
    const layers = phase.value.name === 'ready' ? phase.value.model.layers : [];
    const layer = small ? undefined : layers.find((each) => each.name === name);
    return groups.map((group) => {
        const unit = layer ? unitOf(layer, group) : null;
        return unit === null ? null : address({ room: 'unit', unit });
    });
}
