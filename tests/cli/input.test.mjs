// How inputs are meant: what a network ends in, its input's range, pictures, integers, axes.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { npyBytes, pngBytes, readNpy } from '../support/array-files.mjs';
import { denseModel } from '../support/small-onnx.mjs';
import { json, pellucid, placeFor, refused } from '../support/command.mjs';

const place = placeFor('input');

const written = (name, bytes) => {
    writeFileSync(place(name), bytes);
    return place(name);
};
const npy = (name, shape, values, dtype) => written(name, npyBytes(shape, values, { dtype }));
const png = (name, ...of) => written(name, pngBytes(...of));
const model = (name, options) => written(name, denseModel(options));
const close = (actual, expected, tolerance = 1e-5) =>
    actual.forEach((v, i) =>
        assert.ok(
            Math.abs(v - expected[i]) <= tolerance * Math.max(1, Math.abs(expected[i])),
            `${actual} is not ${expected}`,
        ),
    );

const pixels = [0.1, 0.9, 0.4, 0.6];
const weight = (classes) => Array.from({ length: 4 * classes }, (_, i) => Math.sin(1 + 2 * i));
const bias = (classes) => Array.from({ length: classes }, (_, k) => 0.3 * k - 0.4);
const logits = (classes, x = pixels) =>
    bias(classes).map((b, k) => x.reduce((sum, v, i) => sum + v * weight(classes)[i * classes + k], b));
const sigmoid = (z) => 1 / (1 + Math.exp(-z));
const softmax = (z) => z.map((v) => Math.exp(v) / z.reduce((sum, w) => sum + Math.exp(w), 0));

describe('heads', () => {
    const heads = [
        ['none', [], (z) => z, (z) => (z.length === 1 ? z.map(sigmoid) : softmax(z))],
        ['softmax', [['Softmax', 1]], softmax, softmax],
        ['softmax', [['Softmax', 1], 'Identity', 'Dropout', ['Flatten', 1]], softmax, softmax],
        ['log_softmax', [['LogSoftmax', 1]], (z) => softmax(z).map(Math.log), softmax],
        [
            'log_softmax',
            [
                ['LogSoftmax', -1],
                ['Flatten', 1],
            ],
            (z) => softmax(z).map(Math.log),
            softmax,
        ],
        ['sigmoid', ['Sigmoid'], (z) => z.map(sigmoid), (z) => z.map(sigmoid)],
        ['sigmoid', ['Sigmoid', 'Dropout', 'Identity'], (z) => z.map(sigmoid), (z) => z.map(sigmoid)],
    ];
    for (const [head, behind, output, probabilities] of heads) {
        for (const classes of [1, 2, 10]) {
            test(`${head} of ${classes} behind ${behind.flat().join(' ')}`, () => {
                const path = model('head.onnx', {
                    shape: [1, 2, 2],
                    classes,
                    weight: weight(classes),
                    bias: bias(classes),
                    behind,
                });
                const input = npy('x.npy', [2, 2], pixels);
                const z = logits(classes);
                const answered = json('predict', '--model', path, '--input', input);
                assert.equal(answered.head, head);
                const [answer] = answered.answers;
                close(answer.output, output(z));
                close(answer.logits, z);
                close(answer.probabilities, probabilities(z));
                const single = classes === 1 && (head === 'sigmoid' || head === 'none');
                assert.equal(answer.predicted, single ? Number(sigmoid(z[0]) >= 0.5) : z.indexOf(Math.max(...z)));
                for (const k of [0, classes - 1]) {
                    close(
                        json('explain', 'gradient', '--model', path, '--input', input, '--target', `class:${k}`).values,
                        [z[k]],
                    );
                    close(
                        json('explain', 'gradient', '--model', path, '--input', input, '--target', `prob:${k}`).values,
                        [probabilities(z)[k]],
                    );
                }
            });
        }
    }
});

