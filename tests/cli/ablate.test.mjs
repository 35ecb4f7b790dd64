// pellucid ablate: the table it writes, that it goes on where it was stopped, and what it refuses.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import { model, pellucid, placeFor, root } from '../support/command.mjs';

const program = join(root, 'build/native/pellucid');
const lenet = model('lenet');
const place = placeFor('ablate');
const mnist = place('mnist');

/** Files of MNIST's sizes: the label n stands as a bar of ink in rows 2n and 2n + 1, the rest is paper. */
function digits(part, count) {
    const images = Buffer.alloc(16 + count * 784),
        labels = Buffer.alloc(8 + count);
    images.set([0, 0, 8, 3]);
    labels.set([0, 0, 8, 1]);
    [count, 28, 28].forEach((size, i) => images.writeUInt32BE(size, 4 + 4 * i));
    labels.writeUInt32BE(count, 4);
    for (let i = 0; i < count; ++i) {
        labels[8 + i] = i % 10;
        images.fill(200, 16 + i * 784 + 2 * (i % 10) * 28 + 4, 16 + i * 784 + 2 * (i % 10) * 28 + 44);
    }
    writeFileSync(join(mnist, `${part}-images-idx3-ubyte`), images);
    writeFileSync(join(mnist, `${part}-labels-idx1-ubyte`), labels);
}

before(() => {
    mkdirSync(mnist);
    digits('train', 60000);
    digits('t10k', 10000);
    writeFileSync(
        place('tiny.json'),
        JSON.stringify({
            name: 'tiny',
            data: { train: 'mnist' },
            input: [28, 28, 1],
            seed: 1,
            epochs: 3,
            batch: 50,
            layers: [
                { name: 'flatten', type: 'flatten' },
                { name: 'dense', type: 'dense', units: 10 },
            ],
            optimiser: { type: 'adam' },
            schedule: { type: 'constant', learning_rate: 0.01 },
            augmentation: {
                rotation: 0,
                scale: 0,
                stretch: 0,
                shear: 0,
                translation: 0,
                elastic: 0,
                thicken: 0,
                thin: 0,
            },
        }),
    );
});

const ablate = (out, ...more) =>
    pellucid(
        'ablate',
        '--recipe',
        place('tiny.json'),
        '--data',
        mnist,
        '--out',
        place(out),
        '--images',
        '400',
        '--test',
        '100',
        '--threads',
        '1',
        ...more,
    );
const table = (out) => JSON.parse(readFileSync(place(out), 'utf8'));

