import type { LayerInfo } from 'pellucid';
import { short } from '../../core/numbers.ts';
import { isFlat, parseUnit, sizeOf, unitWords, type Unit } from '../../core/unit.ts';
import type { Change } from '../../state/changes.ts';

/** The unit or channel that a change is of; null for a whole layer, or several. */
export const unitOfChange = ({ layer, units }: Change): Unit | null => parseUnit(`${layer}/${units}`);

function what(change: Change, layers: readonly LayerInfo[]): string {
    const { layer, units } = change;
    const found = layers.find(({ name }) => name === layer);
    if (units === 'all') return `all of ${layer}`;
    const unit = unitOfChange(change);
    if (unit && found) return unitWords(unit, sizeOf(found));
    const named = units.split(';').join(', ');
    return found && isFlat(sizeOf(found)) ? `the units ${named} of ${layer}` : `${named} of ${layer}`;
}

/** "channel 3 of relu2 is off", "all of conv1 is at 50 %, with noise of 0.20". */
export function changeWords(change: Change, layers: readonly LayerInfo[]): string {
    const { factor, noise } = change;
    const level = factor === 0 ? 'off' : factor === 1 ? '' : `at ${Math.round(100 * factor)} %`;
    const added = noise > 0 ? `${level === '' ? 'has' : 'with'} noise of ${short(noise)}` : '';
    return `${what(change, layers)} ${
        level === '' ? added : `is ${[level, added].filter((part) => part !== '').join(', ')}`
    }`;
}