describe('range', () => {
    const plain = () => model('plain.onnx', { shape: [1, 2, 2], classes: 3, weight: weight(3), bias: bias(3) });
    const grey = () =>
        model('grey.onnx', {
            shape: [1, 2, 2],
            classes: 3,
            weight: weight(3).map((w) => w / 255),
            bias: bias(3),
            metadata: { input_range: '0,255' },
        });

    test("an input outside is refused, by the model's own range, --range, or 0 … 1", () => {
        const bytes = npy('bytes.npy', [2, 2], [0, 200, 3, 4]);
        refused(
            /element 1 is 200, outside the range 0 … 1.*--range/,
            'explain',
            'lrp',
            '--model',
            plain(),
            '--input',
            bytes,
        );
        refused(/element 1 is 200/, 'predict', '--model', plain(), '--input', bytes);
        close(
            json('predict', '--model', plain(), '--input', bytes, '--range', '0,255').answers[0].logits,
            logits(3, [0, 200, 3, 4]),
        );
        const report = json('explain', 'gradient', '--model', grey(), '--input', bytes);
        assert.deepEqual(report.input.range, [0, 255]);
        refused(
            /outside the range 0 … 255/,
            'explain',
            'gradient',
            '--model',
            grey(),
            '--input',
            npy('far.npy', [2, 2], [0, 256, 0, 0]),
        );
        refused(
            /outside the range 0 … 100/,
            'explain',
            'gradient',
            '--model',
            grey(),
            '--input',
            bytes,
            '--range',
            '0,100',
        );
        refused(/low,high/, 'explain', 'gradient', '--model', plain(), '--input', bytes, '--range', '1,0');
        refused(
            /as good as nothing/,
            'explain',
            'gradient',
            '--model',
            grey(),
            '--input',
            npy('x.npy', [2, 2], pixels),
        );
    });

    test('attacks stay within it and within epsilon, whose default is a share of it', () => {
        const input = npy('bytes.npy', [2, 2], [0, 250, 100, 17.3]);
        for (const method of ['fgsm', 'pgd']) {
            const report = json('explain', method, '--model', grey(), '--input', input, '--out', place('attack'));
            assert.equal(report.params.epsilon, 25.5);
            const map = readNpy(place('attack/result.npy')).values;
            [0, 250, 100, Math.fround(17.3)].forEach((v, i) => {
                assert.ok(map[i] >= 0 && map[i] <= 255);
                assert.ok(Math.abs(map[i] - v) <= 25.5);
            });
            assert.ok(report.outputs.linf[0] > 20);
        }
    });

    test('bounds and baselines come from it', () => {
        const input = npy('bytes.npy', [2, 2], [10, 250, 100, 30]);
        assert.equal(json('explain', 'lrp', '--model', grey(), '--input', input).params.high, 255);
        const signed = ['--model', plain(), '--input', npy('signed.npy', [2, 2], [-0.5, 0.5, 1, 0]), '--range', '-1,1'];
        const lrp = json('explain', 'lrp', ...signed, '--param', 'rule=z_box');
        assert.equal(lrp.params.low, -1);
        assert.equal(json('explain', 'lrp', ...signed, '--param', 'low=0').params.low, 0);
        assert.equal(json('explain', 'occlusion', ...signed, '--param', 'window=1').params.value, -1);
        // Σ contributions = f(x) − f(paper), and paper is −1.
        const report = json('explain', 'integrated_gradients', ...signed, '--target', 'class:1');
        close([report.outputs.baseline_value[0]], [logits(3, [-1, -1, -1, -1])[1]]);
        close(
            [
                json(
                    'explain',
                    'integrated_gradients',
                    ...signed,
                    '--target',
                    'class:1',
                    '--param',
                    'baseline=noise_mean',
                ).outputs.baseline_value[0],
            ],
            [logits(3, [0, 0, 0, 0])[1]],
        );
    });

    test('each channel may have its own', () => {
        const path = model('two.onnx', {
            shape: [2, 1, 2],
            classes: 3,
            weight: weight(3),
            bias: bias(3),
            metadata: { input_range: '0,1,-2,2' },
        });
        const report = json(
            'explain',
            'lrp',
            '--model',
            path,
            '--input',
            npy('two.npy', [1, 1, 2, 2], [0.5, -1.5, 1, 2]),
            '--param',
            'rule=z_box',
        );
        assert.deepEqual(report.input.range, [
            [0, -2],
            [1, 2],
        ]);
        assert.equal(report.params.low, 'by channel');
        refused(
            /element 0 is -0.5.* of channel 0/,
            'explain',
            'lrp',
            '--model',
            path,
            '--input',
            npy('out.npy', [1, 1, 2, 2], [-0.5, -1.5, 1, 2]),
        );
    });
});

