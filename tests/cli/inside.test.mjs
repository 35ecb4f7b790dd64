// What looks inside the network, as the command gives it: pictures, scores and statistics in their files.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { readNpy } from '../support/array-files.mjs';
import { model, pellucid, placeFor, root } from '../support/command.mjs';

const place = placeFor('inside');
const digits = place('digits.npy');
assert.equal(pellucid('digits', '--out', digits, '--count', '3').status, 0);

const read = (path) => {
    const { shape, values } = readNpy(path);
    return { shape, values: [...values] };
};
function explain(method, of, ...args) {
    const out = place(`${method}-${Math.random()}`);
    const { status, stdout, stderr } = pellucid(
        'explain',
        method,
        '--model',
        model(of),
        '--input',
        digits,
        '--out',
        out,
        '--json',
        ...args,
    );
    assert.equal(status, 0, stderr);
    return {
        report: JSON.parse(stdout),
        result: read(join(out, 'result.npy')),
        other: (name) => read(join(out, `${name}.npy`)),
        out,
    };
}
const near = (a, b, bound = 1e-4) => assert.ok(Math.abs(a - b) <= bound * Math.max(1, Math.abs(b)), `${a} is not ${b}`);
const sum = (values) => values.reduce((all, v) => all + v, 0);

test('pictures of channels and of kernels come together, in the order of the channels', () => {
    const maps = explain('activations', 'lenet', '--param', 'layer=relu1');
    assert.deepEqual(maps.result.shape, [3, 16, 28, 28]);
    const activity = maps.other('activity');
    assert.deepEqual(activity.shape, [3, 1, 1, 16]);
    for (let k = 0; k < 48; ++k) near(activity.values[k], sum(maps.result.values.slice(784 * k, 784 * (k + 1))) / 784);
    assert.deepEqual(explain('filters', 'lenet').result.shape, [3, 16, 5, 5]);
    assert.deepEqual(explain('activations', 'lenet', '--param', 'layer=relu4').result.shape, [3, 1, 8, 8]);
});

test('the class activation map of the averaging network: its mean and the bias are the score', () => {
    const { report, other } = explain('cam', 'gap', '--target', 'class:2');
    const coarse = other('coarse');
    for (let n = 0; n < 3; ++n) {
        near(sum(coarse.values.slice(49 * n, 49 * (n + 1))) / 49 + report.outputs.bias[n], report.values[n]);
    }
    const refused = pellucid('explain', 'cam', '--model', model('lenet'), '--input', digits);
    assert.equal(refused.status, 2);
    assert.match(refused.stderr, /needs a network whose scores are a linear function of a global average pool/);
});

test('a unit that is switched off by hand changes the score by what the ranking says', () => {
    const { report, result } = explain('unit_ablation', 'lenet', '--param', 'units=7', '--param', 'drawings=5');
    assert.deepEqual(result.shape, [3, 1, 1, 48]);
    for (let n = 0; n < 3; ++n) near(report.values[n] - report.outputs.after[n], result.values[48 * n + 7]);
    const over = report.outputs.over_data.values;
    assert.equal(over[0].length, 48);
    assert.ok(over[0].every((v) => v >= 0));
    assert.deepEqual(over[0], over[2]);
    const mean = explain('unit_ablation', 'lenet', '--param', 'how=mean', '--param', 'units=all');
    assert.ok(
        new Set(mean.report.outputs.after.map((v) => v.toFixed(3))).size === 3,
        'each input is asked for its own class',
    );
});

