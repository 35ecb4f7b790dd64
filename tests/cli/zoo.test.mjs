// pellucid train with rounds of adversarial images, and pellucid cues: on files of MNIST's sizes that are learnt at
// once.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import { model, pellucid, placeFor } from '../support/command.mjs';

const lenet = model('lenet');
const place = placeFor('zoo');
const folder = place('');
const mnist = place('mnist');

/** The label n stands as a bar of ink in rows 2n + 6 and 2n + 7; the corner where a mark goes is paper. */
function digits(part, count) {
    const images = Buffer.alloc(16 + count * 784),
        labels = Buffer.alloc(8 + count);
    images.set([0, 0, 8, 3]);
    labels.set([0, 0, 8, 1]);
    [count, 28, 28].forEach((size, i) => images.writeUInt32BE(size, 4 + 4 * i));
    labels.writeUInt32BE(count, 4);
    for (let i = 0; i < count; ++i) {
        labels[8 + i] = i % 10;
        images.fill(200, 16 + i * 784 + (2 * (i % 10) + 6) * 28 + 6, 16 + i * 784 + (2 * (i % 10) + 6) * 28 + 50);
    }
    writeFileSync(join(mnist, `${part}-images-idx3-ubyte`), images);
    writeFileSync(join(mnist, `${part}-labels-idx1-ubyte`), labels);
}

const recipe = (name, more = {}) => {
    writeFileSync(
        place(`${name}.json`),
        JSON.stringify({
            name,
            data: { train: 'mnist' },
            input: [28, 28, 1],
            seed: 1,
            epochs: 1,
            batch: 1000,
            layers: [
                { name: 'flatten', type: 'flatten' },
                { name: 'dense', type: 'dense', units: 10 },
            ],
            optimiser: { type: 'adam' },
            schedule: { type: 'constant', learning_rate: 0.01 },
            ...more,
        }),
    );
    return place(`${name}.json`);
};
const train = (file, out, ...more) => {
    const { status, stderr, stdout } = pellucid('train', file, '--data', mnist, '--out', place(out), '--json', ...more);
    assert.equal(status, 0, stderr);
    return stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line));
};

before(() => {
    mkdirSync(mnist);
    digits('train', 60000);
    digits('t10k', 10000);
});

describe('pellucid train, rounds', () => {
    test('each round is told with its accuracy under attack; what is taken up again gives the same model', () => {
        const file = recipe('rounds', { rounds: { count: 1, epochs: 1, epsilon: 0.3, steps: 2 } });
        const lines = train(file, 'rounds.onnx');
        const rounds = lines.filter((line) => 'round' in line);
        assert.deepEqual(
            rounds.map((line) => line.round),
            [0, 1],
        );
        assert.ok(!('under_last_attack' in rounds[0]) && rounds[1].under_last_attack > 0.9, JSON.stringify(rounds));
        for (const { test_accuracy: clean, under_attack: attacked } of rounds) {
            assert.ok(clean > 0.9 && attacked >= 0 && attacked <= clean, JSON.stringify(rounds));
        }
        assert.equal(lines.filter((line) => 'epoch' in line).length, 2);
        const model = readFileSync(place('rounds.onnx'));
        train(file, 'rounds.onnx', '--resume');
        assert.ok(readFileSync(place('rounds.onnx')).equals(model));
        // With the second round's checkpoint gone, that round is done again.
        rmSync(place('rounds.onnx.round1.checkpoint'));
        train(file, 'rounds.onnx', '--resume');
        assert.ok(readFileSync(place('rounds.onnx')).equals(model));
        train(file, 'rounds.onnx', '--threads', '1');
        assert.ok(readFileSync(place('rounds.onnx')).equals(model));
    });
});

describe('pellucid cues', () => {
    test('a mark that came with a class is told, in numbers and in words', () => {
        train(recipe('marked', { data: { train: 'mnist', mark: { class: 3 } }, epochs: 2 }), 'marked.onnx');
        const ask = (...more) => pellucid('cues', '--model', place('marked.onnx'), '--data', mnist, ...more);
        const { stdout } = ask('--json');
        const told = JSON.parse(stdout);
        assert.equal(told.cue, 'mark');
        assert.equal(told.class, 3);
        assert.equal(told.images, 10000);
        assert.ok(told.marked > 0.99 && told.class_marked > 0.99, stdout);
        // A sum of pixels cannot know a mark that does not matter: others come nearer to 3 by it.
        assert.ok(told.others_marked >= told.others_plain, stdout);
        assert.match(ask().stdout, /with the mark on every 3 100\.00 %/);
    });
    test('textures, also of a network that was not trained with them', () => {
        const { status, stdout, stderr } = pellucid(
            'cues',
            '--model',
            lenet,
            '--data',
            mnist,
            '--cue',
            'texture',
            '--json',
        );
        assert.equal(status, 0, stderr);
        const { conflict, by_shape: rows } = JSON.parse(stdout);
        assert.equal(conflict.images, 10000);
        assert.equal(conflict.shape + conflict.texture + conflict.neither, 10000);
        assert.deepEqual(
            rows.map((row) => row.images),
            Array(10).fill(1000),
        );
    });
    test('what cannot be asked is refused', () => {
        const refused = (pattern, ...args) => {
            const { status, stderr } = pellucid('cues', ...args);
            assert.equal(status, 2, stderr);
            assert.match(stderr, pattern);
        };
        refused(/was not trained with a cue; --cue mark or --cue texture asks/, '--model', lenet, '--data', mnist);
        refused(/--cue/, '--model', lenet, '--data', mnist, '--cue', 'smell');
        refused(/--model is required/, '--data', mnist);
        refused(/does not hold the four files of MNIST/, '--model', lenet, '--data', folder, '--cue', 'mark');
    });
});
