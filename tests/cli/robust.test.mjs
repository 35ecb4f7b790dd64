// What the command does when the world does not play along: full disks, signals, names that a terminal would act on, no
// memory, files without end, thousands of inputs, no MNIST.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import {
    existsSync,
    mkdirSync,
    mkdtempSync,
    readdirSync,
    readFileSync,
    rmSync,
    statSync,
    writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { npyBytes } from '../support/array-files.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const program = join(root, 'build/native/pellucid');
const lenet = join(root, 'models/lenet.onnx');
const residual = join(root, 'tests/parity/networks/residual.onnx');
const folder = mkdtempSync(join(tmpdir(), 'pellucid-robust-'));
after(() => rmSync(folder, { recursive: true }));
const place = (name) => join(folder, name);

const pellucid = (args, options = {}) => spawnSync(program, args, { encoding: 'utf8', maxBuffer: 1e9, ...options });
/** The same through bash: `before` limits, `behind` redirects. */
const shell = (before, args, behind = '') =>
    spawnSync('bash', ['-c', `${before}; exec "$0" "$@" ${behind}`, program, ...args], {
        encoding: 'utf8',
        maxBuffer: 1e8,
    });

function npy(name, shape, scale = 1) {
    const values = Float32Array.from(
        { length: shape.reduce((a, b) => a * b) },
        (_, i) => scale * (((i * 7919 + 13) % 101) / 101),
    );
    writeFileSync(place(name), npyBytes(shape, values));
    return place(name);
}
function idx(name, sizes) {
    const head = Buffer.alloc(4 + 4 * sizes.length);
    head.writeUInt32BE(0x800 + sizes.length, 0);
    sizes.forEach((size, i) => head.writeUInt32BE(size, 4 + 4 * i));
    const data = Buffer.alloc(sizes.reduce((a, b) => a * b));
    if (sizes.length === 1)
        data.forEach((_, i) => {
            data[i] = i % 10;
        });
    else for (let i = 0; i < data.length; i += 3) data[i] = i >> 7;
    writeFileSync(name, Buffer.concat([head, data]));
}
const recipe = (epochs) => ({
    name: 'tiny',
    data: { train: 'mnist' },
    input: [28, 28, 1],
    seed: 1,
    epochs,
    batch: 100,
    layers: [
        { name: 'flatten', type: 'flatten' },
        { name: 'dense', type: 'dense', units: 10 },
    ],
    augmentation: { rotation: 0, scale: 0, stretch: 0, shear: 0, translation: 0, elastic: 0, thicken: 0, thin: 0 },
});
const mnist = place('mnist');
before(() => {
    mkdirSync(mnist);
    for (const [part, count] of [
        ['train', 60000],
        ['t10k', 10000],
    ]) {
        idx(join(mnist, `${part}-images-idx3-ubyte`), [count, 28, 28]);
        idx(join(mnist, `${part}-labels-idx1-ubyte`), [count]);
    }
    writeFileSync(place('tiny.json'), JSON.stringify(recipe(1)));
    writeFileSync(place('long.json'), JSON.stringify(recipe(1000)));
    npy('x.npy', [28, 28]);
});
const explainOf = (input, method, ...rest) => ['explain', method, '--model', lenet, '--input', input, ...rest];
const explain = (...args) => explainOf(place('x.npy'), ...args);

describe('output that cannot be written ends with 1 and a sentence', () => {
    const cases = {
        help: ['--help'],
        version: ['--version'],
        methods: ['methods'],
        'methods --json': ['methods', '--json'],
        explain: explain('lrp'),
        'explain --json': explain('lrp', '--json'),
        digits: ['digits', '--count', '2'],
        'digits --model': ['digits', '--count', '2', '--model', lenet],
        evaluate: () => ['evaluate', '--model', lenet, '--data', mnist, '--limit', '5'],
        'evaluate --json': () => ['evaluate', '--model', lenet, '--data', mnist, '--limit', '5', '--json'],
        patterns: () => ['patterns', '--model', lenet, '--data', mnist, '--limit', '16', '--out', place('p.onnx')],
        train: () => ['train', place('tiny.json'), '--data', mnist, '--out', place('t.onnx')],
        'train --json': () => ['train', place('tiny.json'), '--data', mnist, '--out', place('t.onnx'), '--json'],
    };
    for (const [name, args] of Object.entries(cases)) {
        test(name, () => {
            const words = typeof args === 'function' ? args() : args;
            for (const [behind, reason] of [
                ['> /dev/full', /cannot write standard output: No space left on device/],
                ['>&-', /cannot write standard output: Bad file descriptor/],
            ]) {
                const { status, stderr } = shell(':', words, behind);
                assert.match(stderr, reason);
                assert.equal(status, 1);
            }
        });
    }
    test('digits --out /dev/full', () => {
        const { status, stderr } = pellucid(['digits', '--count', '1', '--out', '/dev/full']);
        assert.match(stderr, /cannot write \/dev\/full: No space left/);
        assert.equal(status, 1);
    });
    test('a limit of size leaves the old file as it was', () => {
        writeFileSync(place('kept.npy'), 'old');
        const { status, stderr } = shell('ulimit -f 1; trap "" XFSZ', ['digits', '--out', place('kept.npy')]);
        assert.match(stderr, /cannot write .*kept\.npy: File too large/);
        assert.equal(status, 1);
        assert.equal(readFileSync(place('kept.npy'), 'utf8'), 'old');
        assert.deepEqual(
            readdirSync(folder).filter((name) => name.endsWith('.part')),
            [],
        );
    });
});

