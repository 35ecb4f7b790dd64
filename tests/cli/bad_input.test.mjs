// Every command × every option × every kind of bad input: exit code 2, a sentence, nothing on standard output, no file.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { badTargets, badUnits, badValues, Book, faultOf } from '../bad_input/rows.mjs';
import { npyAround } from '../support/array-files.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const command = join(root, 'build/native/pellucid');
const lenet = join(root, 'models/lenet.onnx');
const small = join(root, 'tests/parity/networks/residual.onnx');
const folder = mkdtempSync(join(tmpdir(), 'pellucid-bad-input-'));
after(() => rmSync(folder, { recursive: true }));
const place = (name) => join(folder, name);
const file = (name, bytes) => {
    writeFileSync(place(name), bytes);
    return place(name);
};

const book = new Book('command');
const out = place('out');
const waiting = [];
/** One row: these arguments must be refused. */
const refused = (entry, kind, given, ...args) => waiting.push({ entry, kind, given, args });

const run = (args, env) =>
    new Promise((resolve) => {
        const child = spawn(command, args, {
            env: { ...process.env, PELLUCID_MNIST_DIR: '', ...env },
            stdio: ['ignore', 'pipe', 'pipe'],
            timeout: 20_000,
            killSignal: 'SIGKILL',
        });
        let stdout = '';
        let stderr = '';
        child.stdout.setEncoding('utf8').on('data', (text) => {
            stdout += text;
        });
        child.stderr.setEncoding('utf8').on('data', (text) => {
            stderr += text;
        });
        child.on('error', (error) => resolve({ status: null, signal: String(error), stdout, stderr }));
        child.on('close', (status, signal) => resolve({ status, signal, stdout, stderr }));
    });

async function ask({ entry, kind, given, args }) {
    const { status, signal, stdout, stderr } = await run(args);
    const sentence = stderr.replaceAll(folder, 'FOLDER').replaceAll(root, '').trim();
    const fault = signal
        ? `ended by ${signal}`
        : status === 0
          ? 'it was answered'
          : status !== 2
            ? `exit code ${status}`
            : stdout !== ''
              ? 'it printed an answer'
              : existsSync(out)
                ? 'it wrote something'
                : faultOf(sentence.replace(/^pellucid: /, ''));
    if (existsSync(out)) rmSync(out, { recursive: true });
    book.add(entry, kind, given, { code: `exit ${status}`, sentence, ...(fault ? { fault } : {}) });
}

const image = (values, shape = '28, 28', descr = '<f4') =>
    npyAround(Buffer.from(Float32Array.from(values).buffer), shape, descr);
const ink = Array.from({ length: 784 }, (_, i) => (i % 7) / 7);
const drawing = file('drawing.npy', image(ink));
const model = readFileSync(lenet);

