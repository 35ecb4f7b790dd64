import type { Prediction } from 'pellucid';
import table from '../../../../models/attacked.json';
import { allModels, entryOf, models, visiting } from '../../state/models.ts';

/** Accuracy under attack over MNIST's test images, measured by the command (models/attacked.mjs). */
export const measured = table as {
    images: number;
    attack: string;
    params: Record<string, string | number | boolean>;
    epsilons: number[];
    accuracy: Record<string, number[]>;
};

/** What a network makes of the drawing, and of what an attack on the page's network made of it. */
export interface Reading {
    id: string;
    /** The smallest ε at which an attack on this network succeeds; NaN: at none, null: not known yet. */
    least: number | null;
    before: Prediction | null;
    after: Prediction | null;
    /** Why it says nothing; empty while all is well. */
    failure: string;
}

export const unread = (id: string): Reading => ({ id, least: null, before: null, after: null, failure: '' });

/** The same network with other weights, a penalty on gradients, attacks in training, and one weight for each pixel. */
const telling = ['lenet', 'robust', 'smooth', 'linear'];

/**
 * Which networks are shown at first: the page's own, what was retrained last, then those that differ most under attack.
 */
export function fewNetworks(chosen: string): string[] {
    const known = telling.filter((id) => models.some((model) => model.id === id));
    const made = visiting.value.slice(-1).map(({ id }) => id);
    return [...new Set([chosen, ...made, ...known])];
}
export const allNetworks = (chosen: string): string[] => [
    ...new Set([...fewNetworks(chosen), ...allModels().map(({ id }) => id)]),
];

export const titleOf = (id: string): string => entryOf(id).title;

/**
 * Accuracy at any ε up to the largest measured, on the line between two measured ones; null where nothing was measured.
 */
export function heldAt(id: string, epsilon: number): number | null {
    const { epsilons, accuracy } = measured;
    const shares = accuracy[id];
    const next = epsilons.findIndex((each) => each >= epsilon - 1e-9);
    if (!shares || next < 0) return null;
    if (next === 0) return shares[0] ?? null;
    const [a, b] = [epsilons[next - 1]!, epsilons[next]!];
    const way = (epsilon - a) / (b - a);
    return shares[next - 1]! + way * (shares[next]! - shares[next - 1]!);
}