/** Starts, waits until `ready`, sends a signal; how it ended and how long that took. */
async function stopped(args, signal, ready) {
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    let stdout = '',
        stderr = '';
    child.stdout.on('data', (text) => {
        stdout += text;
    });
    child.stderr.on('data', (text) => {
        stderr += text;
    });
    const ended = new Promise((resolve) => child.on('close', (code, by) => resolve(by ?? code)));
    while (!ready({ stdout, stderr })) {
        assert.equal(child.exitCode, null, `ended before it was stopped: ${stderr}`);
        await new Promise((resolve) => setTimeout(resolve, 10));
    }
    const began = performance.now();
    child.kill(signal);
    const status = await ended;
    return { status, stdout, stderr, seconds: (performance.now() - began) / 1000 };
}
// 0.2 s on a quiet machine; tests share theirs.
const soon = 1.5;

describe('signals stop within moments, and keep what is done', () => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
        test(`${signal}: training keeps its state and goes on from there`, async () => {
            const out = place(`${signal}.onnx`);
            const args = ['train', place('long.json'), '--data', mnist, '--out', out];
            const { status, stderr, seconds } = await stopped(args, signal, ({ stdout }) => stdout.includes('epoch'));
            assert.equal(status, 1);
            assert.match(stderr, /training stopped; .*checkpoint is written/);
            assert.ok(seconds < soon, `${seconds} s`);
            assert.ok(existsSync(`${out}.checkpoint`) && !existsSync(out));
            const again = await stopped([...args, '--resume'], signal, ({ stdout }) => stdout.includes('epoch'));
            assert.match(again.stderr, /going on from .*: epoch [2-9]/);
        });
        test(`${signal}: what is explained by then is written`, async () => {
            const out = place(`many-${signal}`);
            const args = explainOf(npy('many.npy', [3000, 28, 28]), 'occlusion', '--out', out, '--json');
            const { status, stdout, stderr, seconds } = await stopped(args, signal, () => existsSync(out));
            assert.equal(status, 1);
            assert.match(stderr, /stopped at \d+ %/);
            assert.ok(seconds < soon, `${seconds} s`);
            const rows = Number(
                readFileSync(join(out, 'result.npy'))
                    .subarray(10, 128)
                    .toString()
                    .match(/'shape': \((\d+)/)[1],
            );
            assert.equal(JSON.parse(stdout).values.length, rows);
            assert.equal(statSync(join(out, 'result.npy')).size, 128 + 4 * 784 * rows);
        });
    }
    test('while pictures are drawn', async () => {
        const out = place('pictures');
        const args = explainOf(npy('many.npy', [3000, 28, 28]), 'gradient', '--out', out);
        const { status, stderr, seconds } = await stopped(args, 'SIGINT', () =>
            existsSync(join(out, 'result-0003.png')),
        );
        assert.equal(status, 1);
        assert.match(stderr, /stopped while pictures were drawn: result\.npy is whole/);
        assert.ok(seconds < soon, `${seconds} s`);
        assert.equal(statSync(join(out, 'result.npy')).size, 128 + 4 * 784 * 3000);
        assert.ok(!existsSync(join(out, 'result-2999.png')));
        assert.deepEqual(
            readdirSync(out).filter((name) => name.endsWith('.part')),
            [],
        );
    });
    test('an evaluation tells what it saw', async () => {
        const attack = ['--attack', 'pgd', '--param', 'steps=1000'];
        const args = ['evaluate', '--model', lenet, '--data', mnist, ...attack, '--json'];
        let polls = 0;
        const { status, stderr, seconds } = await stopped(args, 'SIGTERM', () => ++polls > 150);
        assert.equal(status, 1);
        assert.match(stderr, /stopped (after|before)/);
        assert.ok(seconds < soon, `${seconds} s`);
    });
});

