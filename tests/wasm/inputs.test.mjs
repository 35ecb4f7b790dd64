// What a network ends in and the range of its input, as the package shows them.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { denseModel } from '../support/small-onnx.mjs';
import { load } from './support.mjs';

let pellucid;
before(async () => {
    pellucid = await load({ variant: 'simd128', workers: 2 });
});
after(() => pellucid.dispose());

const pixels = Float32Array.of(0.1, 0.9, 0.4, 0.6);
const weight = (classes) => Array.from({ length: 4 * classes }, (_, i) => Math.sin(1 + 2 * i));
const open = (options, loading) =>
    pellucid.loadModel(
        denseModel({
            shape: [1, 2, 2],
            weight: weight(options.classes),
            bias: Array(options.classes).fill(0.25),
            ...options,
        }),
        loading,
    );
const logits = (classes, x = pixels) =>
    Array.from({ length: classes }, (_, k) =>
        x.reduce((sum, v, i) => sum + v * weight(classes)[i * classes + k], 0.25),
    );
const sigmoid = (z) => 1 / (1 + Math.exp(-z));
const softmax = (z) => z.map((v) => Math.exp(v) / z.reduce((sum, w) => sum + Math.exp(w), 0));
const close = (actual, expected) => {
    assert.equal(actual.length, expected.length);
    expected.forEach((v, i) =>
        assert.ok(Math.abs(actual[i] - v) <= 1e-5 * Math.max(1, Math.abs(v)), `${[...actual]} is not ${expected}`),
    );
};

test('predict gives exactly what the network gives, and both sides of its head', async () => {
    const heads = [
        ['none', [], (z) => z, softmax],
        ['softmax', [['Softmax', 1], 'Dropout', ['Flatten', 1]], softmax, softmax],
        ['log_softmax', [['LogSoftmax', 1]], (z) => softmax(z).map(Math.log), softmax],
        ['sigmoid', ['Sigmoid', 'Identity'], (z) => z.map(sigmoid), (z) => z.map(sigmoid)],
    ];
    for (const [head, behind, output, probabilities] of heads) {
        for (const classes of [1, 10]) {
            const model = await open({ classes, behind });
            assert.equal(model.head, head);
            const z = logits(classes);
            const answer = await model.predict(pixels);
            close(answer.output, output(z));
            close(answer.logits, z);
            const single = classes === 1 && head === 'none';
            close(answer.probabilities, single ? z.map(sigmoid) : probabilities(z));
            assert.equal(
                answer.predicted,
                classes === 1
                    ? Number((head === 'sigmoid' || head === 'none') && z[0] >= 0)
                    : z.indexOf(Math.max(...z)),
            );
            const { value } = await model.explain('gradient', pixels, { target: 'prob:0' });
            close([value], [answer.probabilities[0]]);
            model.dispose();
        }
    }
});

test("an input outside the range is refused; the range is the model's or the caller's", async () => {
    const grey = await open({ classes: 3, metadata: { input_range: '0,255' } });
    assert.deepEqual([...grey.range.low, ...grey.range.high], [0, 255]);
    const bytes = Float32Array.of(0, 200, 255, 30);
    close((await grey.predict(bytes)).logits, logits(3, bytes));
    await assert.rejects(grey.predict(Float32Array.of(0, 256, 0, 0)), {
        code: 'bad_argument',
        message: /element 1 is 256.*0 … 255/,
    });
    const { map, params } = await grey.explain('fgsm', bytes);
    assert.equal(params.epsilon, 25.5);
    map.data.forEach((v, i) => assert.ok(v >= 0 && v <= 255 && Math.abs(v - bytes[i]) <= 25.5));

    const plain = await open({ classes: 3 });
    assert.deepEqual([...plain.range.low, ...plain.range.high], [0, 1]);
    await assert.rejects(plain.explain('lrp', bytes), { code: 'bad_argument', message: /element 1 is 200/ });
    const said = await open({ classes: 3 }, { range: [-1, 300] });
    assert.deepEqual([...said.range.low, ...said.range.high], [-1, 300]);
    close((await said.predict(bytes)).logits, logits(3, bytes));
    await assert.rejects(open({ classes: 3 }, { range: [1, 0] }), { code: 'bad_argument', message: /low,high/ });
    await assert.rejects(open({ classes: 3 }, { range: 'wide' }), {
        code: 'bad_argument',
        message: /array of numbers/,
    });
    await assert.rejects(open({ classes: 3, metadata: { input_range: 'wide' } }), {
        code: 'bad_file',
        message: /input_range/,
    });
});

test("a drawing becomes values of the network's range", async () => {
    const shape = [1, 28, 28];
    const size = { shape, classes: 2, weight: Array(784 * 2).fill(0.01) };
    const { drawing } = await pellucid.penDigit(4);
    const share = await (await open(size)).live(drawing, []);
    const wide = await (await open({ ...size, metadata: { input_range: '-1,255' } })).live(drawing, [
        { method: 'gradient' },
    ]);
    share.input.data.forEach((v, i) => assert.ok(Math.abs(wide.input.data[i] - (-1 + 256 * v)) < 1e-4));
    close(wide.normalised.input.data, [...share.input.data]);
    assert.ok(!(wide.explanations[0] instanceof Error), wide.explanations[0].message);
});
