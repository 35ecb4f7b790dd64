/** The words of the methods' cards, which the core leaves out to be small; they come from the command (build.mjs). */
import cards from '#cards';
import type { MethodCard } from './types.js';

export interface CardWords {
    title: string;
    question: string;
    formula: string;
    reference: MethodCard['reference'];
    caveat: string;
    /** Help by the names of parameters and outputs. */
    params: Record<string, string>;
    outputs: Record<string, string>;
}

/** A card as the core gives it, with its words. */
export function withWords(card: MethodCard): MethodCard {
    const said = cards[card.id];
    if (!said) throw new Error(`the package has no words for the method ${card.id}: core and package are of different builds`);
    const { params, outputs, ...words } = said;
    return {
        ...card,
        ...words,
        params: card.params.map((param) => ({ ...param, help: params[param.name] ?? '' })),
        outputs: card.outputs.map((output) => (outputs[output.name] ? { ...output, help: outputs[output.name]! } : output)),
    };
}
