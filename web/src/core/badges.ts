import type { MethodCard } from 'pellucid';
import { bestQuarter, columnsOf, ranking, summaryIn, type Column, type Study } from './judging.ts';
import { short } from './numbers.ts';

/** What a league says of a method in two or three words, and in a sentence. */
export interface Badge {
    kind: 'good' | 'bad';
    text: string;
    words: string;
}

/** What a test that is passed, or failed, is called; by the whole interval, so that no badge hangs on chance. */
const passes: Record<string, { below: number; text: string; words: string }[]> = {
    model_randomisation: [
        { below: 0.2, text: 'forgets with the network', words: 'its map goes when the network forgets' },
    ],
    completeness: [{ below: 0.05, text: 'adds up', words: 'its numbers add up to the answer' }],
};
const fails: Record<string, { above: number; text: string; words: string }[]> = {
    model_randomisation: [{ above: 0.4, text: 'keeps its map', words: 'its map stays when the network forgets' }],
    channel_specificity: [
        { above: 0.6, text: 'one picture for all', words: 'it shows much the same whatever is asked' },
    ],
};

/** In the best quarter of a test: what the first is called, and what the others are. */
const bests: Record<string, readonly [string, string]> = {
    deletion: ['best at deletion', 'good at deletion'],
    insertion: ['best at insertion', 'good at insertion'],
    pointing_game: ['best at pointing', 'good at pointing'],
    infidelity: ['most faithful', 'faithful'],
    max_sensitivity: ['steadiest', 'steady'],
};

const summaryWords = (study: Study, method: string, column: Column, title: string): string => {
    const { mean, low, high } = summaryIn(study, method, column)!;
    return `${title}: ${short(mean)} on average over ${
        study.images
    } test images (95 % interval ${short(low)} to ${short(high)})`;
};

/** The badges of a method, what speaks against it first. */
export function badgesOf(study: Study, method: string, cardOf: (metric: string) => MethodCard | undefined): Badge[] {
    const [bad, good]: [Badge[], Badge[]] = [[], []];
    const seen = new Set<string>();
    for (const column of columnsOf(study, cardOf)) {
        const { id } = column.metric;
        const summary = summaryIn(study, method, column);
        if (!summary || !Number.isFinite(summary.mean) || seen.has(id)) continue;
        const numbers = summaryWords(study, method, column, cardOf(id)?.title ?? id);
        const say = (list: Badge[], kind: Badge['kind'], text: string, words: string) => {
            seen.add(id);
            list.push({ kind, text, words: `${words.charAt(0).toUpperCase()}${words.slice(1)}. ${numbers}.` });
        };
        for (const { above, text, words } of fails[id] ?? []) if (summary.low > above) say(bad, 'bad', text, words);
        for (const { below, text, words } of passes[id] ?? []) if (summary.high < below) say(good, 'good', text, words);
        const place = bestQuarter(study, column).indexOf(method);
        const names = bests[id];
        if (place >= 0 && names && !seen.has(id)) {
            const of = ranking(study, column).length;
            const words = place === 0 ? `the best of ${of} methods` : `number ${place + 1} of ${of} methods`;
            say(good, 'good', names[place === 0 ? 0 : 1], words);
        }
    }
    return [...bad, ...good];
}
