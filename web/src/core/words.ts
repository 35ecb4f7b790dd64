import type { Output } from 'pellucid';
import { percentWords, short } from './numbers.ts';

/** What choices of the package are called where their own names are signs of the trade. */
const choices: Record<string, string> = {
    linf: 'L∞, each pixel',
    l2: 'L2, the whole image',
};

/** An identifier in words; norms have their own signs. */
export const words = (identifier: string): string =>
    identifier
        .replaceAll('_', ' ')
        .replace(/\bl2\b/g, 'L2')
        .replace(/\blinf\b/g, 'L∞');

/** What can be chosen, in words: by a better name where there is one. */
export const choiceWords = (choice: string): string => choices[choice] ?? words(choice);

/** A parameter's help, which names others `like_this` and writes 1e-09; what is to be typed (`conv1=z_box`) stays. */
export const helpWords = (help: string): string =>
    help
        .replace(/`([^`]+)`/g, (_, name: string) => `“${words(name)}”`)
        .replace(/(?<![=\w])[a-z]+(?:_[a-z]+)+/g, (name) => words(name))
        .replace(/\blinf\b/g, 'L∞')
        .replace(/\bl2\b/g, 'L2')
        .replace(/\b\d+e-\d+\b/g, (number) => short(Number(number)));

/** Names that say more than the package's own; whatever has no line here is shown by its own name. */
const names: Record<string, string> = {
    success: 'fooled',
    predicted: 'read as',
    probability: 'with a probability of',
    l2: 'size of the change (L2)',
    linf: 'largest change of a pixel',
    root_found: 'root point found',
    root_value: 'score at the root point',
    baseline_value: 'score of the baseline',
    standard_error: 'standard error of the mean',
    vacuity: 'not known',
    expected: 'probabilities by the evidence',
    coarse: 'the layer’s own map',
    perturbation: 'what was added',
};

export const outputName = ({ name }: Output): string => names[name] ?? words(name);

/** A number as its unit has it, without the unit's name: yes or no, a class, a percentage, a place counted from 1. */
export function inUnit(value: number, unit: string): string {
    if (!Number.isFinite(value)) return Number.isNaN(value) ? 'none' : value > 0 ? 'without end' : 'minus without end';
    if (unit === 'yes') return value > 0 ? 'yes' : 'no';
    if (unit === 'class') return String(Math.round(value));
    // Changes of a share may be negative, and shares of something smaller may exceed one.
    if (unit === 'share' || unit === 'probability')
        return value >= 0 && value <= 1 ? `${percentWords(value)} %` : `${short(100 * value)} %`;
    if (unit === 'place') return String(value + 1);
    // A count is a whole number, and says so.
    return Number.isInteger(value) && Math.abs(value) < 1e6
        ? value.toLocaleString('en').replace('-', '−')
        : short(value);
}

/** Units that say what a number is rather than what it is counted in; scores have none. */
const silent = new Set(['', 'yes', 'class', 'share', 'probability', 'place', 'score']);

/** The unit's name, where the number does not say it already. */
export const unitName = (unit: string): string => (silent.has(unit) ? '' : words(unit));

/** A number with its unit: "12 px", "0.30 dB", "87 %". */
export const withUnit = (value: number, unit: string): string =>
    [inUnit(value, unit), unitName(unit)].filter((part) => part !== '').join(' ');

/** The first letter large. */
export const sentence = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** What a method reports beside its map, as a name and a text. */
export const report = ({ name, unit }: Output, value: number): [string, string] => [
    names[name] ?? words(name),
    withUnit(value, unit),
];
