// Rows of the table of bad input, as the tests of the command, the package and the page make them.
import { appendFileSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';

/** A value as the table shows it: shortened, what is no printable ASCII as \xNN. */
export function shown(value) {
    const text = typeof value === 'string' ? value : String(value);
    // eslint-disable-next-line no-control-regex
    const escaped = text
        .slice(0, 60)
        .replace(/[^\x20-\x7e]/g, (letter) => `\\x${letter.codePointAt(0).toString(16).padStart(2, '0')}`);
    return text.length > 60 ? `${escaped}… (${text.length} characters)` : escaped;
}

/** Empty where the sentence is one that people can act on; otherwise what is wrong with it. */
export function faultOf(sentence) {
    if (typeof sentence !== 'string' || sentence.length < 12 || !sentence.includes(' ')) return 'no sentence';
    const leak =
        sentence.match(/std::|bad_alloc|json\.exception|basic_string|vector::|TypeError|RangeError|RuntimeError/) ??
        sentence.match(/is not a function|undefined \(|of undefined|of null|\[object/);
    if (leak) return `words of the layer below: ${leak[0]}`;
    // eslint-disable-next-line no-control-regex
    return /[\x00-\x09\x0b-\x1f\x7f]/.test(sentence.trimEnd()) ? 'control characters' : '';
}

/**
 * Collects rows of one surface; `done` fails with all faults at once, and writes the rows where PELLUCID_BAD_INPUT
 * says.
 */
export class Book {
    #rows = [];

    constructor(surface) {
        this.surface = surface;
    }

    /** outcome: {code, sentence} of a refusal, or {fault} of anything else. */
    add(entry, kind, given, { code, sentence, fault }) {
        const wrong = fault ?? faultOf(sentence);
        this.#rows.push({
            surface: this.surface,
            entry,
            kind,
            given: shown(given),
            code,
            sentence,
            ...(wrong ? { fault: wrong } : {}),
        });
    }

    get size() {
        return this.#rows.length;
    }

    done(assert, least) {
        const file = process.env.PELLUCID_BAD_INPUT;
        if (file) {
            mkdirSync(dirname(file), { recursive: true });
            appendFileSync(file, this.#rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
        }
        const faults = this.#rows.filter((row) => row.fault);
        const words = faults.map(
            ({ entry, kind, given, fault, sentence }) =>
                `${entry} | ${kind} | ${given}: ${fault} | ${shown(sentence ?? '')}`,
        );
        assert.equal(faults.length, 0, `\n${words.join('\n')}\n`);
        assert.ok(this.#rows.length >= least, `only ${this.#rows.length} rows`);
    }
}

/** Values that no parameter with this card can have, by kind, as JavaScript gives them. */
export function badValues(card) {
    const values = [];
    const put = (kind, value) => values.push([kind, value]);
    const number = card.type === 'real' || card.type === 'integer';
    if (number) {
        if (card.min !== null) put('below the least', card.min - 1);
        if (card.max !== null) put('above the greatest', card.max + 1);
        put('NaN', Number.NaN);
        put('infinity', Number.POSITIVE_INFINITY);
        put('minus infinity', Number.NEGATIVE_INFINITY);
        put('a number beyond float', 1e300);
        put('a word', 'many');
    }
    if (card.type === 'integer') put('a fraction', (card.min ?? 0) + 0.5);
    if (card.type === 'choice') {
        put('a choice that is none', 'nonsense');
        put('an empty choice', '');
        put('a choice in capitals', card.choices[0].toUpperCase());
        put('control characters', '\x1b[31mred\x07');
    }
    if (card.type === 'flag') {
        put('a word', 'perhaps');
        put('a number', 3);
    }
    return values;
}

/** Texts that are no targets of lenet, by kind. */
export const badTargets = [
    ...[
        '',
        ' ',
        'nonsense',
        'Predicted',
        'predicted:',
        'class',
        'class:',
        'class: 3',
        'class:3 ',
        'class:-1',
        'class:+3',
        'class:1.5',
        'class:1e1',
        'class:0x3',
        'class:three',
        'class:99999999999999999999',
        'klass:3',
        ':3',
        'class=3',
        'class:3:4',
        'prob:',
        'prob:x',
        'contrast:1',
        'contrast:1-',
        'contrast:-1',
        'contrast:1-2-3',
        'contrast:a-b',
        'neuron:',
        'neuron:/0,0,0',
        'neuron:conv1',
        'neuron:conv1/',
        'neuron:conv1/1,2',
        'neuron:conv1/1,2,3,4',
        'neuron:conv1/a,b,c',
        'neuron:conv1/-1,0,0',
        'channel:',
        'channel:conv1',
        'channel:conv1/x',
        'channel:conv1/-1',
        'norm:',
        'norm',
        'class:3\x1b[31m',
        '\x1b[31m\x07',
        'class:\u00e9',
        'a'.repeat(5000),
    ].map((text) => ['no target', text]),
    ...[
        'class:10',
        'class:4294967296',
        'prob:10',
        'contrast:10-0',
        'contrast:0-10',
        'neuron:conv1/16,0,0',
        'neuron:conv1/0,28,0',
        'neuron:conv1/0,0,28',
        'neuron:conv1/0',
        'neuron:nowhere/0,0,0',
        'channel:conv1/16',
        'channel:nowhere/0',
        'norm:nowhere',
        'norm:\x1b[31m',
    ].map((text) => ['nothing of that kind there', text]),
];

/** No units of lenet, and what is no unit at all. */
export const badUnits = [
    '',
    'conv1',
    'conv1/',
    '/',
    'conv1/1,2',
    'conv1/99,0,0',
    'conv1/0,99,0',
    'nowhere/0,0,0',
    'conv1/a,b,c',
    'dense1/64',
    '\x1b[31m/0',
];
