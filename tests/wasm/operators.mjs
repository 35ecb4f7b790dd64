// The chapter "What is supported" of wasm/README.md, from what the importer says itself.
// `node tests/wasm/operators.mjs` writes it; tests/wasm/operators.test.mjs compares.
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { load, root } from './support.mjs';

export const readme = join(root, 'wasm/README.md');
const [begin, end] = ['<!-- operators: written by node tests/wasm/operators.mjs -->\n', '<!-- /operators -->'];

const bytes = (text) => [...new TextEncoder().encode(text)];
const number = (field, value) => {
    const digits = [];
    for (let rest = value; digits.length === 0 || rest > 0; rest = Math.floor(rest / 128))
        digits.push((rest % 128) + (rest >= 128 ? 128 : 0));
    return [field * 8, ...digits];
};
/** A field of protobuf that holds a text or a message; all here are short. */
const field = (id, content) => {
    const body = typeof content === 'string' ? bytes(content) : content;
    return [id * 8 + 2, body.length, ...body];
};

/** An ONNX file with one node of that operator, of that version of the operator set. */
function fileWith(operator, opset) {
    const image = field(
        2,
        field(1, [
            ...number(1, 1),
            ...field(
                2,
                [1, 1, 4, 4].flatMap((size) => field(1, number(1, size))),
            ),
        ]),
    );
    const value = (name) => [...field(1, name), ...image];
    const graph = [
        ...field(1, [...field(1, 'x'), ...field(2, 'y'), ...field(4, operator)]),
        ...field(2, 'g'),
        ...field(11, value('x')),
        ...field(12, value('y')),
    ];
    return Uint8Array.from([...number(1, 8), ...field(7, graph), ...field(8, number(2, opset))]);
}

/** Operators and versions, as the refusals name them. */
export async function supported() {
    const pellucid = await load({ workers: 1, variant: 'scalar' });
    const refusal = async (operator, opset) =>
        pellucid.loadModel(fileWith(operator, opset)).then(
            () => '',
            ({ message }) => message,
        );
    const [unknown, future] = [await refusal('Nonsense', 17), await refusal('Relu', 99)];
    pellucid.dispose();
    const operators = /supported: ([\w, ]+)/.exec(unknown)?.[1].split(', ').sort();
    const opsets = /(\d+) to (\d+)/.exec(future)?.slice(1).map(Number);
    if (!operators || !opsets) throw new Error(`the importer does not name what it supports: ${unknown}; ${future}`);
    return { operators, opsets };
}

/** The README's text with that chapter as it should be. */
export async function written(text) {
    const { operators, opsets } = await supported();
    const lines = [''];
    for (const word of operators.map((operator, index) => operator + (index + 1 < operators.length ? ',' : '.'))) {
        if (`${lines.at(-1)} ${word}`.length > 118) lines.push('');
        lines[lines.length - 1] = `${lines.at(-1)} ${word}`.trim();
    }
    const [before, rest] = text.split(begin);
    if (rest === undefined) throw new Error(`wasm/README.md has no line "${begin.trim()}"`);
    const chapter =
        `ONNX operator sets ${opsets[0]} to ${opsets[1]}, and of their operators ` +
        `${operators.length}:\n${lines.join('\n')}\n`;
    return before + begin + chapter + end + rest.slice(rest.indexOf(end) + end.length);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
    await writeFile(readme, await written(await readFile(readme, 'utf8')));
}
