// The command as people call it: exit codes, what it prints, what it writes, and what it says when something is wrong.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { npyBytes, pngBytes, readNpy } from '../support/array-files.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const network = (name) => join(root, `tests/parity/networks/${name}.onnx`);
const lenet = join(root, 'models/lenet.onnx');
const folder = mkdtempSync(join(tmpdir(), 'pellucid-command-'));
after(() => rmSync(folder, { recursive: true }));
const place = (name) => join(folder, name);

const pellucid = (...args) => {
    const { status, stdout, stderr } = spawnSync(join(root, 'build/native/pellucid'), args, {
        encoding: 'utf8',
        maxBuffer: 1e8,
    });
    return { status, stdout, stderr };
};
const json = (...args) => {
    const { status, stdout, stderr } = pellucid(...args, '--json');
    assert.equal(status, 0, stderr);
    return JSON.parse(stdout);
};

const npy = (name, shape, values, options) => {
    writeFileSync(place(name), npyBytes(shape, values, options));
    return place(name);
};

/** Numbers that look random and are the same every time. */
const numbers = (count, scale = 1) =>
    Float32Array.from({ length: count }, (_, i) => scale * (((i * 7919 + 13) % 101) / 101));
const drawing = () => numbers(784);
const sum = (values) => values.reduce((total, value) => total + value, 0);

