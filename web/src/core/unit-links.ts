import type { LayerInfo } from 'pellucid';
import { isFlat, parseUnit, sizeOf, unitText } from './unit.ts';

/** A channel or a unit of a layer, "3" or "3,4,4", as its page is called; null for what the layer does not have. */
export function unitOf(layer: LayerInfo, group: string): string | null {
    const unit = /^\d+(,\d+,\d+)?$/.test(group) ? parseUnit(`${layer.name}/${group}`) : null;
    if (!unit || unit.channel >= sizeOf(layer).channels) return null;
    return unitText(isFlat(sizeOf(layer)) ? { ...unit, place: null } : unit);
}
