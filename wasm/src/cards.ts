/** The methods' cards. They come from the command (build.mjs), so that the modules need not hold them. */
import cards from '#cards';
import type { MethodCard } from './types.js';

/** All cards, in the order of the list; `held`: the methods of the module that is there from the start. */
export function allCards(held: readonly string[]): readonly MethodCard[] {
    const live = cards.filter(({ module }) => module === 'live').map(({ id }) => id);
    if (live.join() !== held.join()) throw new Error('core and package are of different builds: their methods differ');
    return cards;
}
