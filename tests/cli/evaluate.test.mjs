// `pellucid evaluate` under attack: what it counts, image by image, and results that are taken up again.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { json, model, pellucid, placeFor, root } from '../support/command.mjs';

const program = join(root, 'build/native/pellucid');
const lenet = model('lenet');
const place = placeFor('evaluate');

const digits = (...rest) => ['evaluate', '--model', lenet, '--data', 'digits', ...rest];
/** The lines behind the head, as numbers. */
const rows = (file) =>
    readFileSync(file, 'utf8')
        .trimEnd()
        .split('\n')
        .slice(1)
        .map((line) => line.split(',').map(Number));

describe('accuracy under attack', () => {
    test('is that of the images that are right and stay so', () => {
        const out = place('fgsm.csv');
        const report = json(...digits('--attack', 'fgsm', '--param', 'epsilon=0.2', '--limit', '100', '--csv', out));
        const all = rows(out);
        assert.equal(all.length, 100);
        assert.deepEqual(
            all.map(([image]) => image),
            [...Array(100).keys()],
        );
        assert.deepEqual(
            all.map(([, label]) => label),
            [...Array(100).keys()].map((i) => i % 10),
        );
        const right = all.filter(([, label, predicted]) => label === predicted);
        const holds = right.filter(([, label, , attacked]) => label === attacked);
        assert.equal(report.right, right.length);
        assert.equal(report.accuracy_under_attack, holds.length / 100);
        assert.ok(holds.length < right.length && holds.length > 0);
        for (const [, label, predicted, attacked, l0, l2, linf] of all) {
            if (label !== predicted) assert.deepEqual([attacked, l0, l2, linf], [predicted, 0, 0, 0]);
            else assert.ok(l0 > 0 && l2 > 0 && linf <= 0.2 + 1e-9);
        }
    });
    test('more strength, fewer that hold; a targeted attack leads to the class after the label', () => {
        const under = (...rest) => json(...digits('--limit', '40', '--attack', ...rest)).accuracy_under_attack;
        assert.ok(
            under('bim', '--param', 'epsilon=0.3', '--param', 'steps=20') < under('fgsm', '--param', 'epsilon=0.1'),
        );
        const out = place('targeted.csv');
        json(
            ...digits(
                '--limit',
                '40',
                '--attack',
                'bim',
                '--param',
                'epsilon=0.4',
                '--param',
                'steps=40',
                '--param',
                'targeted=true',
                '--csv',
                out,
            ),
        );
        const turned = rows(out).filter(([, label, , attacked]) => attacked !== label);
        assert.ok(turned.length > 10);
        assert.ok(turned.filter(([, label, , attacked]) => attacked === (label + 1) % 10).length > turned.length / 2);
    });
    test('restarts only take away', () => {
        const under = (restarts) =>
            json(
                ...digits(
                    '--limit',
                    '60',
                    '--attack',
                    'pgd',
                    '--param',
                    'epsilon=0.12',
                    '--param',
                    'steps=5',
                    '--param',
                    'random_start=true',
                    '--param',
                    `restarts=${restarts}`,
                ),
            ).right_under_attack;
        const one = under(1),
            six = under(6);
        assert.ok(six <= one, `${six} after six starts, ${one} after one`);
    });
    test('does not depend on the number of threads', () => {
        const args = digits(
            '--limit',
            '60',
            '--attack',
            'pgd',
            '--param',
            'random_start=true',
            '--param',
            'steps=4',
            '--json',
        );
        const [one, two] = [1, 2].map((threads) => JSON.parse(pellucid('--threads', `${threads}`, ...args).stdout));
        for (const report of [one, two]) delete report.seconds;
        assert.deepEqual(one, two);
    });
});

describe('a file of results', () => {
    const args = (out, csv, ...rest) =>
        digits('--attack', 'bim', '--param', 'steps=3', '--out', out, '--csv', csv, ...rest);
    test('holds every image, whether done at once, in shards or going on where it was cut short', () => {
        const [whole, cut, one, two] = ['whole', 'cut', 'one', 'two'].map(place);
        const csv = (name) => readFileSync(place(`${name}.csv`), 'utf8');
        const plain = json(
            ...digits('--attack', 'bim', '--param', 'steps=3', '--limit', '120', '--csv', place('plain.csv')),
        );
        delete plain.seconds;
        assert.deepEqual({ ...json(...args(whole, `${whole}.csv`, '--limit', '120')), model: lenet }, plain);
        assert.equal(csv('whole'), csv('plain'));
        assert.equal(rows(`${whole}.csv`).length, 120);
        writeFileSync(cut, readFileSync(whole).subarray(0, -100));
        json(...args(cut, `${cut}.csv`, '--limit', '120'));
        assert.equal(csv('cut'), csv('whole'));
        for (const [n, shard] of [one, two].entries()) {
            const { status, stderr } = pellucid(
                ...args(shard, `${shard}.csv`, '--limit', '120', '--shard', `${n + 1}/2`),
            );
            assert.equal(status, 0, stderr);
        }
        json('evaluate', '--merge', two, one, '--csv', place('merged.csv'));
        assert.equal(csv('merged'), csv('whole'));
    });
    test('of other settings is left alone', () => {
        const out = place('settings'),
            csv = place('settings.csv');
        json(...args(out, csv, '--limit', '50'));
        const before = readFileSync(out);
        const { status, stdout } = pellucid(...args(out, csv, '--limit', '50', '--param', 'epsilon=0.2'));
        assert.equal(status, 2);
        assert.equal(stdout, '');
        assert.deepEqual(readFileSync(out), before);
    });
    test('keeps what is done when it is stopped', async () => {
        const out = place('stopped'),
            csv = place('stopped.csv');
        const long = digits('--attack', 'pgd', '--param', 'steps=60', '--out', out, '--csv', csv);
        const child = spawn(program, ['--threads', '1', ...long], { stdio: 'pipe' });
        let stderr = '';
        child.stderr.on('data', (text) => {
            stderr += text;
        });
        const ended = new Promise((resolve) => child.on('exit', resolve));
        while (child.exitCode === null && !(existsSync(out) && statSync(out).size > 3000))
            await new Promise((resolve) => setTimeout(resolve, 10));
        child.kill('SIGINT');
        assert.equal(await ended, 1, stderr);
        assert.match(stderr, /stopped; .* holds the [1-5] chunks that are done/);
        const { status, stderr: said } = pellucid(...long);
        assert.equal(status, 0, said);
        assert.equal(rows(csv).length, 300);
    });
    test('without one, what was seen is told when it is stopped', async () => {
        const child = spawn(
            program,
            ['--threads', '1', ...digits('--attack', 'pgd', '--param', 'steps=200', '--csv', place('seen.csv'))],
            { stdio: 'pipe' },
        );
        let stdout = '',
            stderr = '';
        child.stdout.on('data', (text) => {
            stdout += text;
        });
        child.stderr.on('data', (text) => {
            stderr += text;
        });
        const ended = new Promise((resolve) => child.on('exit', resolve));
        await new Promise((resolve) => setTimeout(resolve, 1500));
        child.kill('SIGINT');
        assert.equal(await ended, 1, stderr);
        assert.match(stderr, /stopped (after \d+ images|before anything)/);
        if (stdout !== '') assert.match(stdout, new RegExp(`of ${rows(place('seen.csv')).length} right`));
    });
});