describe('pellucid ablate', () => {
    test('a feature that decides costs accuracy, one that does not is not missed', () => {
        const { status, stderr, stdout } = ablate('features.json', '--methods', 'none', '--json');
        assert.equal(status, 0, stderr);
        const { rows, settings, complete } = table('features.json');
        assert.deepEqual(
            stdout
                .trim()
                .split('\n')
                .map((line) => JSON.parse(line)),
            rows,
        );
        assert.equal(complete, true);
        assert.deepEqual(settings, { recipe: 'tiny', epochs: 3, seed: 1, training_images: 400, test_images: 100 });
        const accuracy = Object.fromEntries(rows.map((row) => [row.without, row.accuracy]));
        assert.deepEqual(Object.keys(accuracy), [
            'nothing',
            'top',
            'bottom',
            'left',
            'right',
            'middle',
            'rim',
            'blur',
            'ink',
        ]);
        assert.equal(accuracy.nothing, 1);
        assert.equal(accuracy.blur, 1);
        // Seven of ten bars lie in the upper half: without them their classes are one.
        assert.ok(accuracy.top < 0.45, `${accuracy.top}`);
        assert.ok(accuracy.left > 0.95, `${accuracy.left}`);
    });

    test('remove and retrain; what is there already is kept, and only under the same settings', () => {
        const ranked = ['--model', lenet, '--methods', 'input_x_gradient', '--shares', '5,30'];
        const { status, stderr } = ablate('ranked.json', ...ranked);
        assert.equal(status, 0, stderr);
        const { rows } = table('ranked.json');
        const last = rows.slice(-4);
        assert.deepEqual(
            last.map(({ without, share }) => [without, share]),
            [
                ['chance', 0.05],
                ['chance', 0.3],
                ['input_x_gradient', 0.05],
                ['input_x_gradient', 0.3],
            ],
        );
        // All ink is among the pixels whose product with the gradient is not 0.
        assert.ok(last[3].accuracy < 0.3 && last[1].accuracy > 0.9, JSON.stringify(last));

        const shortened = {
            ...table('ranked.json'),
            rows: rows.slice(0, 5).map((row) => ({ ...row, accuracy: 0.125 })),
        };
        writeFileSync(place('ranked.json'), JSON.stringify(shortened));
        const again = ablate('ranked.json', ...ranked, '--resume');
        assert.equal(again.status, 0, again.stderr);
        assert.deepEqual(table('ranked.json').rows, [...shortened.rows, ...rows.slice(5)]);
        const other = ablate('ranked.json', ...ranked, '--resume', '--epochs', '1');
        assert.equal(other.status, 2);
        assert.match(other.stderr, /was made with .* the same settings are right/);
    });

    test('stopped, it says where it stands', async () => {
        const child = spawn(program, [
            'ablate',
            '--recipe',
            place('tiny.json'),
            '--data',
            mnist,
            '--out',
            place('stopped.json'),
            '--methods',
            'none',
            '--epochs',
            '3',
            '--threads',
            '1',
            '--json',
        ]);
        let said = '';
        child.stderr.on('data', (text) => {
            said += text;
        });
        await new Promise((done) => {
            child.stdout.once('data', done);
        });
        child.kill('SIGINT');
        const status = await new Promise((done) => {
            child.on('close', done);
        });
        assert.equal(status, 1, said);
        assert.match(said, /stopped after \d of 9 trainings.*--resume goes on/);
        assert.equal(table('stopped.json').complete, false);
    });

    test('asked for as an explanation, it trains with the data that are given, or with pen digits', () => {
        assert.equal(pellucid('digits', '--first', '3', '--count', '1', '--out', place('three.npy')).status, 0);
        const ask = (...more) =>
            pellucid(
                'explain',
                'ablation_test',
                '--model',
                lenet,
                '--input',
                place('three.npy'),
                '--json',
                '--param',
                'epochs=4',
                ...more,
            );
        const given = ask('--with', `data=${mnist}`, '--param', 'samples=400', '--param', 'feature=top');
        assert.equal(given.status, 0, given.stderr);
        const { outputs } = JSON.parse(given.stdout);
        assert.deepEqual(outputs.accuracy.groups, ['nothing', 'the upper half']);
        const [whole, top] = outputs.accuracy.values[0] ?? outputs.accuracy.values;
        assert.ok(whole > 0.95 && top < 0.6, given.stdout);
        const { stdout } = pellucid(
            'explain',
            'ablation_test',
            '--model',
            lenet,
            '--input',
            place('three.npy'),
            '--param',
            'epochs=1',
            '--param',
            'feature=ink',
        );
        assert.match(stdout, /accuracy: nothing 0\.\d+, the quantity of ink [01]/);
        const built_in = ask('--param', 'feature=ranked');
        assert.equal(built_in.status, 0, built_in.stderr);
        assert.equal(JSON.parse(built_in.stdout).outputs.accuracy.groups.length, 3);
    });

    test('what cannot be is refused in a sentence', () => {
        const cases = {
            'no model to rank with': [['--methods', 'lrp'], /--model FILE\.onnx is right/],
            'an unknown method': [['--model', lenet, '--methods', 'nonsense'], /there is no method 'nonsense'/],
            'a share beyond all': [['--model', lenet, '--shares', '120'], /between 0 and 100, not 120/],
            'an image for a map': [['--model', lenet, '--methods', 'fgsm'], /gives no map of what matters/],
        };
        for (const [name, [args, sentence]] of Object.entries(cases)) {
            const { status, stderr } = ablate('refused.json', '--epochs', '1', ...args);
            assert.equal(status, 2, name);
            assert.match(stderr, sentence, name);
        }
        writeFileSync(place('other.json'), '[1, 2]');
        const { status, stderr } = ablate('other.json', '--methods', 'none', '--resume');
        assert.equal(status, 2);
        assert.match(stderr, /is no table of ablations/);
    });
});