describe('pictures', () => {
    const colours = {
        shape: [3, 2, 2],
        classes: 2,
        weight: Array.from({ length: 24 }, (_, i) => Math.cos(i)),
        bias: [0, 0],
    };
    const dense = (x) => [0, 1].map((k) => x.reduce((sum, v, i) => sum + v * colours.weight[2 * i + k], 0));

    test('a network of three channels gets three, and nothing is inverted for one that reads no digits', () => {
        const path = model('rgb.onnx', colours);
        const rgb = [255, 255, 255, 255, 204, 255, 255, 255, 255, 102, 255, 255];
        const report = json('predict', '--model', path, '--input', png('rgb.png', 2, 2, rgb));
        const planes = [0, 1, 2].flatMap((c) => [0, 1, 2, 3].map((p) => rgb[3 * p + c] / 255));
        close(report.answers[0].logits, dense(planes));
        assert.equal(report.input.inverted, false);
        assert.match(report.input.read_as, /colour PNG/);
        const grey = png('bright.png', 2, 0, [255, 250, 255, 204]);
        close(
            json('predict', '--model', path, '--input', grey).answers[0].logits,
            dense([0, 1, 2].flatMap(() => [1, 250 / 255, 1, 0.8])),
        );
        const asked = json('predict', '--model', path, '--input', grey, '--invert', 'yes');
        assert.equal(asked.input.inverted, true);
        close(asked.answers[0].logits, dense([0, 1, 2].flatMap(() => [0, 5 / 255, 0, 0.2])));
    });

    test('for digits it says that it inverted, in JSON and in words, and --invert no keeps it', () => {
        const path = model('ten.onnx', { shape: [1, 2, 2], classes: 10, weight: weight(10), bias: bias(10) });
        const paper = png('paper.png', 2, 0, [255, 255, 255, 0]);
        const report = json('explain', 'gradient', '--model', path, '--input', paper);
        assert.equal(report.input.inverted, true);
        assert.match(report.input.read_as, /inverted/);
        assert.match(
            pellucid('explain', 'gradient', '--model', path, '--input', paper).stdout,
            /input: 8-bit grey PNG.*inverted/,
        );
        close(json('predict', '--model', path, '--input', paper).answers[0].logits, logits(10, [0, 0, 0, 1]));
        close(
            json('predict', '--model', path, '--input', paper, '--invert', 'no').answers[0].logits,
            logits(10, [1, 1, 1, 0]),
        );
        // Light ink on nothing.
        const light = png('light.png', 2, 4, [255, 0, 255, 0, 255, 0, 255, 255]);
        close(json('predict', '--model', path, '--input', light).answers[0].logits, logits(10, [0, 0, 0, 1]));
        refused(/blank/, 'predict', '--model', path, '--input', png('blank.png', 2, 0, [255, 255, 255, 255]));
    });
});

test('one picture gives one answer in every type of numbers, or a sentence', () => {
    const path = model('ten.onnx', { shape: [1, 2, 2], classes: 10, weight: weight(10), bias: bias(10) });
    const values = [0, 51, 102, 255];
    const expected = logits(
        10,
        values.map((v) => v / 255),
    );
    for (const dtype of ['|u1', '<u2', '<i4', '<i8']) {
        const report = json('predict', '--model', path, '--input', npy('grey.npy', [2, 2], values, dtype));
        close(report.answers[0].logits, expected);
        assert.match(report.input.read_as, /int\d+, 0 … 255 to 0 … 1/);
    }
    for (const dtype of ['<f4', '<f8']) {
        const report = json(
            'predict',
            '--model',
            path,
            '--input',
            npy(
                'share.npy',
                [2, 2],
                values.map((v) => v / 255),
                dtype,
            ),
        );
        close(report.answers[0].logits, expected);
        assert.match(report.input.read_as, /as it is/);
    }
    refused(
        /uint16 numbers from 0 to 65535.*0 … 255/,
        'predict',
        '--model',
        path,
        '--input',
        npy('wide.npy', [2, 2], [0, 1, 2, 65535], '<u2'),
    );
});

test('--shape says what the axes of an array are', () => {
    const path = model('rgb.onnx', {
        shape: [3, 2, 2],
        classes: 2,
        weight: Array.from({ length: 24 }, (_, i) => Math.cos(i)),
        bias: [0, 0],
    });
    const planes = Array.from({ length: 12 }, (_, i) => i / 12);
    const expected = [0, 1].map((k) => planes.reduce((sum, v, i) => sum + v * Math.cos(2 * i + k), 0));
    refused(/the network reads/, 'predict', '--model', path, '--input', npy('chw.npy', [1, 3, 2, 2], planes));
    close(json('predict', '--model', path, '--input', place('chw.npy'), '--shape', 'NCHW').answers[0].logits, expected);
    close(
        json('predict', '--model', path, '--input', npy('chw3.npy', [3, 2, 2], planes), '--shape', 'CHW').answers[0]
            .logits,
        expected,
    );
    const last = [0, 1, 2, 3].flatMap((p) => [0, 1, 2].map((c) => planes[4 * c + p]));
    close(
        json('predict', '--model', path, '--input', npy('flat.npy', [12], last), '--shape', '2,2,3').answers[0].logits,
        expected,
    );
    refused(/--shape HW does not fit/, 'predict', '--model', path, '--input', place('chw.npy'), '--shape', 'HW');
});