test('statistics are found beside the model, and those of another network are refused', () => {
    const { report, other } = explain('neuron_statistics', 'lenet', '--target', 'class:1');
    assert.equal(report.outputs.best[0], 1);
    assert.ok(report.outputs.auc.values[0][1] > 0.99);
    const histogram = other('histogram');
    assert.deepEqual(histogram.shape, [3, 10, 16]);
    for (let c = 0; c < 10; ++c) near(sum(histogram.values.slice(16 * c, 16 * (c + 1))), 1);
    const file = join(root, 'models/lenet.statistics.bin');
    assert.ok(readFileSync(file).length <= 300_000);
    const without = pellucid('explain', 'neuron_statistics', '--model', model('gap'), '--input', digits);
    assert.equal(without.status, 2);
    assert.match(without.stderr, /needs statistics of the network/);
    const foreign = pellucid(
        'explain',
        'neuron_statistics',
        '--model',
        model('gap'),
        '--input',
        digits,
        '--with',
        `statistics=${file}`,
    );
    assert.equal(foreign.status, 2);
    assert.match(foreign.stderr, /those of another network/);
});

test('the drawings that drive a class most are of that class', () => {
    const { report, result } = explain('top_activating', 'lenet', '--target', 'class:4');
    assert.deepEqual(result.shape, [3, 9, 28, 28]);
    assert.deepEqual(report.outputs.label.values[0], Array(9).fill(4));
    const scores = report.outputs.scores.values[0];
    assert.deepEqual(
        scores,
        [...scores].sort((a, b) => b - a),
    );
    const relevant = explain('top_activating', 'lenet', '--target', 'channel:relu3/5', '--param', 'by=relevance');
    assert.notDeepEqual(
        relevant.report.outputs.index.values,
        explain('top_activating', 'lenet', '--target', 'channel:relu3/5').report.outputs.index.values,
    );
});

test('a receptive field lies around its unit', () => {
    const { report, result } = explain(
        'receptive_field',
        'lenet',
        '--target',
        'neuron:conv2/3,6,6',
        '--param',
        'samples=20',
    );
    assert.deepEqual(
        [report.outputs.top[0], report.outputs.left[0], report.outputs.height[0], report.outputs.width[0]],
        [8, 8, 10, 10],
    );
    result.values.slice(0, 784).forEach((v, i) => {
        const inside = Math.floor(i / 28) >= 8 && Math.floor(i / 28) < 18 && i % 28 >= 8 && i % 28 < 18;
        assert.ok(inside || v === 0);
    });
    assert.ok(Math.max(...result.values) > 0);
});

test('a network with units switched off or scaled is explained by every method', () => {
    const { report } = explain(
        'unit_ablation',
        'lenet',
        '--target',
        'class:2',
        '--param',
        'layer=relu2',
        '--param',
        'units=3;7',
    );
    const map = explain('lrp', 'lenet', '--target', 'class:2', '--without', 'relu2/3;7');
    for (let n = 0; n < 3; ++n) near(map.report.values[n], report.outputs.after[n]);
    // Single units, scaled, and of two layers at once.
    const half = explain(
        'unit_ablation',
        'lenet',
        '--target',
        'class:2',
        '--param',
        'layer=relu2',
        '--param',
        'units=3,6,6;7',
        '--param',
        'how=scale',
        '--param',
        'factor=0.25',
    );
    const scaled = explain(
        'gradient',
        'lenet',
        '--target',
        'class:2',
        '--without',
        'relu2/3,6,6;7*0.25',
        '--without',
        'conv3/all*1',
    );
    for (let n = 0; n < 3; ++n) near(scaled.report.values[n], half.report.outputs.after[n]);
    for (const [text, words] of [
        ['relu2', /names no units of a layer/],
        ['relu2/99', /channel \(0 to 31\)/],
        ['relu2/1,22,3', /rows 0 to 13/],
        ['relu2/1*x', /factor is 'x'/],
        ['relu2/1~-1', /noise is '-1'/],
        ['relu9/1', /relu9/],
    ]) {
        const { status, stderr } = pellucid(
            'explain',
            'lrp',
            '--model',
            model('lenet'),
            '--input',
            digits,
            '--without',
            text,
        );
        assert.equal(status, 2);
        assert.match(stderr, words);
    }
});
