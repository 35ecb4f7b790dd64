import table from '../../../../models/lenet.ablation.json';
import type { Curve } from '../../views/series/pl-series.ts';

interface Row {
    kind: string;
    without: string;
    /** Of the pixels. */
    share?: number;
    accuracy: number;
}

/** Accuracies of networks that were trained, and tested, without something: measured by `pellucid ablate`. */
export const ablation = table as {
    settings: { epochs: number; training_images: number; test_images: number };
    rows: Row[];
};

/** Features in words, and which part of the picture each takes away: left, top, width, height; `all but` it. */
const features: Record<string, { words: string; part?: [number, number, number, number]; allBut?: boolean }> = {
    top: { words: 'the upper half', part: [0, 0, 1, 0.5] },
    bottom: { words: 'the lower half', part: [0, 0.5, 1, 0.5] },
    left: { words: 'the left half', part: [0, 0, 0.5, 1] },
    right: { words: 'the right half', part: [0.5, 0, 0.5, 1] },
    middle: { words: 'the middle', part: [0.25, 0.25, 0.5, 0.5] },
    rim: { words: 'all but the middle', part: [0.25, 0.25, 0.5, 0.5], allBut: true },
    blur: { words: 'the soft edges of strokes' },
    ink: { words: 'the quantity of ink' },
};
export const featureOf = (id: string) => features[id] ?? { words: id.replaceAll('_', ' ') };

export const withAll = ablation.rows.find(({ kind }) => kind === 'nothing')?.accuracy ?? NaN;

/** Trainings without a feature, the dearest loss first. */
export const withoutFeature = ablation.rows
    .filter(({ kind }) => kind === 'feature')
    .sort((a, b) => a.accuracy - b.accuracy);

/** Accuracy by the share of pixels that were removed, a curve for each way to choose them. */
export const ranked: Curve[] = [
    ...new Set(ablation.rows.flatMap(({ kind, without }) => (kind === 'ranked' ? [without] : []))),
].map((name) => {
    const rows = ablation.rows
        .filter(({ kind, without }) => kind === 'ranked' && without === name)
        .sort((a, b) => (a.share ?? 0) - (b.share ?? 0));
    return {
        name,
        at: Float32Array.from([0, ...rows.map(({ share = 0 }) => 100 * share)]),
        values: Float32Array.from([withAll, ...rows.map(({ accuracy }) => accuracy)]),
    };
});
