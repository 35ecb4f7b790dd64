// models/attacked.json, accuracy against ε, which the page draws: complete, sound, and what the command measures.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const root = new URL('../../', import.meta.url);
const read = (file) => JSON.parse(readFileSync(new URL(`models/${file}`, root), 'utf8'));
const table = read('attacked.json');
const mnist = process.env.PELLUCID_MNIST_DIR;

test('every network that learnt something has its row, which begins with its accuracy', () => {
    const ids = read('index.json')
        .models.map(({ id }) => id)
        .filter((id) => id !== 'untrained');
    assert.deepEqual(Object.keys(table.accuracy), ids);
    for (const { id, accuracy } of read('index.json').models.filter((model) => model.id in table.accuracy)) {
        const shares = table.accuracy[id];
        assert.equal(shares.length, table.epsilons.length, id);
        // The first thousand are a sample of the ten thousand: two hundredths are more than four standard errors of the
        // best networks.
        assert.ok(Math.abs(shares[0] - accuracy) < 0.02, `${id}: ${shares[0]} and ${accuracy}`);
        shares.forEach((share, i) =>
            assert.ok(share >= 0 && share <= shares[0] && share <= (shares[i - 1] ?? 1) + 0.005, `${id}: ${shares}`),
        );
    }
});

test('the command measures the same', { skip: mnist ? false : 'without MNIST (PELLUCID_MNIST_DIR)' }, () => {
    for (const epsilon of [0.05, 0.1]) {
        const params = { ...table.params, epsilon, step_size: (2.5 * epsilon) / table.params.steps };
        const { status, stdout, stderr } = spawnSync(
            fileURLToPath(new URL('build/native/pellucid', root)),
            [
                'evaluate',
                '--model',
                fileURLToPath(new URL('models/linear.onnx', root)),
                '--data',
                mnist,
                '--limit',
                `${table.images}`,
                '--json',
                '--attack',
                table.attack,
                ...Object.entries(params).flatMap(([name, value]) => ['--param', `${name}=${value}`]),
            ],
            { encoding: 'utf8' },
        );
        assert.equal(status, 0, stderr);
        const kept = table.accuracy.linear[table.epsilons.indexOf(epsilon)];
        // Other vector instructions round otherwise: an image or two at the boundary.
        assert.ok(
            Math.abs(JSON.parse(stdout).accuracy_under_attack - kept) <= 0.002,
            `ε ${epsilon}: ${kept} and ${stdout}`,
        );
    }
});
