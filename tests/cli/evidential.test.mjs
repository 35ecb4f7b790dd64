// models/evidential.onnx in the command: sure of digits, in doubt about what is none, and other networks refused.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { npyBytes, readNpy } from '../support/array-files.mjs';
import { json, model, pellucid, placeFor } from '../support/command.mjs';

const place = placeFor('evidential');
const median = (numbers) => [...numbers].sort((a, b) => a - b)[numbers.length >> 1];

pellucid('digits', '--count', '40', '--out', place('digits.npy'));

/** Drawings that are no digits: stripes this way and that, a frame, a grid, all ink. */
function shapes() {
    const inked = [
        ([y]) => y % 6 < 2,
        ([, x]) => x % 6 < 2,
        ([y, x]) => (x + y) % 7 < 2,
        ([y, x]) => Math.max(Math.abs(y - 13), Math.abs(x - 13)) === 12,
        ([y, x]) => y % 7 === 0 || x % 7 === 0,
        () => true,
    ];
    const pixels = inked.flatMap((ink) =>
        Array.from({ length: 784 }, (_, i) => (ink([Math.floor(i / 28), i % 28]) ? 1 : 0)),
    );
    writeFileSync(place('shapes.npy'), npyBytes([inked.length, 28, 28], pixels));
    return place('shapes.npy');
}

const predict = (input) => json('predict', '--model', model('evidential'), '--input', input).answers;

test('predict: evidence for digits, next to none for what is no digit', () => {
    const digits = predict(place('digits.npy')),
        others = predict(shapes());
    for (const { probabilities, vacuity, logits, predicted } of [...digits, ...others]) {
        const alphas = logits.map((z) => 1 + Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z))));
        const strength = alphas.reduce((sum, alpha) => sum + alpha);
        assert.ok(Math.abs(vacuity - 10 / strength) < 1e-6);
        probabilities.forEach((p, k) => assert.ok(Math.abs(p - alphas[k] / strength) < 1e-6));
        assert.equal(predicted, logits.indexOf(Math.max(...logits)));
    }
    assert.ok(median(digits.map(({ vacuity }) => vacuity)) < 0.3, JSON.stringify(digits.map(({ vacuity }) => vacuity)));
    for (const { vacuity } of others) assert.ok(vacuity > 0.6, `${others.map((other) => other.vacuity)}`);
    assert.match(
        pellucid('predict', '--model', model('evidential'), '--input', place('digits.npy')).stdout,
        /, no evidence for 0\.\d{4}\n/,
    );
    assert.equal(
        'vacuity' in json('predict', '--model', model('lenet'), '--input', place('digits.npy')).answers[0],
        false,
    );
});

test('explain uncertainty: DeepLIFT says which pixels take the doubt away, all of it', () => {
    const paper = place('paper.npy');
    writeFileSync(paper, npyBytes([1, 28, 28], new Float32Array(784)));
    const [{ vacuity: ofPaper }] = predict(paper);
    const ask = ['explain', 'uncertainty', '--model', model('evidential'), '--input', place('digits.npy')];
    const { outputs } = json(...ask, '--param', 'method=deeplift', '--out', place('out'));
    const { values: map } = readNpy(join(place('out'), 'result.npy'));
    outputs.vacuity.forEach((vacuity, n) => {
        const sum = map.subarray(784 * n, 784 * (n + 1)).reduce((all, value) => all + value, 0);
        assert.ok(Math.abs(sum - (ofPaper - vacuity)) < 1e-3, `${n}: ${sum}, ${ofPaper} − ${vacuity}`);
    });
    assert.equal('deviation' in outputs, false);
    // The same network with its dropout: the same lens, with a deviation.
    const { outputs: dropped } = json(
        ...ask,
        '--param',
        'method=deeplift',
        '--param',
        'kind=dropout',
        '--param',
        'samples=5',
    );
    assert.ok('deviation' in dropped && !('vacuity' in dropped));
});

test('networks that were not trained to doubt are refused in a sentence', () => {
    for (const name of ['lenet', 'dropout']) {
        const { status, stderr } = pellucid(
            'explain',
            'uncertainty',
            '--model',
            model(name),
            '--input',
            place('digits.npy'),
            '--param',
            'kind=evidential',
        );
        assert.equal(status, 2, stderr);
        assert.match(stderr, /no evidential output: its logits are no evidence/);
    }
});
