// Every method, in every variant of the core, answers what the native command answers.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { basename, join } from 'node:path';
import { before, test } from 'node:test';
import { promisify } from 'node:util';
import { answers, few, givesMap } from './answers.mjs';
import { inFolder, inputFor, largest, load, native, networks, readNpy, root, writeNpy } from './support.mjs';

const tolerance = 1e-4;
const run = promisify(execFile);

/** The native answers, in the order and form of answers(). */
let expected;
before(async () => {
    const pellucid = await load({ variant: 'scalar', workers: 1 });
    const { entries } = await answers('scalar', networks); // for the questions alone
    expected = await inFolder(async (folder) => {
        for (const network of networks) {
            const model = await pellucid.loadModel(network);
            const { height, width, channels } = model.input;
            const input = await inputFor(pellucid, model);
            await writeNpy(join(folder, `${basename(network)}.npy`), input, [1, height, width, channels]);
        }
        const answered = [];
        for (const { network, method, target } of entries.filter((entry) => entry.method)) {
            const out = join(folder, 'out');
            const model = networks.find((path) => basename(path) === network);
            const args = [
                '--model',
                model,
                '--input',
                join(folder, `${network}.npy`),
                '--target',
                target,
                '--json',
                '--out',
                out,
            ];
            const entry = { network, method, target };
            try {
                const card = pellucid.methods.find(({ id }) => id === method);
                for (const [name, given] of Object.entries(few(card))) args.push('--param', `${name}=${given}`);
                const { value, outputs } = JSON.parse(await native('explain', method, ...args));
                const map = givesMap(card) ? [...(await readNpy(join(out, 'result.npy')))] : [];
                Object.assign(entry, { value, outputs: Object.keys(outputs), map });
            } catch (error) {
                entry.error = error.stderr ?? String(error);
            }
            answered.push(entry);
        }
        return answered;
    });
    pellucid.dispose();
});

function compare({ entries }) {
    const got = entries.filter((entry) => entry.method);
    assert.equal(got.length, expected.length);
    expected.forEach((native, index) => {
        const wasm = got[index];
        const what = `${native.method} of ${native.target} on ${native.network}`;
        if (native.error || wasm.error) {
            assert.ok(native.error?.includes(wasm.error), `${what}: natively ${native.error}, here ${wasm.error}`);
            return;
        }
        const scale = Math.max(largest(native.map), 1e-12);
        assert.equal(wasm.map.length, native.map.length, what);
        const gap = largest(native.map.map((value, i) => value - wasm.map[i])) / scale;
        assert.ok(gap <= tolerance, `${what}: off by ${gap} of the largest value`);
        assert.ok(Math.abs(native.value - wasm.value) <= tolerance * Math.max(1, Math.abs(native.value)), what);
        assert.deepEqual(wasm.outputs, native.outputs, what);
    });
    // A network that is not understood at all would make the loop above empty of meaning. (What is refused needs a
    // generator, a data set, strokes, dropout or global average pooling.)
    assert.ok(got.filter((entry) => entry.map).length > 0.85 * got.length);
}

for (const variant of ['simd128', 'scalar']) {
    test(`${variant} answers as native does`, async () => compare(await answers(variant, networks)));
}

test('relaxed answers as native does', async () => {
    // Node has had the instructions without a flag since 21, and no longer knows the flag.
    const flags = Number.parseInt(process.versions.node, 10) < 21 ? ['--experimental-wasm-relaxed-simd'] : [];
    const program = join(root, 'tests/wasm/answers.mjs');
    const { stdout } = await run(process.execPath, [...flags, program, 'relaxed', ...networks], { maxBuffer: 1e8 });
    compare(JSON.parse(stdout));
});

test('no code is made from strings', async () => {
    const program = join(root, 'tests/wasm/answers.mjs');
    const { stdout } = await run(
        process.execPath,
        ['--disallow-code-generation-from-strings', program, 'auto', networks.at(-1)],
        { maxBuffer: 1e8 },
    );
    const { entries, variant } = JSON.parse(stdout);
    assert.ok(['relaxed', 'simd128'].includes(variant), variant);
    assert.ok(entries.some((entry) => entry.map));
});

test('a normalised pen digit is that of the native command', async () => {
    const pellucid = await load({ workers: 1 });
    try {
        await inFolder(async (folder) => {
            const file = join(folder, 'digits.npy');
            await native('digits', '--out', file, '--first', '0', '--count', '20');
            const all = await readNpy(file);
            for (let digit = 0; digit < 20; ++digit) {
                const { label, drawing } = await pellucid.penDigit(digit);
                assert.equal(label, digit % 10);
                const { input } = await pellucid.normalise(drawing);
                const gap = largest(input.data.map((value, i) => value - all[784 * digit + i]));
                assert.ok(gap < 1e-5, `digit ${digit} is off by ${gap}`);
            }
        });
    } finally {
        pellucid.dispose();
    }
});
