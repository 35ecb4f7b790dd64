// Faults on purpose (faults.cpp, preloaded): the n-th allocation, write, open, read, fsync, close, rename fails, for
// every command. Whatever n: an exit code and a sentence by the contract, every file either as it was before or wholly
// new, nothing left beside. Runs that take long are sampled, from a seed that a failure prints; PELLUCID_FAULTS=all
// takes every n, PELLUCID_FAULTS_SEED another sample.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { npyBytes } from '../support/array-files.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const program = join(root, 'build/native/pellucid');
const faults = join(root, 'build/native/libfaults.so');
const lenet = join(root, 'models/lenet.onnx');
const folder = mkdtempSync(join(tmpdir(), 'pellucid-faults-'));
after(() => rmSync(folder, { recursive: true }));
const place = (name) => join(folder, name);
const all = process.env.PELLUCID_FAULTS === 'all';
const seed = Number(process.env.PELLUCID_FAULTS_SEED ?? 1);

/** Commands, each with the files that it writes in the folder it is given, and how many n of a kind are tried of it. */
const recipe = {
    name: 'tiny',
    data: { train: 'mnist' },
    input: [28, 28, 1],
    seed: 1,
    epochs: 1,
    batch: 30000,
    layers: [
        { name: 'pool', type: 'average_pool', size: 14 },
        { name: 'flatten', type: 'flatten' },
        { name: 'dense', type: 'dense', units: 10 },
    ],
    augmentation: { rotation: 0, scale: 0, stretch: 0, shear: 0, translation: 0, elastic: 0, thicken: 0, thin: 0 },
};
const explain =
    (method, ...rest) =>
    (out) => [
        'explain',
        method,
        '--model',
        lenet,
        ...(rest.includes('--input') ? [] : ['--input', place('x.npy')]),
        '--target',
        'class:3',
        '--out',
        out,
        ...rest,
    ];
const commands = {
    methods: { args: () => ['methods', '--json'], most: 40 },
    'explain --out --json': {
        args: explain('lrp', '--json'),
        files: ['result.npy', 'result-0000.png', 'result-0001.png'],
        most: 60,
    },
    'explain --layers --unit': {
        args: explain('deeplift', '--input', `${place('x.npy')}#1`, '--layers', '--unit', 'dense1/5'),
        files: ['result.npy', 'result.png', 'layer_conv2.npy', 'layer_input.npy'],
        most: 40,
    },
    'explain with images beside': {
        args: explain('grad_cam'),
        files: ['result.npy', 'coarse.npy', 'coarse-0001.png'],
        most: 40,
    },
    digits: {
        args: (out) => ['digits', '--count', '3', '--out', join(out, 'digits.npy'), '--model', lenet],
        files: ['digits.npy'],
        most: 40,
    },
    evaluate: {
        args: () => [
            'evaluate',
            '--model',
            lenet,
            '--data',
            place('mnist'),
            '--limit',
            '4',
            '--attack',
            'fgsm',
            '--json',
        ],
        most: 30,
    },
    patterns: {
        args: (out) => [
            'patterns',
            '--model',
            place('tiny.onnx'),
            '--data',
            place('mnist'),
            '--limit',
            '16',
            '--out',
            join(out, 'p.onnx'),
        ],
        files: ['p.onnx'],
        most: 15,
    },
    train: {
        args: (out) => ['train', place('tiny.json'), '--data', place('mnist'), '--out', join(out, 'm.onnx'), '--json'],
        files: ['m.onnx', 'm.onnx.checkpoint'],
        most: 10,
    },
};

const numbers = (count) => Float32Array.from({ length: count }, (_, i) => ((i * 7919 + 13) % 101) / 101);
function idx(name, sizes, byte) {
    const count = sizes.reduce((a, b) => a * b);
    const bytes = Buffer.alloc(4 + 4 * sizes.length + count);
    bytes.writeUInt32BE(0x800 + sizes.length, 0);
    sizes.forEach((size, i) => bytes.writeUInt32BE(size, 4 + 4 * i));
    for (let i = 0; i < count; ++i) bytes[4 + 4 * sizes.length + i] = byte(i);
    writeFileSync(join(place('mnist'), name), bytes);
}

before(async () => {
    writeFileSync(place('x.npy'), npyBytes([2, 28, 28], numbers(1568)));
    mkdirSync(place('mnist'));
    for (const [part, count] of [
        ['train', 60000],
        ['t10k', 10000],
    ]) {
        idx(`${part}-images-idx3-ubyte`, [count, 28, 28], (i) => (i * 2654435761) >>> 24);
        idx(`${part}-labels-idx1-ubyte`, [count], (i) => i % 10);
    }
    writeFileSync(place('tiny.json'), JSON.stringify(recipe));
    const { status, stderr } = await run([
        'train',
        place('tiny.json'),
        '--data',
        place('mnist'),
        '--out',
        place('tiny.onnx'),
    ]);
    assert.equal(status, 0, stderr);
});

function run(args, fault, report) {
    const env = { ...process.env, OMP_NUM_THREADS: '1' };
    if (fault) Object.assign(env, { LD_PRELOAD: faults, FAULT: fault, FAULT_COUNT: report });
    return new Promise((resolve) => {
        execFile(
            program,
            ['--threads', '1', ...args],
            { env, encoding: 'buffer', maxBuffer: 1e8, timeout: 60_000 },
            (error, stdout, stderr) =>
                resolve({ status: error ? (error.signal ?? error.code) : 0, stdout, stderr: stderr.toString() }),
        );
    });
}

