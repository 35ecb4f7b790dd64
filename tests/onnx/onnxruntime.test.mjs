// Our files in onnxruntime, and onnxruntime's word on the files by other tools that the C++ tests read.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { before, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import * as ort from 'onnxruntime-web';

const root = fileURLToPath(new URL('../..', import.meta.url));
const written = `${root}build/onnx-check`;
const foreign = `${root}tests/onnx/foreign`;
const tolerance = 1e-5; // relative above 1

ort.env.wasm.numThreads = 1;
ort.env.logLevel = 'error';

const read = (path) => JSON.parse(readFileSync(path, 'utf8'));

/** Largest difference between two lists of numbers, relative where they are above 1. */
function difference(actual, expected) {
    assert.equal(actual.length, expected.length);
    return actual.reduce(
        (worst, value, i) => Math.max(worst, Math.abs(value - expected[i]) / Math.max(1, Math.abs(expected[i]))),
        0,
    );
}

async function run(session, type, data, dims) {
    const [name] = session.inputNames;
    const outputs = await session.run({ [name]: new ort.Tensor(type, data, dims) });
    return outputs[session.outputNames[0]];
}

before(() => {
    rmSync(written, { recursive: true, force: true });
    mkdirSync(written, { recursive: true });
    execFileSync(`${root}build/native/pellucid_tests`, ['--no-skip', '--test-case=onnx fixtures'], {
        env: { ...process.env, PELLUCID_ONNX_FIXTURES: written },
    });
});

test('files written by pellucid give the same numbers in onnxruntime', async (t) => {
    const names = readdirSync(written)
        .filter((file) => file.endsWith('.onnx'))
        .map((file) => file.slice(0, -5));
    assert.ok(names.length >= 150, `only ${names.length} files were written`);
    for (const name of names) {
        await t.test(name, async () => {
            const { input, output, output_name } = read(`${written}/${name}.json`);
            const session = await ort.InferenceSession.create(`${written}/${name}.onnx`);
            assert.deepEqual(session.inputNames, ['input']);
            assert.deepEqual(session.outputNames, [output_name]);
            const result = await run(session, 'float32', Float32Array.from(input.data), input.dims);
            assert.deepEqual([...result.dims], output.dims);
            const worst = difference(result.data, output.data);
            assert.ok(worst <= tolerance, `differs by ${worst}`);
            // Any batch size: the first axis is symbolic.
            const first = await run(session, 'float32', Float32Array.from(input.data.slice(0, input.data.length / 3)), [
                1,
                ...input.dims.slice(1),
            ]);
            assert.ok(difference(first.data, output.data.slice(0, output.data.length / 3)) <= tolerance);
            await session.release();
        });
    }
});

test("the stored answers to files by other tools are onnxruntime's", async (t) => {
    const expected = read(`${foreign}/expected.json`);
    const files = readdirSync(foreign)
        .filter((file) => file.endsWith('.onnx'))
        .map((file) => file.slice(0, -5));
    assert.deepEqual(files.sort(), Object.keys(expected).sort());
    for (const [name, { input, output, data }] of Object.entries(expected)) {
        await t.test(name, async () => {
            const session = await ort.InferenceSession.create(`${foreign}/${name}.onnx`);
            const count = input.reduce((product, axis) => product * axis, 1);
            const type = name === 'doubles' ? 'float64' : 'float32';
            const values = (type === 'float64' ? Float64Array : Float32Array).from({ length: count }, (_, i) =>
                Math.fround(((i * 37) % 101) / 101 - 0.25),
            );
            const result = await run(session, type, values, input);
            assert.deepEqual([...result.dims], output);
            const worst = difference(result.data, data);
            assert.ok(worst <= tolerance, `differs by ${worst}`);
            await session.release();
        });
    }
});
