import { duration } from '../../core/numbers.ts';
import { epsilonWords } from './attacks.ts';
import { counts, type Round, type Terms } from './retraining.ts';

export const leastWords = (least: number | undefined): string =>
    least === undefined ? '…' : Number.isNaN(least) ? 'over 0.5' : epsilonWords(least);

/** What the rounds have changed, and what they took. */
export function roundsWords(
    rounds: readonly Round[],
    { epsilon }: Terms,
    title: string,
    least: ReadonlyMap<string, number>,
): string {
    const [first, last] = [rounds[0]!, rounds.at(-1)!];
    const number = rounds.length - 1;
    const after = `after ${number} ${number === 1 ? 'round' : 'rounds'}`;
    const held =
        last.held === first.held
            ? `${after} it is as many`
            : `${after} it is ${last.held}${last.held < first.held ? ', fewer than before' : ''}`;
    const clean =
        last.clean === first.clean
            ? `Unattacked it reads ${last.clean}, as before.`
            : `Unattacked it reads ${last.clean} instead of ${first.clean}.`;
    const [was, is] = [least.get(first.id), least.get(last.id)];
    // As long while the pen moves and nobody knows.
    const drawing = ` To fool it on the drawing on the board takes ${leastWords(is)}; it took ${leastWords(was)}.`;
    const took = `The last round took ${duration(
        last.seconds,
    )} here, of which ${duration(last.trained)} were training on ${last.pictures} pictures.`;
    return `Attacked within ${epsilonWords(
        epsilon,
    )}, ${title} reads ${first.held} of ${counts.test} pen digits right; ${held}. ${clean}${drawing} ${took}`;
}
