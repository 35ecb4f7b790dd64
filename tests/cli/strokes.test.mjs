// A drawing's strokes as players: stroke_shapley, and the groups of other methods, through the command.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { pellucid, placeFor, root } from '../support/command.mjs';

const place = placeFor('strokes');
const explain = (method, ...more) =>
    pellucid(
        'explain',
        method,
        '--model',
        join(root, 'models/lenet.onnx'),
        '--input',
        place('digit.npy'),
        '--json',
        ...more,
    );

/** The first pen digit of at least two strokes. */
function draw() {
    for (let first = 0; first < 60; ++first) {
        pellucid(
            'digits',
            '--first',
            `${first}`,
            '--count',
            '1',
            '--out',
            place('digit.npy'),
            '--strokes',
            place('digit.json'),
        );
        const { strokes } = JSON.parse(readFileSync(place('digit.json'), 'utf8'));
        if (strokes.length > 1) return strokes.length;
    }
    throw new Error('no pen digit of several strokes');
}

test('every stroke gets its share, and together they are the difference from paper', () => {
    const count = draw();
    const { status, stdout, stderr } = explain(
        'stroke_shapley',
        '--with',
        `strokes=${place('digit.json')}`,
        '--param',
        'interactions=true',
    );
    assert.equal(status, 0, stderr);
    const { outputs, values } = JSON.parse(stdout);
    const scores = outputs.scores.values.flat();
    assert.equal(scores.length, count);
    assert.deepEqual(
        outputs.scores.groups,
        scores.map((_, i) => `stroke ${i + 1}`),
    );
    const sum = scores.reduce((a, b) => a + b, 0);
    assert.ok(Math.abs(sum - (values[0] - outputs.baseline_value[0])) < 1e-3, `${sum}`);
    assert.equal(outputs.interactions.rows.length, (count * (count - 1)) / 2);
    const grouped = explain('kernel_shap', '--with', `strokes=${place('digit.json')}`, '--param', 'groups=strokes');
    assert.equal(grouped.status, 0, grouped.stderr);
    assert.equal(JSON.parse(grouped.stdout).outputs.scores.groups.at(-1), 'paper');
});

test('a drawing without strokes, and none at all, are refused in a sentence', () => {
    draw();
    writeFileSync(place('empty.json'), '[]');
    const cases = [
        ['stroke_shapley', [], /strokes/],
        ['stroke_shapley', ['--with', `strokes=${place('empty.json')}`], /no strokes/],
        ['feature_ablation', ['--param', 'groups=strokes'], /strokes/],
    ];
    for (const [method, args, sentence] of cases) {
        const { status, stderr } = explain(method, ...args);
        assert.equal(status, 2, stderr);
        assert.match(stderr, sentence);
    }
});
