import type { MethodCard } from 'pellucid';
import { givesMap, mainKind } from '../../core/items.ts';

/** An attack on one drawing with a bound on the change, quick enough to follow a knob. */
export const isBounded = (card: MethodCard): boolean =>
    givesMap(card) &&
    mainKind(card) === 'image' &&
    card.subject === 'input' &&
    card.pace !== 'asked' &&
    card.params.some(({ name }) => name === 'epsilon');
