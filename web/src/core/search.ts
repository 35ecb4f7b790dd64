import type { MethodCard } from 'pellucid';

/** Without accents and case, so that "lrp", "Zeiler" and "grad-cam" are found however they are written. */
const plain = (text: string): string =>
    text
        .normalize('NFD')
        .replace(/[\u0300-\u036f]/g, '')
        .toLowerCase()
        .replace(/[_\-–’'+]/g, ' ');

/** Whether a method is meant by some words: each of them begins a word of its name, question, family, id or authors. */
export function matches(text: string, card: MethodCard | undefined, family: string): boolean {
    if (!card) return false;
    const { id, title, question, reference } = card;
    const all = ` ${plain([title, question, family, card.family, id, reference.authors].join(' '))}`;
    return plain(text)
        .split(/\s+/)
        .filter((word) => word !== '')
        .every((word) => all.includes(` ${word}`) || (all.includes(word) && word.length > 3));
}