describe('names that a terminal would act on', () => {
    /** lenet with another name for conv1, in the same bytes. */
    const renamed = (name, bytes) => {
        writeFileSync(
            place(name),
            Buffer.from(readFileSync(lenet).toString('latin1').replaceAll('conv1', bytes), 'latin1'),
        );
        return place(name);
    };
    for (const [kind, bytes, shown] of [
        ['an escape', 'c\x1b[7m', 'c\\x1b[7m'],
        ['no UTF-8', 'c\xff\xfe\xfd1', 'c\\xff\\xfe\\xfd1'],
        ['lines', 'c\r\nx1', 'c\\x0d\\x0ax1'],
    ]) {
        test(`of layers: ${kind}`, () => {
            const model = renamed('named.onnx', bytes);
            const args = (...rest) => ['explain', 'lrp', '--model', model, '--input', place('x.npy'), ...rest];
            const text = pellucid(args(), { encoding: 'latin1' });
            assert.equal(text.status, 0, text.stderr);
            assert.ok(text.stdout.includes(shown), text.stdout);
            const json = pellucid(args('--json', '--layers'), { encoding: 'latin1' });
            assert.equal(json.status, 0, json.stderr);
            assert.equal(JSON.parse(Buffer.from(json.stdout, 'latin1').toString()).ledger.length > 0, true);
            const wrong = pellucid(args('--target', 'norm:none'), { encoding: 'latin1' });
            assert.equal(wrong.status, 2);
            for (const printed of [text.stdout, json.stdout, wrong.stderr])
                assert.doesNotMatch(printed, /[\x00-\x09\x0b-\x1f\x7f\xfd-\xff]/);
        });
    }
    test('of files and arguments', () => {
        for (const name of ["$'none\\x1b[31m\\xff.onnx'", "$'two\\nlines'"]) {
            const { status, stdout, stderr } = spawnSync(
                'bash',
                ['-c', `exec "$0" evaluate --json --model ${name}`, program],
                { encoding: 'latin1' },
            );
            assert.equal(status, 2);
            assert.equal(stdout, '');
            assert.match(
                stderr,
                /^pellucid: cannot read (none\\x1b\[31m\\xff\.onnx|two\\x0alines): No such file or directory\n$/,
            );
        }
        for (const args of [
            ['explain', 'l\x1b[7m'],
            ['\x1b[7m'],
            ['digits', '--\x1b[7m'],
            ['digits', '--count', '\x1b[7m'],
            explain('lrp', '--param', '\x1b[7m=1'),
        ]) {
            const { status, stderr } = pellucid(args);
            assert.equal(status, 2);
            assert.doesNotMatch(stderr, /\x1b/);
        }
    });
    test('a model whose path is no UTF-8 is evaluated, and its path written out', () => {
        const { status, stdout, stderr } = spawnSync('bash', [
            '-c',
            `cp ${lenet} ${folder}/$'m\\xe9.onnx'; ` +
                `exec "$0" evaluate --json --limit 5 --data ${mnist} --model ${folder}/$'m\\xe9.onnx'`,
            program,
        ]);
        assert.equal(status, 0, stderr.toString());
        assert.match(JSON.parse(stdout).model, /m�\.onnx$/);
    });
    test('of chunks in a PNG', () => {
        const chunk = Buffer.from(
            '\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x1c\0\0\0\x1c\b\0\0\0\0\0\0\0\0\0\0\0\0\x1b[7m\0\0\0\0',
            'latin1',
        );
        writeFileSync(place('chunk.png'), chunk);
        const { status, stderr } = pellucid(['explain', 'lrp', '--model', lenet, '--input', place('chunk.png')]);
        assert.equal(status, 2);
        assert.match(stderr, /chunk\.png/);
        assert.doesNotMatch(stderr, /\x1b/);
    });
});

describe('refused, with what would be right', () => {
    const cases = {
        'a parameter twice': [explain('lrp', '--param', 'gamma=1', '--param', 'gamma=2'), /--param gives gamma twice/],
        'more threads than there can be': [
            ['--threads', '5000', 'methods'],
            /--threads: Value 5000 not in range \[0 - 1024\]/,
        ],
        'no epochs': [['train', lenet, '--epochs', '0'], /--epochs: Value 0 not in range \[1 - 1000000\]/],
        'a window larger than the picture': [
            explain('occlusion', '--param', 'window=29'),
            /the window 29 is larger than the picture of 28 × 28 pixels; from 1 to 28 is right/,
        ],
        'Grad-CAM on a dense layer': [
            explain('grad_cam', '--param', 'layer=dense1'),
            /the layer 'dense1' has no rows and columns.*such as relu3/,
        ],
        'Grad-CAM behind its target': [
            explain('grad_cam', '--param', 'layer=conv3', '--target', 'norm:conv1'),
            /'conv3' does not lie below the target 'norm:conv1'/,
        ],
        'many inputs layer by layer': [
            explainOf(npy('many.npy', [300, 28, 28]), 'lrp', '--layers'),
            /at most 256 inputs at a time, not 300/,
        ],
        'a device without end as a model': [
            ['explain', 'lrp', '--model', '/dev/zero', '--input', lenet],
            /\/dev\/zero is larger than 1 GiB/,
        ],
        'no MNIST, and nobody asked to fetch it': [
            ['evaluate', '--model', lenet],
            /does not hold the four files of MNIST.*\n.*--fetch/,
        ],
    };
    for (const [name, [args, message]] of Object.entries(cases)) {
        test(name, () => {
            const env = { ...process.env, PELLUCID_MNIST_DIR: '', XDG_CACHE_HOME: folder, PATH: '/nowhere' };
            const { status, stderr, stdout } = pellucid(args, { env });
            assert.match(stderr, message);
            assert.equal(status, 2);
            assert.equal(stdout, '');
        });
    }
    test('kernels that there are not', () => {
        const { status, stderr } = pellucid(['methods'], { env: { ...process.env, PELLUCID_KERNELS: 'avx3' } });
        assert.match(stderr, /PELLUCID_KERNELS is 'avx3'; this machine runs .*scalar/);
        assert.equal(status, 2);
        assert.equal(pellucid(['methods'], { env: { ...process.env, PELLUCID_KERNELS: 'scalar' } }).status, 0);
    });
    test('what is too large for the memory there is', () => {
        const args = explainOf(npy('many.npy', [3000, 28, 28]), 'lrp');
        const { status, stderr } = shell('ulimit -v 60000', ['--threads', '1', ...args]);
        assert.match(stderr, /out of memory/);
        assert.equal(status, 1);
    });
    test('0 threads are as many as there are cores', () => {
        const out = place('threads.onnx');
        assert.equal(
            pellucid(['train', place('tiny.json'), '--data', mnist, '--threads', '0', '--out', out]).status,
            0,
        );
        assert.equal(pellucid(['--threads', '0', 'methods']).status, 0);
    });
});

test('thousands of inputs: time grows with them, memory does not', async () => {
    const run = async (count) => {
        const out = place(`flat-${count}`);
        const input = npy('flat.npy', [count, 12, 10]);
        mkdirSync(out);
        const child = spawn(
            program,
            ['--threads', '1', 'explain', 'gradient', '--model', residual, '--input', input, '--json'],
            { stdio: ['ignore', 'pipe', 'inherit'] },
        );
        let most = 0;
        const poll = setInterval(() => {
            try {
                most = Math.max(
                    most,
                    Number(readFileSync(`/proc/${child.pid}/status`, 'utf8').match(/VmHWM:\s+(\d+)/)?.[1] ?? 0),
                );
            } catch {
                /* it has ended */
            }
        }, 5);
        let stdout = '';
        child.stdout.on('data', (text) => {
            stdout += text;
        });
        const status = await new Promise((resolve) => child.on('close', resolve));
        clearInterval(poll);
        assert.equal(status, 0);
        const { values, milliseconds } = JSON.parse(stdout);
        assert.equal(values.length, count);
        return { most: most / 1024, milliseconds };
    };
    const few = await run(5000),
        many = await run(40000);
    // The file has 18 MB, and the maps as many; what grows are the values and their text, some dozen bytes each.
    assert.ok(many.most - few.most < 12, `${few.most} MiB and ${many.most} MiB`);
    assert.ok(many.milliseconds < 2.5 * 8 * few.milliseconds, `${few.milliseconds} ms and ${many.milliseconds} ms`);
});
