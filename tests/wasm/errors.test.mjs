// What goes wrong is an Error with a code and a sentence, and nothing that follows suffers from it.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { inputFor, load, networks, PellucidError } from './support.mjs';

let pellucid, model, input;
before(async () => {
    pellucid = await load({ workers: 2 });
    model = await pellucid.loadModel(networks[0]);
    input = await inputFor(pellucid, model);
});
after(() => pellucid.dispose());

async function refused(promise, code, ...words) {
    await assert.rejects(promise, (error) => {
        assert.ok(error instanceof PellucidError && error instanceof Error);
        assert.equal(error.code, code, error.message);
        for (const word of words) assert.ok(error.message.includes(word), `'${word}' is missing in: ${error.message}`);
        return true;
    });
    await model.predict(input);
}

test('files that are no networks', async () => {
    const bytes = await readFile(networks[0]);
    await refused(pellucid.loadModel(new Uint8Array(0)), 'bad_file');
    await refused(pellucid.loadModel(new Uint8Array(1000).fill(255)), 'bad_file');
    await refused(pellucid.loadModel(new Uint8Array(bytes.subarray(0, bytes.length >> 1))), 'bad_file');
    await refused(pellucid.loadModel('no/such/file.onnx'), 'bad_file', 'no/such/file.onnx');
});

test('bytes are taken as well as paths', async () => {
    const bytes = await readFile(networks[0]);
    for (const source of [
        new Uint8Array(bytes),
        bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length),
        bytes,
    ]) {
        const again = await pellucid.loadModel(source);
        assert.deepEqual(await again.predict(input), await model.predict(input));
        again.dispose();
    }
});

test('targets', async () => {
    await refused(model.explain('gradient', input, { target: 'class:99' }), 'bad_argument', 'class 99');
    await refused(model.explain('gradient', input, { target: 'nonsense' }), 'bad_argument', 'nonsense', 'contrast:4-9');
    await refused(model.explain('gradient', input, { target: 'channel:nowhere/0' }), 'bad_argument', 'nowhere');
    await refused(model.explain('gradient', input, { target: 3 }), 'bad_argument', 'class:3');
});

test('methods and parameters', async () => {
    await refused(model.explain('nothing', input), 'bad_argument', 'nothing', 'gradient');
    await refused(model.explain('smoothgrad', input, { params: { samples: -1 } }), 'bad_argument', 'samples', 'from 1');
    await refused(model.explain('smoothgrad', input, { params: { samples: 1.5 } }), 'bad_argument', 'samples');
    await refused(model.explain('smoothgrad', input, { params: { sigma: Number.NaN } }), 'bad_argument', 'sigma');
    await refused(model.explain('smoothgrad', input, { params: { sample: 3 } }), 'bad_argument', 'sample', 'samples');
    await refused(
        model.explain('smoothgrad', input, { params: { variant: 'worst' } }),
        'bad_argument',
        'variant',
        'plain',
    );
    await refused(model.explain('smoothgrad', input, { params: { noise: new Float32Array(5) } }), 'bad_shape', 'noise');
    await refused(model.explain('smoothgrad', input, { params: { sigma: { a: 1 } } }), 'bad_argument', 'sigma');
    await refused(model.explain('smoothgrad', input, { params: 7 }), 'bad_argument', 'params');
});

test('image parameters', async () => {
    const noise = Float32Array.from({ length: 3 * input.length }, (_, i) => 0.01 * Math.sin(i));
    const replayed = await model.explain('smoothgrad', input, { params: { noise } });
    assert.ok(replayed.map.data.every(Number.isFinite));
    assert.ok(!('noise' in replayed.params));
});

test('inputs', async () => {
    for (const call of [(x) => model.predict(x), (x) => model.live(x, [])]) {
        await refused(call(new Float32Array(2 * input.length)), 'bad_shape', 'one was expected');
    }
    for (const call of [
        (x) => model.predict(x),
        (x) => model.explain('gradient', x),
        (x) => model.explain('occlusion', x),
        (x) => model.live(x, []),
    ]) {
        await refused(call(new Float32Array(3)), 'bad_shape', '3 numbers', String(input.length));
        await refused(call(new Float32Array(1.5 * input.length)), 'bad_shape');
        await refused(call(new Float32Array(0)), 'bad_shape');
        await refused(call(input.with(7, Number.NaN)), 'bad_argument', 'element 7', 'finite');
        await refused(call(input.with(0, Number.POSITIVE_INFINITY)), 'bad_argument', 'element 0');
    }
    await refused(model.predict([...input]), 'bad_argument', 'Float32Array', 'Array');
    await refused(model.predict(undefined), 'bad_argument', 'Float32Array');
});

test('drawings', async () => {
    const stroke = { points: new Float32Array([1, 2, 3]), width: 8 };
    await refused(pellucid.normalise({ width: 0, height: 280, strokes: [stroke] }), 'bad_argument');
    await refused(
        pellucid.normalise({ width: 280, height: 280, strokes: [{ ...stroke, width: Number.NaN }] }),
        'bad_argument',
    );
    await refused(
        pellucid.normalise({ width: 280, height: 280, strokes: [{ points: [1, 2, 3], width: 8 }] }),
        'bad_argument',
        'Float32Array',
    );
    await refused(
        pellucid.normalise({ width: 280, height: 280, strokes: [{ points: new Float32Array(4), width: 8 }] }),
        'bad_argument',
        'triples',
    );
    await refused(pellucid.normalise(null), 'bad_argument', 'strokes');
    await refused(pellucid.penDigit(pellucid.penDigitCount), 'bad_argument', String(pellucid.penDigitCount - 1));
    await refused(pellucid.penDigit(-1), 'bad_argument');
    await refused(pellucid.penDigit(1.5), 'bad_argument');
    const { raster, scaled, input: image } = await pellucid.normalise({ width: 280, height: 280, strokes: [stroke] });
    assert.deepEqual(
        [raster, scaled, image].map(({ height, width, channels, data }) => [height, width, channels, data.length]),
        [
            [80, 80, 1, 6400],
            [20, 20, 1, 400],
            [28, 28, 1, 784],
        ],
    );
});
