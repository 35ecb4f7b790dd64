import type { MethodCard, TargetText } from 'pellucid';
import { Signal } from './signal.ts';

/** What is explained: `digit` null follows the answer; `rather` asks "why this and not that". */
export interface TargetChoice {
    digit: number | null;
    rather: number | null;
}

export const target = new Signal<TargetChoice>({ digit: null, rather: null });

export function chooseDigit(digit: number | null): void {
    const { rather } = target.value;
    target.value = { digit, rather: rather === digit ? null : rather };
}

/** "Rather than" needs a digit to compare with: the one that is answered now, if none was chosen. */
export function chooseRather(rather: number | null, answer: number): void {
    const digit = target.value.digit ?? (rather === null ? null : answer);
    if (rather === digit && rather !== null) return;
    target.value = { digit, rather };
}

/** The target in the package's words, as far as the method can answer it. */
export function targetText(choice: TargetChoice, card: MethodCard): TargetText {
    const { digit, rather } = choice;
    if (digit !== null && rather !== null && card.targets.includes('contrast')) return `contrast:${digit}-${rather}`;
    if (digit !== null && card.targets.includes('class')) return `class:${digit}`;
    return 'predicted';
}

/** "a 4", "an 8", "4 rather than 9". */
export function targetWords(choice: TargetChoice, answer: number): string {
    const digit = choice.digit ?? answer;
    return choice.rather === null ? withArticle(digit) : `${digit} rather than ${choice.rather}`;
}

export const withArticle = (digit: number): string => `${digit === 8 ? 'an' : 'a'} ${digit}`;
