import type { Explanation, Scores } from 'pellucid';
import { percentWords, short, signed } from '../../core/numbers.ts';
import { withArticle } from '../../state/target.ts';

const numbers = ({ outputs }: Explanation, name: string): readonly number[] => (outputs[name] as number[]) ?? [];
const scores = ({ outputs }: Explanation, name: string): Scores | undefined => outputs[name] as Scores | undefined;

/** "It adds +1.2 to a score of 3.5: number 3 of 32 by size"; of a single unit it is told of its channel. */
export function addsWords(explanation: Explanation, channel: number, single: boolean): string {
    const values = scores(explanation, 'scores')?.values[0];
    const own = values?.[channel];
    if (!values || own === undefined) return '';
    const who = single ? 'Its channel' : 'It';
    if (own === 0) return `${who} adds nothing to the score here.`;
    const place = 1 + Array.from(values).filter((value) => Math.abs(value) > Math.abs(own)).length;
    return `${who} adds ${signed(own)} to a score of ${short(
        explanation.value,
    )}: number ${place} of ${values.length} by size.`;
}

/** What a network answers, and how sure it is. */
const best = (values: Float32Array): number =>
    values.reduce((found, value, at) => (value > values[found]! ? at : found), 0);

/** Of a map without anything on it. */
export const nothingWords = ({ map }: Explanation): string =>
    map.data.every((value) => value === 0) ? 'All 0: it is silent here, and hands nothing on.' : '';

export function withoutWords(explanation: Explanation): string {
    const answer = scores(explanation, 'answer')?.values[0];
    const after = numbers(explanation, 'after')[0];
    if (after === undefined) return '';
    const change = explanation.value - after;
    const lost =
        change === 0
            ? 'Without it the score stays what it is, to the last bit.'
            : `Without it the score ${
                  change > 0 ? 'falls' : 'rises'
              } from ${short(explanation.value)} to ${short(after)}.`;
    if (!answer) return lost;
    const read = best(answer);
    return `${lost} The network then reads ${withArticle(read)} (${percentWords(answer[read]!)} %).`;
}

/** Which class it is best at, and how well. */
export function reactsWords(explanation: Explanation): string {
    const auc = scores(explanation, 'auc')?.values[0];
    if (!auc) return '';
    const top = best(auc);
    const place = numbers(explanation, 'place')[0];
    const here =
        place === undefined
            ? ''
            : ` This drawing drives it more than ${percentWords(place)} % of the training images do.`;
    return `It tells ${top} best: in ${percentWords(
        auc[top]!,
    )} % of pairs an image of ${withArticle(top)} drives it more than one of another digit.${here}`;
}

export function topWords(explanation: Explanation): string {
    const found = scores(explanation, 'label')?.values[0];
    if (!found || found.length === 0) return '';
    const counts = new Map<number, number>();
    for (const label of found) counts.set(label, (counts.get(label) ?? 0) + 1);
    const [digit, count] = [...counts].sort((a, b) => b[1] - a[1])[0]!;
    return `${count} of these ${found.length} drawings are of ${withArticle(digit)}.`;
}
