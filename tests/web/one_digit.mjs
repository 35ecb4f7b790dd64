// How often the page's rule "this does not look like one digit" is wrong, and where its limits come from:
//   node tests/web/one_digit.mjs MNIST_DIRECTORY            prints the rates
//   node tests/web/one_digit.mjs MNIST_DIRECTORY --write    first computes models/lenet.digits.json
// Needs wasm/dist (npm run build:wasm). MNIST is read in place.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import typescript from 'typescript';
import { load } from '../../wasm/dist/node.js';
import { kinds, pair, scribble } from './unlike.mjs';

const inRepository = (path) => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const limitsFile = inRepository('models/lenet.digits.json');
export const readLimits = () => JSON.parse(readFileSync(limitsFile, 'utf8'));

/** The page's own source: this node does not read TypeScript. */
export async function rule() {
    const source = readFileSync(inRepository('web/src/core/one-digit.ts'), 'utf8');
    const { outputText } = typescript.transpileModule(source, {
        compilerOptions: { module: 'esnext', target: 'es2022' },
    });
    return import(`data:text/javascript,${encodeURIComponent(outputText)}`);
}

export async function open() {
    const pellucid = await load();
    return { pellucid, model: await pellucid.loadModel(readFileSync(inRepository('models/lenet.onnx'))) };
}

/** The share of drawings of each sort that the rule takes for something else than one digit. */
export async function refusedDrawings({ pellucid, model }, limits, each) {
    const { looksLikeOneDigit } = await rule();
    const refuses = async (drawing) => {
        const { input } = await pellucid.normalise(drawing);
        return !looksLikeOneDigit(input, await model.predict(input.data), limits);
    };
    const share = async (count, make) => {
        let refused = 0;
        for (let i = 0; i < count; i++) if (await refuses(await make(i))) refused++;
        return refused / count;
    };
    const rates = {
        'pen digits': await share(pellucid.penDigitCount, async (i) => (await pellucid.penDigit(i)).drawing),
    };
    for (const width of [2, 10, 34, 46]) {
        rates[`pen digits, pen of ${width}`] = await share(pellucid.penDigitCount, async (i) => {
            const { drawing } = await pellucid.penDigit(i);
            return { ...drawing, strokes: drawing.strokes.map((stroke) => ({ ...stroke, width })) };
        });
    }
    for (const kind of Object.keys(kinds)) rates[kind] = await share(each, (i) => scribble(kind, i));
    rates.pairs = await share(each, (i) => pair(pellucid, i));
    return rates;
}

/** MNIST's images of a part, one by one, with their labels. */
function* mnist(directory, part) {
    const read = (name) => gunzipSync(readFileSync(`${directory}/${part}-${name}.gz`));
    const images = read('images-idx3-ubyte').subarray(16);
    const labels = read('labels-idx1-ubyte').subarray(8);
    for (const [i, label] of labels.entries()) {
        yield {
            label,
            input: {
                data: Float32Array.from(images.subarray(784 * i, 784 * (i + 1)), (byte) => byte / 255),
                width: 28,
                height: 28,
            },
        };
    }
}

export async function refusedMnist({ model }, limits, directory) {
    const { looksLikeOneDigit } = await rule();
    let refused = 0;
    let count = 0;
    for (const { input } of mnist(directory, 't10k')) {
        if (!looksLikeOneDigit(input, await model.predict(input.data), limits)) refused++;
        count++;
    }
    return refused / count;
}

/** The value that a share of the values does not exceed. */
const quantile = (values, share) =>
    values.sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(share * values.length))];

/** By Gauss and Jordan; the matrix is symmetric and positive definite. */
function inverse(matrix) {
    const n = matrix.length;
    const rows = matrix.map((row, i) => [...row, ...row.map((_, k) => (i === k ? 1 : 0))]);
    for (let i = 0; i < n; i++) {
        const pivot = rows[i][i];
        rows[i] = rows[i].map((value) => value / pivot);
        for (let j = 0; j < n; j++) if (j !== i) rows[j] = rows[j].map((value, k) => value - rows[j][i] * rows[i][k]);
    }
    return rows.map((row) => row.slice(n));
}

/**
 * Of the digits' own training images so many may exceed a limit: 1 in 200 each; of the ink, which the pen decides, 1 in
 * 1000.
 */
async function computeLimits({ model }, directory) {
    const { measure, distance, features } = await rule();
    const shapes = Array.from({ length: 10 }, () => []);
    const logits = Array.from({ length: 10 }, () => []);
    for (const { input, label } of mnist(directory, 'train')) {
        shapes[label].push(measure(input));
        logits[label].push((await model.predict(input.data)).logits);
    }
    const means = logits.map((all) =>
        Array.from({ length: 10 }, (_, k) => all.reduce((sum, each) => sum + each[k], 0) / all.length),
    );
    const count = logits.reduce((sum, all) => sum + all.length, 0);
    const covariance = Array.from({ length: 10 }, (_, i) =>
        Array.from(
            { length: 10 },
            (_, k) =>
                logits.reduce(
                    (sum, all, c) =>
                        sum + all.reduce((inner, each) => inner + (each[i] - means[c][i]) * (each[k] - means[c][k]), 0),
                    0,
                ) / count,
        ),
    );
    const precision = inverse(covariance.map((row, i) => row.map((value, k) => value + (i === k ? 1e-3 : 0))));
    const rounded = (value) => Number(value.toPrecision(6));
    const limits = {
        most: shapes.map((all) =>
            features.map((name, i) =>
                rounded(
                    quantile(
                        all.map((each) => each[i]),
                        name === 'ink' ? 0.999 : 0.995,
                    ),
                ),
            ),
        ),
        means: means.map((row) => row.map(rounded)),
        precision: precision.map((row) => row.map(rounded)),
    };
    return {
        ...limits,
        distance: rounded(
            quantile(
                logits.flat().map((each) => distance(each, limits)),
                0.99,
            ),
        ),
    };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
    const [directory, write] = process.argv.slice(2);
    const opened = await open();
    if (write === '--write') {
        const line = ([key, value]) =>
            `  ${JSON.stringify(key)}: ` +
            (Array.isArray(value) ? `[\n${value.map((row) => `    ${JSON.stringify(row)}`).join(',\n')}\n  ]` : value);
        writeFileSync(
            limitsFile,
            `{\n${Object.entries(await computeLimits(opened, directory))
                .map(line)
                .join(',\n')}\n}\n`,
        );
    }
    const limits = readLimits();
    const rates = {
        ...(await refusedDrawings(opened, limits, 500)),
        ...(directory ? { "MNIST's test images": await refusedMnist(opened, limits, directory) } : {}),
    };
    for (const [what, rate] of Object.entries(rates)) console.log(`${what.padEnd(28)} ${(100 * rate).toFixed(1)} %`);
    opened.pellucid.dispose();
}
