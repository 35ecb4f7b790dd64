/** What `pellucid judge` writes, and what its numbers are for people: which is good, who is best, what lies where. */
import { short } from './numbers.ts';

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

/**
 * Which of a test's numbers are shown, and which way is good. Tests that are not here show their first number, and
 * judge nothing.
 */
const told: Record<string, { output: string; head?: string; good: Column['good'] }[]> = {
    deletion: [{ output: 'area', good: -1 }],
    insertion: [{ output: 'area', good: 1 }],
    pixel_flipping: [{ output: 'area', good: -1 }],
    pointing_game: [
        { output: 'hit', head: 'peak on the digit', good: 1 },
        { output: 'mass', head: 'share on the digit', good: 1 },
    ],
    infidelity: [{ output: 'infidelity', good: -1 }],
    max_sensitivity: [{ output: 'max_sensitivity', good: -1 }],
    sparseness: [{ output: 'gini', good: 0 }],
    completeness: [{ output: 'gap', head: 'what is missing', good: -1 }],
    model_randomisation: [{ output: 'mean_spearman', head: 'likeness that stays', good: -1 }],
    shift_invariance: [{ output: 'difference', head: 'how far it moves', good: -1 }],
    channel_specificity: [{ output: 'similarity', head: 'likeness', good: -1 }],
    spurious_cue: [
        { output: 'share', head: 'of all on the mark', good: 1 },
        { output: 'top_share', head: 'of the strongest on it', good: 1 },
    ],
};

/** The numbers of a test that are worth a place. */
export const toldOf = (metric: string): readonly { output: string; head?: string; good: Column['good'] }[] =>
    told[metric] ?? [];

export const summaryIn = (study: Study, method: string, { metric, output }: Column): Summary | undefined =>
    study.league[method]?.[metric.text]?.[output];

export function columnsOf(study: Study): Column[] {
    return study.metrics.flatMap((text) => {
        const metric = settingOf(text);
        const known = study.methods.map((method) => study.league[method]?.[text]).find((found) => found !== undefined);
        const shown =
            told[metric.id] ??
            Object.keys(known ?? {})
                .slice(0, 1)
                .map((output) => ({ output, good: 0 as const }));
        return shown.map(
            ({ output, head = '', good }: { output: string; head?: string; good: Column['good'] }): Column => ({
                key: `${text} ${output}`,
                metric,
                output,
                head,
                good,
                unit: known?.[output]?.unit ?? '',
            }),
        );
    });
}

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
        half: `± ${/×/.test(mean) ? short(half) : half < least ? `<${(2 * least).toFixed(places)}` : half.toFixed(places)}`,
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