/** Files by kind that are no model, no input, no recipe and no patterns. */
const wrongFiles = {
    'a path without a file': place('none'),
    'an empty path': '',
    'a folder': folder,
    'an empty device': '/dev/null',
    'a path with control characters': place('\x1b[31mred\x07'),
    'a path that is too long': `/${'a'.repeat(5000)}`,
    'an empty file': file('empty', ''),
    'a text': file('text', 'not what you think'),
    'an HTML page': file('page', '<!doctype html><title>404</title>'),
    zeros: file('zeros', Buffer.alloc(5000)),
    'all bits set': file('ones', Buffer.alloc(5000, 255)),
    'a damaged gzip': file('gzip', Buffer.from('1f8b08000000000000007370', 'hex')),
    'JSON nested 80,000 deep': file('deep.json', '['.repeat(80_000) + ']'.repeat(80_000)),
    'a cut PNG': file('cut.png', Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex')),
};

test('bad input of every command and option', async () => {
    const cards = JSON.parse(spawnSync(command, ['methods', '--json'], { encoding: 'utf8' }).stdout);
    const of = (network, input = drawing) => ['--model', network, '--input', input];
    const explain = (method, ...rest) => ['explain', method, ...of(lenet), '--out', out, ...rest];

    for (const card of cards) {
        for (const param of card.params) {
            const entry = `explain ${card.id} --param ${param.name}`;
            for (const [kind, value] of badValues(param))
                refused(entry, kind, String(value), ...explain(card.id, '--param', `${param.name}=${value}`));
            if (param.type !== 'text')
                refused(entry, 'nothing behind the =', '', ...explain(card.id, '--param', `${param.name}=`));
            if (param.type === 'text')
                refused(
                    entry,
                    'a text without meaning',
                    'nonsense',
                    ...explain(card.id, '--param', `${param.name}=nonsense`),
                );
            if (param.type === 'image') {
                // It counts where another parameter asks for it.
                const asked =
                    param.name === 'baseline_image'
                        ? [
                              '--param',
                              card.params.some(({ name }) => name === 'baseline')
                                  ? 'baseline=image'
                                  : 'baseline_image=',
                          ]
                        : [];
                for (const [kind, path] of Object.entries({ ...wrongFiles, 'a model': lenet }))
                    refused(
                        entry,
                        kind,
                        path.replace(folder, 'FOLDER'),
                        ...explain(card.id, ...asked, '--param', `${param.name}=${path}`),
                    );
                if (param.name !== 'alphas')
                    refused(
                        entry,
                        'an image of another size',
                        '3×4',
                        ...explain(
                            card.id,
                            ...asked,
                            '--param',
                            `${param.name}=${file('other.npy', image(Array(12).fill(0.5), '3, 4'))}`,
                        ),
                    );
            }
        }
        refused(
            `explain ${card.id} --param`,
            'an unknown name',
            'nonsense=1',
            ...explain(card.id, '--param', 'nonsense=1'),
        );
        refused(`explain ${card.id} --param`, 'no value', 'epsilon', ...explain(card.id, '--param', 'epsilon'));
        refused(`explain ${card.id} --param`, 'nothing', '', ...explain(card.id, '--param', ''));
        refused(
            `explain ${card.id} --target`,
            'a class that is not there',
            'class:10',
            ...explain(card.id, '--target', 'class:10'),
        );
        for (const kind of ['prob:3', 'contrast:4-9', 'neuron:conv1/0,1,1', 'channel:conv1/0', 'norm:conv1']) {
            if (!card.targets.includes(kind.split(':')[0]))
                refused(
                    `explain ${card.id} --target`,
                    'a kind that it does not answer',
                    kind,
                    ...explain(card.id, '--target', kind),
                );
        }
        const belongings = {
            patterns: { ...wrongFiles, 'a network that is no patterns': lenet, 'another network': small },
            statistics: { ...wrongFiles, 'a network': lenet },
        };
        for (const [role, files] of Object.entries(belongings).filter(([name]) => card.needs.includes(name))) {
            refused(`explain ${card.id} --model`, `a network without ${role}`, '', 'explain', card.id, ...of(small));
            for (const [kind, path] of Object.entries(files).filter(([, name]) => name !== '')) {
                const args = explain(card.id, '--with', `${role}=${path}`);
                refused(`explain ${card.id} --with ${role}`, kind, path.replace(folder, 'FOLDER'), ...args);
            }
        }
    }
    for (const [kind, target] of badTargets)
        refused('explain lrp --target', kind, target, ...explain('lrp', '--target', target));
    for (const unit of badUnits) {
        if (unit !== '') refused('explain lrp --unit', 'no unit', unit, ...explain('lrp', '--unit', unit));
    }
    for (const channels of [
        'conv1',
        'conv1/',
        '/',
        '/0',
        'conv1/99',
        'conv1/0,1',
        'conv1/0,99,1',
        'conv1/0*',
        'conv1/0*-1',
        'conv1/0*x',
        'conv1/0~',
        'conv1/0~-1',
        'conv1/0~1:x',
        'conv1/a',
        'nowhere/0',
        '\x1b[31m/0',
        'conv1/0;;1',
    ]) {
        refused('explain lrp --without', 'no channels', channels, ...explain('lrp', '--without', channels));
    }
    for (const id of ['', 'LRP', 'nonsense', '\x1b[31m\x07', '-', 'lrp,gradient', 'a'.repeat(5000)])
        refused('explain METHOD', 'no method', id, ...explain(id));

    const spoilt = {
        'cut to 10 %': model.subarray(0, model.length / 10),
        'cut in the middle': model.subarray(0, model.length / 2),
        'the first byte missing': model.subarray(1),
    };
    const models = {
        ...wrongFiles,
        'an input': drawing,
        ...Object.fromEntries(
            Object.entries(spoilt).map(([kind, bytes]) => [kind, file(`${kind.replaceAll(/\W/g, '')}.onnx`, bytes)]),
        ),
    };
    for (const [kind, path] of Object.entries(models)) {
        const given = path.replace(folder, 'FOLDER');
        refused('explain --model', kind, given, 'explain', 'lrp', '--model', path, '--input', drawing, '--out', out);
        refused('digits --model', kind, given, 'digits', '--model', path, '--count', '1');
        refused('evaluate --model', kind, given, 'evaluate', '--model', path, '--data', folder);
        refused('patterns --model', kind, given, 'patterns', '--model', path, '--data', folder, '--out', out);
        refused('statistics --model', kind, given, 'statistics', '--model', path, '--data', folder, '--out', out);
        refused('train RECIPE', kind, given, 'train', path, '--data', folder, '--out', out);
    }
    const inputs = {
        ...wrongFiles,
        'a model': lenet,
        'another size': file('size.npy', image(ink.slice(0, 756), '27, 28')),
        'another rank': file('rank.npy', image(ink, '784,')),
        'too many channels': file('channels.npy', image(ink, '1, 14, 14, 4')),
        'no images': file('none.npy', image([], '0, 28, 28')),
        NaN: file('nan.npy', image(ink.with(88, NaN))),
        infinity: file('infinity.npy', image(ink.with(88, Infinity))),
        'numbers that overflow': file('large.npy', image(ink.map((v) => v * 3e38))),
        'cut short': file('cut.npy', image(ink).subarray(0, 2000)),
        'another byte order': file('order.npy', image(ink, '28, 28', '>f4')),
        objects: file('objects.npy', image(ink, '28, 28', '|O')),
        'more than all memory': file('huge.npy', image(ink, '99999999999, 28, 28')),
        ...Object.fromEntries(
            ['#1', '#-1', '#x', '#', '#1.5', '#99999999999999999999'].map((index) => [
                `the index ${index}`,
                drawing + index,
            ]),
        ),
    };
    for (const [kind, path] of Object.entries(inputs))
        refused(
            'explain --input',
            kind,
            path.replace(folder, 'FOLDER'),
            ...['explain', 'lrp', ...of(lenet, path), '--out', out],
        );
    for (const [kind, path] of Object.entries({
        'a file in its place': drawing,
        'below a file': join(drawing, 'out'),
        'no name': '',
        'a device': '/dev/null/out',
    })) {
        const given = path.replace(folder, 'FOLDER');
        refused('explain --out', kind, given, 'explain', 'gradient', ...of(lenet), '--out', path);
        const instead = kind === 'a file in its place' ? folder : path;
        if (path) refused('digits --out', kind, given, 'digits', '--count', '1', '--out', instead);
    }

    // Each reads as far as the limit of 1 GiB.
    const endless = ['more than any file has', '/dev/zero', 'explain', 'lrp', '--out', out];
    refused('explain --model', ...endless, ...of('/dev/zero'));
    refused('explain --input', ...endless, ...of(lenet, '/dev/zero'));

    mkdirSync(place('no-mnist'));
    const counts = ['-1', '1.5', 'many', '', '99999999999999999999999', 'nan', '1e3x'];
    for (const count of counts) {
        for (const [entry, ...args] of [
            ['digits --first', 'digits', '--first'],
            ['digits --count', 'digits', '--count'],
            ['evaluate --limit', 'evaluate', '--model', lenet, '--limit'],
            ['patterns --limit', 'patterns', '--model', lenet, '--limit'],
            ['statistics --limit', 'statistics', '--model', lenet, '--limit'],
            ['statistics --bins', 'statistics', '--model', lenet, '--bins'],
            ['train --epochs', 'train', join(root, 'models/lenet.json'), '--epochs'],
            ['--threads', '--threads'],
        ]) {
            refused(entry, 'no such number', count, ...args, count, ...(entry === '--threads' ? ['methods'] : []));
        }
    }
    refused('digits --first', 'past the last', '300', 'digits', '--first', '300');
    for (const directory of [place('no-mnist'), '/nowhere', '/dev/null', drawing]) {
        for (const [entry, ...args] of [
            ['evaluate --data', 'evaluate', '--model', lenet],
            ['patterns --data', 'patterns', '--model', lenet, '--out', out],
            ['statistics --data', 'statistics', '--model', lenet, '--out', out],
            ['train --data', 'train', join(root, 'models/lenet.json'), '--out', out],
        ]) {
            refused(entry, 'a folder without MNIST', directory.replace(folder, 'FOLDER'), ...args, '--data', directory);
        }
    }
    const evaluate = ['evaluate', '--model', lenet, '--data', place('no-mnist')];
    for (const attack of ['lrp', 'nonsense', '\x1b[31m\x07'])
        refused('evaluate --attack', 'no attack', attack, ...evaluate, '--attack', attack);
    refused('evaluate --param', 'without an attack', 'epsilon=1', ...evaluate, '--param', 'epsilon=1');
    const estimator = ['patterns', '--model', lenet, '--estimator', 'nonsense'];
    refused('patterns --estimator', 'no estimator', 'nonsense', ...estimator);
    for (const name of ['methods', 'digits', 'explain', 'evaluate', 'train', 'patterns', 'statistics']) {
        const needed =
            {
                explain: ['lrp', ...of(lenet)],
                evaluate: ['--model', lenet],
                train: [join(root, 'models/lenet.json')],
                patterns: ['--model', lenet],
            }[name] ?? [];
        refused(name, 'an unknown option', '--nonsense', name, ...needed, '--nonsense');
        refused(
            name,
            'an option without value',
            name === 'methods' ? '--json=maybe' : '--out',
            name,
            ...needed,
            name === 'methods' ? '--json=maybe' : name === 'evaluate' ? '--attack' : '--out',
        );
        refused(
            name,
            'a word too many',
            'extra',
            name,
            ...needed,
            ...(needed.length === 1 || name === 'explain' ? ['extra', 'extra2'] : ['extra']),
        );
        if (needed.length > 0) refused(name, 'without what it needs', '', name);
    }
    for (const args of [[], ['nonsense'], ['\x1b[31m\x07'], ['--nonsense'], ['']])
        refused('pellucid', 'no command', args[0] ?? '', ...args);

    // A row takes a process, and there are 4,000. The table (npm run bad-input) has them all; otherwise every third is
    // asked. One at a time, since they would write in the same place.
    const all = process.env.PELLUCID_BAD_INPUT !== undefined;
    for (const [at, row] of waiting.entries()) if (all || at % 3 === 0) await ask(row);
    book.done(assert, 500);
});
