import { percentWords, short } from './numbers.ts';

/** What choices of the package are called where their own names are signs of the trade. */
const choices: Record<string, string> = {
    linf: 'L∞, each pixel',
    l2: 'L2, the whole image',
};

/** An identifier in words; a choice that has a better name by that. */
export const words = (identifier: string): string => choices[identifier] ?? identifier.replaceAll('_', ' ');

/** A parameter's help, which names others `like_this` and writes 1e-09; what is to be typed (`conv1=z_box`) stays. */
export const helpWords = (help: string): string =>
    help
        .replace(/`([^`]+)`/g, (_, name: string) => `“${words(name)}”`)
        .replace(/(?<![=\w])[a-z]+(?:_[a-z]+)+/g, (name) => words(name))
        .replace(/\blinf\b/g, 'L∞')
        .replace(/\bl2\b/g, 'L2')
        .replace(/\b\d+e-\d+\b/g, (number) => short(Number(number)));

/** Names and forms of what methods report; whatever has no line here is shown by its own name, as a number. */
const reports: Record<string, { name: string; say?: (value: number) => string }> = {
    success: { name: 'fooled', say: (value) => (value === 1 ? 'yes' : value === 0 ? 'no' : `${percentWords(value)} %`) },
    predicted: { name: 'read as', say: (value) => String(Math.round(value)) },
    probability: { name: 'with a probability of', say: (value) => `${percentWords(value)} %` },
    l2: { name: 'size of the change (L2)' },
    linf: { name: 'largest change of a pixel' },
    root_found: { name: 'root point found', say: (value) => (value === 1 ? 'yes' : value === 0 ? 'no' : `${percentWords(value)} %`) },
    root_value: { name: 'score at the root point' },
    baseline_value: { name: 'score of the baseline' },
    row: { name: 'row', say: (value) => String(value + 1) },
    column: { name: 'column', say: (value) => String(value + 1) },
};

/** What a method reports beside its map, as a name and a text. */
export function report(name: string, value: number): [string, string] {
    const known = reports[name];
    // A count is a whole number, and says so.
    const plain = (each: number) => (Number.isInteger(each) && Math.abs(each) < 1e6 ? each.toLocaleString('en').replace('-', '−') : short(each));
    return [known?.name ?? words(name), (known?.say ?? plain)(value)];
}
