import type { Explanation, LayerInfo, MethodCard } from 'pellucid';
import { isFlat, parseUnit, sizeOf, unitText } from './unit.ts';

/** The layer that a method shows where none was named: what the package says of the parameter. */
function usualLayer({ id }: MethodCard, { target }: Explanation, layers: readonly LayerInfo[]): string | undefined {
    if (id === 'filters') return layers.find(({ parameters }) => parameters > 0)?.name;
    // Below a part of the network it is another one than below a digit.
    if (/^(neuron|channel|norm):/.test(target) && id !== 'activations') return undefined;
    const last = layers.findLastIndex(({ op }) => op === 'Conv');
    const [conv, behind] = [layers[last], layers[last + 1]];
    if (!conv) return layers[0]?.name;
    return behind?.op === 'Relu' ? behind.name : conv.name;
}

/**
 * Where the groups or pictures of an answer are channels or units of one layer: what leads to the page of each, by its
 * name, "3" or "3,4,4". Null where they are none.
 */
export function unitsIn(
    card: MethodCard,
    explanation: Explanation,
    layers: readonly LayerInfo[],
): ((group: string) => string | null) | null {
    if (card.family !== 'inside') return null;
    const param = card.params.find(({ role }) => role === 'layer');
    if (!param) return null;
    const named = explanation.params[param.name];
    const name = typeof named === 'string' && named !== '' ? named : usualLayer(card, explanation, layers);
    const layer = layers.find((each) => each.name === name);
    if (!layer) return null;
    const { channels } = sizeOf(layer);
    return (group) => {
        const unit = /^\d+(,\d+,\d+)?$/.test(group) ? parseUnit(`${layer.name}/${group}`) : null;
        if (!unit || unit.channel >= channels) return null;
        return unitText(isFlat(sizeOf(layer)) ? { ...unit, place: null } : unit);
    };
}