describe('results', () => {
    for (const [rank, shape] of [
        [2, [28, 28]],
        [3, [1, 28, 28]],
        [3, [3, 28, 28]],
        [4, [2, 28, 28, 1]],
    ]) {
        test(`an input of shape ${shape.join('×')} gives a map of that shape, sample by sample`, () => {
            const count = rank === 2 ? 1 : shape[0];
            const values = numbers(784 * count);
            const out = place(`out-${shape.join('-')}`);
            const report = json(
                'explain',
                'gradient',
                '--model',
                lenet,
                '--input',
                npy('batch.npy', shape, values),
                '--target',
                'class:3',
                '--out',
                out,
            );
            const map = readNpy(join(out, 'result.npy'));
            assert.deepEqual(map.shape, shape);
            assert.equal(report.values.length, count);
            for (let n = 0; n < count; ++n) {
                const alone = place('alone');
                const one = json(
                    'explain',
                    'gradient',
                    '--model',
                    lenet,
                    '--target',
                    'class:3',
                    '--out',
                    alone,
                    '--input',
                    rank === 2 ? place('batch.npy') : `${place('batch.npy')}#${n}`,
                );
                assert.ok(Math.abs(one.value - report.values[n]) <= 1e-5 * Math.abs(one.value));
                readNpy(join(alone, 'result.npy')).values.forEach((v, i) =>
                    assert.ok(Math.abs(v - map.values[784 * n + i]) < 1e-5),
                );
            }
        });
    }

    test('hundreds of inputs are answered as if one asked for each alone', () => {
        const count = 600;
        const values = numbers(784 * count).map((v, i) => v * ((i % 37) / 37));
        const input = npy('small.npy', [count, 12, 10], values.subarray(0, 120 * count));
        const baselines = npy('baselines.npy', [count, 12, 10], values.subarray(7, 7 + 120 * count));
        const asked = (method, input, suffix, out) =>
            json(
                'explain',
                method,
                '--model',
                network('residual'),
                '--input',
                input + suffix,
                '--target',
                'class:1',
                '--out',
                out,
                ...(method === 'lrp'
                    ? []
                    : ['--param', 'baseline=image', '--param', `baseline_image=${baselines}${suffix}`]),
            );
        for (const method of ['lrp', 'deeplift']) {
            const out = place(`many-${method}`);
            const report = asked(method, input, '', out);
            const map = readNpy(join(out, 'result.npy'));
            assert.deepEqual(map.shape, [count, 12, 10]);
            assert.equal(report.values.length, count);
            for (const n of [0, 255, 256, 511, 512, 599]) {
                const alone = place('alone');
                const one = asked(method, input, `#${n}`, alone);
                assert.ok(Math.abs(one.value - report.values[n]) <= 1e-5 * Math.max(1, Math.abs(one.value)));
                const expected = readNpy(join(alone, 'result.npy')).values;
                const scale = Math.max(...expected.map(Math.abs));
                expected.forEach((v, i) => assert.ok(Math.abs(v - map.values[120 * n + i]) <= 1e-4 * scale));
            }
            const leaving = report.ledger.at(-1).leaving;
            assert.ok(Math.abs(leaving - sum(map.values)) <= 1e-3 * sum(map.values.map(Math.abs)), `${leaving}`);
        }
        const nan = values.slice(0, 120 * count).fill(NaN, 120 * 400, 120 * 400 + 1);
        const { status, stderr } = pellucid(
            'explain',
            'lrp',
            '--model',
            network('residual'),
            '--input',
            npy('nan.npy', [count, 12, 10], nan),
        );
        assert.equal(status, 2);
        assert.match(stderr, /element 48000 is nan/);
    });

    test('several channels keep their place, and a map for all of them has one', () => {
        const input = npy('channels.npy', [1, 9, 10, 3], numbers(270));
        const size = pellucid('explain', 'gradient', '--model', network('pooling'), '--input', input);
        assert.equal(size.status, 2);
        const wanted = size.stderr
            .match(/the network reads \(N, (\d+), (\d+), (\d+)\)/)
            .slice(1)
            .map(Number);
        assert.ok(wanted[2] > 1);
        const right = npy('right.npy', [2, ...wanted], numbers(2 * wanted[0] * wanted[1] * wanted[2]));
        json('explain', 'input_x_gradient', '--model', network('pooling'), '--input', right, '--out', place('wide'));
        assert.deepEqual(readNpy(place('wide/result.npy')).shape, [2, ...wanted]);
        json('explain', 'occlusion', '--model', network('pooling'), '--input', right, '--out', place('one'));
        assert.deepEqual(readNpy(place('one/result.npy')).shape.slice(0, 3), [2, ...wanted.slice(0, 2)]);
    });

    test('PNG and IDX are read as ink on paper, like the same numbers in a .npy', () => {
        const ink = Uint8Array.from(drawing(), (v) => Math.round(255 * v));
        const idx = Buffer.alloc(16 + 2 * 784);
        [0x803, 2, 28, 28].forEach((word, i) => idx.writeUInt32BE(word, 4 * i));
        idx.set(ink, 16 + 784);
        writeFileSync(place('images.idx'), idx);
        writeFileSync(
            place('image.png'),
            pngBytes(
                28,
                0,
                ink.map((v) => 255 - v),
            ),
        );
        const same = npy(
            'same.npy',
            [28, 28],
            Float32Array.from(ink, (v) => v / 255),
        );
        const values = [same, `${place('images.idx')}#1`, place('image.png')].map(
            (input) => json('explain', 'lrp', '--model', lenet, '--input', input, '--target', 'class:3').value,
        );
        for (const value of values) assert.ok(Math.abs(value - values[0]) < 1e-4, values.join(' '));
    });

    test('the report of a relevance: value, ledger that adds up, every parameter, time', () => {
        for (const [method, params] of [
            ['lrp', ['composite=epsilon_gamma_box', 'gamma=2']],
            ['deep_taylor', []],
            ['lrp', ['rule=alpha_beta', 'alpha=3']],
        ]) {
            const report = json(
                'explain',
                method,
                '--model',
                lenet,
                '--input',
                npy('d.npy', [28, 28], drawing()),
                '--target',
                'class:3',
                '--out',
                place('ledger'),
                ...params.flatMap((param) => ['--param', param]),
            );
            assert.equal(report.method, method);
            assert.equal(report.target, 'class:3');
            assert.equal(report.value, report.values[0]);
            const scale = Math.max(...report.ledger.map(({ entering }) => Math.abs(entering)));
            const near = (a, b) => assert.ok(Math.abs(a - b) <= 1e-4 * scale, `${a} is not ${b}`);
            near(report.ledger[0].entering, report.value);
            report.ledger.forEach(({ entering, leaving, bias, stabiliser }, i) => {
                near(entering, leaving + bias + stabiliser);
                if (i > 0) near(entering, report.ledger[i - 1].leaving);
            });
            near(report.ledger.at(-1).leaving, sum(readNpy(place('ledger/result.npy')).values));
            const card = json('methods').find(({ id }) => id === method);
            assert.deepEqual(Object.keys(report.params).sort(), card.params.map(({ name }) => name).sort());
            for (const param of params) {
                const [name, value] = param.split('=');
                assert.equal(String(report.params[name]), value);
            }
            assert.ok(report.milliseconds > 0 && report.progress === 1);
        }
    });

    test('--layers and --unit tell the way down, also of a difference of two passes', () => {
        const input = npy('d.npy', [28, 28], drawing());
        for (const [method, ...params] of [
            ['lrp'],
            ['deeplift'],
            ['excitation_backprop'],
            ['excitation_backprop', '--param', 'contrastive=true'],
        ]) {
            const report = json(
                'explain',
                method,
                '--model',
                lenet,
                '--input',
                input,
                '--layers',
                '--unit',
                'dense1/5',
                '--out',
                place(method),
                ...params,
            );
            assert.equal(report.layers.at(-1).layer, 'input');
            for (const { layer, shape, sum: total } of report.layers) {
                const map = readNpy(place(`${method}/layer_${layer}.npy`));
                assert.deepEqual(map.shape, shape);
                assert.ok(Math.abs(sum(map.values) - total) <= 1e-4 * Math.max(1, sum(map.values.map(Math.abs))));
            }
            const { received } = report;
            const told = received.through.flatMap(({ messages }) => messages.map(({ value }) => value));
            assert.ok(Math.abs(sum(told) - received.relevance) <= 1e-5 * Math.max(1, sum(told.map(Math.abs))), method);
        }
    });
});

