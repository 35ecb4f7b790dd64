import type { MethodCard, TargetText } from 'pellucid';
import { Signal } from './signal.ts';
import { words } from '../core/words.ts';

/** What is explained: `digit` null follows the answer; `rather` asks "why this and not that". */
export interface TargetChoice {
    digit: number | null;
    rather: number | null;
    /** A part of the network instead, for methods that can: 'channel:conv2/3', 'neuron:conv2/3,4,4', 'norm:conv2'. */
    part: string | null;
}

export const target = new Signal<TargetChoice>({ digit: null, rather: null, part: null });

export function chooseDigit(digit: number | null): void {
    const { rather } = target.value;
    target.value = { digit, rather: rather === digit ? null : rather, part: null };
}

/** "Rather than" needs a digit to compare with: the one that is answered now, if none was chosen. */
export function chooseRather(rather: number | null, answer: number): void {
    const digit = target.value.digit ?? (rather === null ? null : answer);
    if (rather === digit && rather !== null) return;
    target.value = { digit, rather, part: null };
}

export function choosePart(part: string | null): void {
    target.value = { ...target.value, part };
}

const kindOf = (part: string): string => part.split(':')[0] ?? '';

/** Whether a method can explain a digit, or the answer. */
export const takesDigits = ({ targets }: MethodCard): boolean => targets.includes('class') || targets.includes('prob');
/** Kinds of parts of the network that a method can explain. */
export const partKinds = ({ targets }: MethodCard): string[] =>
    ['channel', 'neuron', 'norm'].filter((kind) => targets.includes(kind));

/**
 * The part that a method explains now; null where it explains a digit. `layers`: those of the network, the first one
 * first.
 */
export function partFor(
    { part }: TargetChoice,
    card: MethodCard,
    layers: readonly { name: string; op: string }[],
): string | null {
    if (part !== null && card.targets.includes(kindOf(part))) return part;
    if (takesDigits(card) || card.targets.includes('predicted')) return null;
    // Methods that know no digits begin with a convolution in the middle.
    const convolutions = layers.filter(({ op }) => /^conv/i.test(op));
    const layer = (convolutions[Math.floor(convolutions.length / 2)] ?? layers[0])?.name;
    if (layer === undefined) return null;
    if (card.targets.includes('norm')) return `norm:${layer}`;
    if (card.targets.includes('channel')) return `channel:${layer}/0`;
    return card.targets.includes('neuron') ? `neuron:${layer}/0,0,0` : null;
}

/** The target in the package's words, as far as the method can answer it. */
export function targetText(
    choice: TargetChoice,
    card: MethodCard,
    layers: readonly { name: string; op: string }[] = [],
): TargetText {
    const part = partFor(choice, card, layers);
    if (part !== null) return part;
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

/** The package's words in people's: "4 and not 9", "channel 3 of conv2". */
export function spellTarget(text: TargetText): string {
    const [kind = '', rest = ''] = text.split(':');
    const [layer = '', place = ''] = rest.split('/');
    if (kind === 'predicted') return 'the answer';
    if (kind === 'contrast') return rest.replace('-', ' and not ');
    if (kind === 'channel') return `channel ${place} of ${layer}`;
    if (kind === 'neuron') return `unit ${place.replaceAll(',', ', ')} of ${layer}`;
    if (kind === 'norm') return `the whole of ${layer}`;
    return kind === 'prob' ? `the probability of ${rest}` : kind === 'class' ? rest : words(text);
}

export const withArticle = (digit: number): string => `${digit === 8 ? 'an' : 'a'} ${digit}`;