let tries = 0;
/** One run in a folder of its own where all files to be written hold something old. */
async function attempt(name, fault) {
    const { args, files = [] } = commands[name];
    const out = place(`try-${tries++}`);
    mkdirSync(out);
    const report = `${out}.count`;
    for (const file of files) if (!file.endsWith('.checkpoint')) writeFileSync(join(out, file), `old ${file}`);
    const result = await run(args(out), fault, report);
    const written = Object.fromEntries(readdirSync(out).map((file) => [file, readFileSync(join(out, file))]));
    const [calls, failed] = existsSync(report) ? readFileSync(report, 'utf8').split(' ').map(Number) : [NaN, NaN];
    result.stdout = Buffer.from(result.stdout.toString('latin1').replaceAll(out, 'OUT'), 'latin1');
    rmSync(out, { recursive: true });
    rmSync(report, { force: true });
    return { ...result, written, calls, failed };
}

const timeless = (bytes) =>
    bytes
        .toString('latin1')
        .replace(/"(milli)?seconds(_left)?": ?[\d.e+-]+/g, '')
        .replace(/[\d.]+ ms|, \d+:\d+$|\d+ s$/gm, '');
const old = (file) => `old ${file}`;

/** What must hold after a run, whatever failed in it. */
function check(name, fault, result, whole) {
    const { status, stderr, stdout, written, failed } = result;
    const said =
        `${name}, FAULT=${fault}, seed ${seed}: status ${status}, ${failed} failed, ` +
        `said ${JSON.stringify(stderr)}`;
    const kind = fault.split(':')[0];
    if (status === 0) {
        assert.equal(timeless(stdout), timeless(whole.stdout), said);
        assert.deepEqual(Object.keys(written).sort(), Object.keys(whole.written).sort(), said);
        for (const [file, bytes] of Object.entries(written))
            assert.ok(bytes.equals(whole.written[file]), `${said}: ${file}`);
        if (['write', 'rename'].includes(kind) && failed > 0) assert.fail(`${said}: a failure went unnoticed`);
        return;
    }
    assert.ok(failed > 0, `${said}: nothing failed`);
    assert.ok(['alloc', 'write', 'open', 'read', 'fsync', 'close', 'rename'].includes(kind), said);
    assert.equal(status, fault.includes('EACCES') ? 2 : 1, said);
    const reasons = {
        ENOSPC: /No space left on device/,
        EIO: /Input\/output error/,
        EMFILE: /Too many open files/,
        EACCES: /Permission denied/,
    };
    const reason = kind === 'alloc' ? /out of memory/ : reasons[fault.match(/E[A-Z]+$/)?.[0] ?? 'ENOSPC'];
    assert.match(stderr.trimEnd().split('\n').at(-1), /^pellucid: .*/, said);
    assert.match(stderr, reason, said);
    for (const [file, bytes] of Object.entries(written)) {
        assert.ok(file in whole.written, `${said}: ${file} was left`);
        assert.ok(
            bytes.equals(whole.written[file]) || bytes.toString() === old(file),
            `${said}: ${file} is neither old nor new`,
        );
    }
    for (const file of commands[name].files ?? [])
        assert.ok(file in written || file.endsWith('.checkpoint'), `${said}: ${file} is gone`);
}

/** n = 1 … count, or a sample of them: the first, the last, and some between. */
function some(count, most) {
    const every = Array.from({ length: count }, (_, i) => i + 1);
    if (all || count <= most) return every;
    let state = seed;
    const random = () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32;
    const chosen = new Set([1, 2, count]);
    while (chosen.size < most) chosen.add(1 + Math.floor(random() * count));
    return [...chosen];
}

async function together(items, work) {
    const rest = [...items];
    await Promise.all(
        Array.from({ length: Math.min(cpus().length, 4) }, async () => {
            while (rest.length > 0) await work(rest.shift());
        }),
    );
}

for (const [name, { most }] of Object.entries(commands)) {
    describe(name, () => {
        let whole;
        before(async () => {
            whole = await attempt(name);
            assert.equal(whole.status, 0, whole.stderr);
            assert.deepEqual(
                Object.keys(whole.written).filter((file) => file.endsWith('.part')),
                [],
            );
            for (const file of commands[name].files ?? [])
                assert.notEqual(whole.written[file]?.toString(), old(file), file);
        });
        const kinds = {
            'memory ends': ['alloc', ''],
            'one allocation fails': ['alloc', '=ENOMEM'],
            'the disk is full': ['write', ':ENOSPC'],
            'one write fails': ['write', '=EIO'],
            'writes are short': ['short', ''],
            'syncing fails': ['fsync', '=EIO'],
            'closing fails': ['close', '=EIO'],
            'renaming fails': ['rename', '=EACCES'],
            'too few file descriptors': ['open', ':EMFILE'],
            'reading fails': ['read', '=EIO'],
            'signals come between': ['interrupt', ''],
        };
        for (const [title, [kind, rest]] of Object.entries(kinds)) {
            test(title, async () => {
                const { status, calls } = await attempt(name, `${kind}:1000000000${rest}`);
                assert.equal(status, 0);
                const few = kind === 'alloc' ? most : Math.ceil(most / 3);
                const tried = kind === 'interrupt' ? [2, 3] : kind === 'short' ? [1] : some(calls, few);
                await together(tried, async (n) =>
                    check(name, `${kind}:${n}${rest}`, await attempt(name, `${kind}:${n}${rest}`), whole),
                );
            });
        }
    });
}

test('the faults strike: a run in which every write fails does not pass', async () => {
    const { status, failed } = await attempt('digits', 'write:1:ENOSPC');
    assert.equal(status, 1);
    assert.ok(failed > 0);
});
