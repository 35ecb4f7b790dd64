/** What `pellucid judge` writes, and what its numbers are for people: which is good, who is best, what lies where. */
import type { MethodCard } from 'pellucid';
import { short } from './numbers.ts';
import { words } from './words.ts';

/** A method, or a test, with its parameters as the command knows them: "rise:samples=500". */
export interface Setting {
    id: string;
    params: string;
    text: string;
}

export interface Summary {
    mean: number;
    /** The ends of the 95 % interval of the mean. */
    low: number;
    high: number;
    /** Of single images. */
    deviation: number;
    images: number;
    unit: string;
}

export interface Study {
    model: string;
    data: string;
    images: number;
    target: string;
    methods: readonly string[];
    metrics: readonly string[];
    left_out: readonly { method: string; metric: string; why: string }[];
    /** By method, test and output. */
    league: Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, Summary>>>>>>;
}

/** One number of a test, a column of the matrix. */
export interface Column {
    /** "deletion area": of test and output. */
    key: string;
    metric: Setting;
    output: string;
    /** What it is called beneath the test's title; empty where the test gives one number. */
    head: string;
    /** 1: large is good, −1: small is good, 0: neither. */
    good: 1 | -1 | 0;
    unit: string;
}

export function settingOf(text: string): Setting {
    const colon = text.indexOf(':');
    return colon < 0
        ? { id: text, params: '', text }
        : { id: text.slice(0, colon), params: text.slice(colon + 1), text };
}

/** What the numbers of a test are called, where it has several or its name does not tell; else as its card says. */
const heads: Record<string, string> = {
    'pointing_game hit': 'peak on the digit',
    'pointing_game mass': 'share on the digit',
    'completeness gap': 'what is missing',
    'model_randomisation mean_spearman': 'likeness that stays',
    'shift_invariance difference': 'how far it moves',
    'channel_specificity similarity': 'likeness',
    'uncertainty spread': 'how far it strays',
    'uncertainty vacuity': 'not known',
    'spurious_cue share': 'of all on the mark',
    'spurious_cue top_share': 'of the strongest on it',
};

/**
 * Which of a test's numbers are shown, by its card: those that say which way is good, or else its first one, which
 * judges nothing. `given`: the outputs that there is a number of, where that is known.
 */
export function columnsOfTest(text: string, card: MethodCard | undefined, given?: readonly string[]): Column[] {
    const metric = settingOf(text);
    const numbers = (card?.outputs ?? []).filter(
        ({ kind, name }) => kind === 'scalar' && (given?.includes(name) ?? true),
    );
    const judging = numbers.filter(({ better }) => better !== undefined);
    const shown = judging.length > 0 ? judging : numbers.slice(0, 1);
    return shown.map(({ name, better, unit }) => ({
        key: `${text} ${name}`,
        metric,
        output: name,
        head: heads[`${metric.id} ${name}`] ?? (shown.length > 1 ? words(name) : ''),
        good: better === 'more' ? 1 : better === 'less' ? -1 : 0,
        unit,
    }));
}

export const summaryIn = (study: Study, method: string, { metric, output }: Column): Summary | undefined =>
    study.league[method]?.[metric.text]?.[output];

/** The columns of a league, in its order of tests. */
export const columnsOf = (study: Study, cardOf: (metric: string) => MethodCard | undefined): Column[] =>
    study.metrics.flatMap((text) => {
        const known = study.methods.map((method) => study.league[method]?.[text]).find((found) => found !== undefined);
        return columnsOfTest(text, cardOf(settingOf(text).id), Object.keys(known ?? {}));
    });

/** The methods from the best to the worst; those without a number are left out. */
export function ranking(study: Study, column: Column): { method: string; summary: Summary }[] {
    return study.methods
        .flatMap((method) => {
            const summary = summaryIn(study, method, column);
            return summary && Number.isFinite(summary.mean) ? [{ method, summary }] : [];
        })
        .sort((a, b) => (column.good || 1) * (b.summary.mean - a.summary.mean));
}

/** The best quarter in a test; nobody where no way is good. */
export function bestQuarter(study: Study, column: Column): string[] {
    if (column.good === 0) return [];
    const order = ranking(study, column);
    return order.slice(0, Math.floor(order.length / 4)).map(({ method }) => method);
}

/** "0.19" and "± 0.04": as many places for the interval as for the mean; or a share of yes. */
export function meanWords(study: Study, method: string, column: Column): { mean: string; half: string } | null {
    const summary = summaryIn(study, method, column);
    if (!summary || !Number.isFinite(summary.mean)) return null;
    const half = (summary.high - summary.low) / 2;
    if (column.unit === 'yes')
        return { mean: `${Math.round(100 * summary.mean)} %`, half: `± ${Math.round(100 * half)}` };
    const mean = short(summary.mean);
    const places = /\.(\d+)$/.exec(mean)?.[1]?.length ?? 0;
    const least = 10 ** -places / 2;
    return {
        mean,
        half: `± ${
            /×/.test(mean) ? short(half) : half < least ? `<${(2 * least).toFixed(places)}` : half.toFixed(places)
        }`,
    };
}

/** Places 0 … 1 for all numbers of a column; by factors where they are of very different sizes. */
export function scaleOf(study: Study, column: Column): (value: number) => number {
    const all = ranking(study, column).map(({ summary }) => summary);
    const means = all.map(({ mean }) => mean);
    const [least, most] = [Math.min(...means), Math.max(...means)];
    const within = (place: number) => Math.min(1, Math.max(0, place));
    if (least > 0 && most / least > 100) {
        const floor = Math.max(least, most * 1e-6);
        return (value) => within(Math.log(Math.max(value, floor) / floor) / Math.log(most / floor));
    }
    const low = Math.min(0, ...all.map((each) => each.low));
    const high = Math.max(...all.map((each) => each.high));
    return (value) => (high > low ? within((value - low) / (high - low)) : 0.5);
}
