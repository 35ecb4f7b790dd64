import type { Explanation, Image, MethodCard, Params, Prediction } from 'pellucid';
import { furtherMaps, givesMap, mainKind, numbersOf } from '../../core/items.ts';
import { short } from '../../core/numbers.ts';
import { cardOf } from '../../state/ask.ts';

/** An attack on one drawing with a bound on the change, quick enough to follow a knob. */
export const isBounded = (card: MethodCard): boolean =>
    givesMap(card) &&
    mainKind(card) === 'image' &&
    card.subject === 'input' &&
    card.pace !== 'asked' &&
    card.params.some(({ name }) => name === 'epsilon');

/** A drawing, what an attack made of it, and what the attacked network reads in both. */
export interface Attacked {
    original: Image;
    changed: Image;
    before: Prediction;
    after: Prediction;
}

const has = (card: MethodCard, name: string): boolean => card.params.some((param) => param.name === name);

/** Whether it goes in many steps, of a size to be chosen. */
export const hasSteps = (card: MethodCard): boolean => has(card, 'steps') && has(card, 'step_size');

/** What an attack is asked with: steps that together reach two and a half times as far as allowed (Madry et al.). */
export function attackParams(card: MethodCard, epsilon: number, towards: number | null): Params {
    const params: Params = { epsilon };
    const steps = card.params.find(({ name }) => name === 'steps')?.default;
    if (hasSteps(card) && typeof steps === 'number') params['step_size'] = Math.max(1e-4, (2.5 * epsilon) / steps);
    if (towards !== null && has(card, 'targeted')) params['targeted'] = true;
    return params;
}

/** How the smallest ε is looked for: by the attack itself where that can be said, else by the strongest that can. */
export function leastParams(attack: MethodCard, towards: number | null): Params {
    const choices = cardOf('minimal_epsilon')?.params.find(({ name }) => name === 'attack')?.choices ?? [];
    const params: Params = choices.includes(attack.id) ? { attack: attack.id } : {};
    if (towards !== null) params['targeted'] = true;
    return params;
}

/** A number of a finished answer by its name; null while there is none. */
export function numberOf(explanation: Explanation | Error, name: string): number | null {
    if (explanation instanceof Error || explanation.progress < 1) return null;
    const card = cardOf(explanation.method);
    return (card && numbersOf(card, explanation).find(({ output }) => output.name === name)?.value) ?? null;
}

/** What an attack added to the drawing. */
export function addedBy(explanation: Explanation): Image | undefined {
    const card = cardOf(explanation.method);
    return card && furtherMaps(card, explanation).find(({ output }) => output.map === 'change')?.image;
}

/** The largest ε that the slider takes; the smallest one is looked for up to there. */
export const mostEpsilon = 0.5;

/** An ε, or a change, in hundredths, or finer where it is not one of them. */
export function epsilonWords(epsilon: number): string {
    const hundredths = 100 * epsilon;
    if (Math.abs(hundredths - Math.round(hundredths)) < 1e-4) return epsilon.toFixed(2);
    return epsilon < 1e-4 ? short(epsilon) : epsilon.toFixed(epsilon < 0.001 ? 4 : 3);
}