describe('what is wrong is named, with what would be right, and ends with 2', () => {
    const input = () => npy('d.npy', [28, 28], drawing());
    const explain = (...args) => pellucid('explain', 'lrp', '--model', lenet, ...args);
    const broken = () => drawing().fill(NaN, 88, 89);
    const damaged = () => {
        writeFileSync(place('cut.onnx'), readFileSync(lenet).subarray(0, 5000));
        return place('cut.onnx');
    };
    const cases = {
        'no command': [() => pellucid(), /a command is missing; there are methods, explain/],
        'an unknown command': [() => pellucid('explian'), /no command 'explian'; there are methods, explain/],
        'no input': [() => explain(), /--input is required/],
        'an unknown option': [() => explain('--input', input(), '--bogus'), /--bogus/],
        'an unknown method': [
            () => pellucid('explain', 'nope', '--model', lenet, '--input', input()),
            /no method 'nope'; there are gradient/,
        ],
        'a missing model': [
            () => pellucid('explain', 'lrp', '--model', place('none.onnx'), '--input', input()),
            /none\.onnx: No such file/,
        ],
        'a folder as model': [
            () => pellucid('explain', 'lrp', '--model', folder, '--input', input()),
            /Is a directory/,
        ],
        'a model cut short': [
            () => pellucid('explain', 'lrp', '--model', damaged(), '--input', input()),
            /not a sound ONNX file/,
        ],
        'a missing input': [() => explain('--input', place('none.npy')), /none\.npy: No such file/],
        'an empty input': [() => explain('--input', npy('e.npy', [0, 28, 28], [])), /array of no size/],
        'an input of another size': [
            () => explain('--input', npy('s.npy', [27, 28], numbers(756))),
            /\(1, 27, 28, 1\).*the network reads \(N, 28, 28, 1\)/,
        ],
        'an input of another rank': [() => explain('--input', npy('r.npy', [784], drawing())), /rank 1.*\(N, H, W\)/],
        'NaN in the input': [() => explain('--input', npy('n.npy', [28, 28], broken())), /element 88 is nan/],
        'numbers that overflow': [
            () => explain('--input', npy('h.npy', [28, 28], numbers(784, 3e38)), '--range', '0,3e38'),
            /input 0 is not finite.*too large for float32/,
        ],
        'a cut file': [() => explain('--input', npy('c.npy', [28, 28], numbers(700))), /cut short/],
        'another byte order': [
            () => explain('--input', npy('b.npy', [28, 28], drawing(), { dtype: '>f4' })),
            /'>f4'.*astype/,
        ],
        'Fortran order': [
            () => explain('--input', npy('f.npy', [28, 28], drawing(), { fortran: true })),
            /ascontiguousarray/,
        ],
        'an index beyond the file': [
            () => explain('--input', `${npy('d.npy', [2, 28, 28], numbers(1568))}#2`),
            /no image 2: it holds 2/,
        ],
        'an index that is none': [() => explain('--input', `${input()}#x`), /'x' after #/],
        'a class that there is not': [() => explain('--input', input(), '--target', 'class:10'), /classes 0 to 9/],
        'a target that is none': [() => explain('--input', input(), '--target', 'klass:1'), /a target is class:3/],
        'a layer that there is not': [
            () => explain('--input', input(), '--target', 'norm:nope'),
            /no layer "nope"; there are: input, conv1/,
        ],
        'a unit outside its layer': [
            () => explain('--input', input(), '--target', 'neuron:conv1/16,0,0'),
            /16 channels of 28 rows/,
        ],
        'an unknown parameter': [
            () => explain('--input', input(), '--param', 'nope=1'),
            /no parameter 'nope'; it has composite/,
        ],
        'a parameter out of range': [
            () => explain('--input', input(), '--param', 'epsilon=-1'),
            /epsilon must be a number from 0 to 1000000, not '-1'/,
        ],
        'a parameter without value': [() => explain('--input', input(), '--param', 'epsilon'), /key=value/],
        'a choice that is none': [
            () => explain('--input', input(), '--param', 'composite=x'),
            /one of epsilon, epsilon_plus/,
        ],
        'a unit that is none': [() => explain('--input', input(), '--unit', 'conv1'), /a unit is LAYER\/c,y,x/],
        'layers of a method without': [
            () => pellucid('explain', 'gradient', '--model', lenet, '--input', input(), '--layers'),
            /no relevance of single layers/,
        ],
        'an --out that is a file': [
            () => explain('--input', input(), '--out', input()),
            /cannot be made: Not a directory/,
        ],
        'an --out without a name': [() => explain('--input', input(), '--out', ''), /--out: a folder needs a name/],
        'a folder without MNIST': [
            () => pellucid('evaluate', '--model', lenet, '--data', folder),
            /does not hold the four files of MNIST/,
        ],
        'an attack that is none': [
            () => pellucid('evaluate', '--model', lenet, '--attack', 'lrp'),
            /takes a method that changes the input/,
        ],
    };
    for (const [name, [call, message]] of Object.entries(cases)) {
        test(name, () => {
            const { status, stderr, stdout } = call();
            assert.match(stderr, message);
            assert.equal(status, 2);
            assert.equal(stdout, '');
        });
    }
});

test('new folders are made, whatever their names', () => {
    const out = place('new folder/é');
    assert.equal(
        pellucid('explain', 'lrp', '--model', lenet, '--input', npy('d.npy', [28, 28], drawing()), '--out', out).status,
        0,
    );
    assert.ok(existsSync(join(out, 'result.npy')) && existsSync(join(out, 'result.png')));
});
