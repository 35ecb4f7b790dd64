// Studies over many images: one answer however the work is shared out, also after a process was killed; audits;
// clusters.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import { model, pellucid, placeFor, root } from '../support/command.mjs';

const program = join(root, 'build/native/pellucid');
const lenet = model('lenet');
const place = placeFor('judge');
const digits = place('digits.npy');

const output = (...args) => {
    const { status, stdout, stderr } = pellucid(...args);
    assert.equal(status, 0, stderr);
    return stdout;
};
const refused = (says, ...args) => {
    const { status, stdout, stderr } = pellucid(...args);
    assert.equal(status, 2, stderr);
    assert.equal(stdout, '');
    assert.match(stderr, says);
};
const judgeOf = (count) => [
    'judge',
    '--model',
    lenet,
    '--data',
    digits,
    '--count',
    `${count}`,
    '--json',
    '--methods',
    'gradient,lrp:composite=gamma',
    '--metrics',
    'deletion,sparseness,max_sensitivity:samples=3',
];
const judge = judgeOf(104);

// MNIST's form with other contents: every image of a class is a bar at a place of its own.
const mnist = place('mnist');
function idx(name, sizes, fill) {
    const head = Buffer.alloc(4 + 4 * sizes.length);
    head.writeUInt32BE(0x800 + sizes.length, 0);
    sizes.forEach((size, i) => head.writeUInt32BE(size, 4 + 4 * i));
    const data = Buffer.alloc(sizes.reduce((a, b) => a * b));
    fill(data);
    writeFileSync(join(mnist, name), Buffer.concat([head, data]));
}
before(() => {
    output('digits', '--out', digits);
    mkdirSync(mnist);
    for (const [part, count] of [
        ['train', 60000],
        ['t10k', 10000],
    ]) {
        idx(`${part}-labels-idx1-ubyte`, [count], (data) =>
            data.forEach((_, i) => {
                data[i] = i === 7 ? 3 : i % 10;
            }),
        );
        idx(`${part}-images-idx3-ubyte`, [count, 28, 28], (data) => {
            for (let i = 0; i < count; ++i)
                for (let p = 0; p < 84; ++p) data[i * 784 + 56 * (i % 10) + p + 28] = 255 - ((i * 31 + p) % 50);
        });
    }
});

describe('judge', () => {
    let whole;
    before(() => {
        whole = output(...judge);
    });

    test('tells mean and interval of every method by every metric', () => {
        const league = JSON.parse(whole);
        assert.equal(league.images, 104);
        assert.deepEqual(Object.keys(league.league), ['gradient', 'lrp:composite=gamma']);
        const { mean, low, high, images } = league.league.gradient.deletion.area;
        assert.ok(low < mean && mean < high && images === 104);
        assert.ok(
            league.league['lrp:composite=gamma'].deletion.area.mean < mean,
            'LRP finds what the answer hangs on better than the gradient',
        );
    });

    test('the same bytes with one thread, and from shards merged in any order', () => {
        assert.equal(output('--threads', '1', ...judge), whole);
        const files = [];
        for (const shard of [3, 1, 5, 2, 4]) {
            files.push(place(`shard${shard}`));
            assert.equal(output(...judge, '--shard', `${shard}/5`, '--out', files.at(-1)), '');
        }
        assert.equal(output('judge', '--json', '--merge', ...files), whole);
        refused(/both hold chunk/, 'judge', '--merge', ...files, files[2]);
        refused(/missing/, 'judge', '--merge', ...files.slice(1));
        refused(
            /different studies/,
            'judge',
            '--merge',
            ...files.slice(1),
            (() => {
                output(...judgeOf(2), '--out', place('other'));
                return place('other');
            })(),
        );
        refused(/another study/, ...judgeOf(103), '--shard', '1/5', '--out', files[1]);
    });

    test('a process that is killed midway costs only what it had not finished', async () => {
        const file = place('killed');
        const long = [...judge, '--out', file];
        const child = spawn(program, ['--threads', '1', ...long]);
        const ended = new Promise((resolve) => child.on('exit', resolve));
        const begun = () => existsSync(file) && statSync(file).size > 1600;
        for (let i = 0; i < 2000 && !begun() && child.exitCode === null; ++i)
            await new Promise((r) => setTimeout(r, 2));
        child.kill('SIGKILL');
        await ended;
        // As if it had been killed while it wrote.
        truncateSync(file, statSync(file).size - 3);
        assert.equal(output(...long), whole);
        assert.equal(output('judge', '--json', '--merge', file), whole);
    });

    test('three ranks of mpirun give the same bytes, or a sentence where this build knows no MPI', {
        skip: spawnSync('mpirun', ['--version']).error && 'no mpirun',
    }, () => {
        const mpirun = () =>
            spawnSync(
                'mpirun',
                [
                    '-n',
                    '3',
                    '--oversubscribe',
                    '--allow-run-as-root',
                    '--mca',
                    'btl',
                    'self,vader',
                    '--mca',
                    'oob_tcp_if_include',
                    'lo',
                    program,
                    ...judge,
                    '--out',
                    place('ranks'),
                ],
                { encoding: 'utf8' },
            );
        const run = mpirun();
        if (run.status !== 0) return assert.match(run.stderr, /built without MPI/);
        assert.equal(run.stdout, whole);
        for (const rank of [1, 2, 3]) assert.ok(existsSync(place(`ranks.${rank}-of-3`)));
        // A rank that was lost midway: what it had finished, and what the others had, is not done again.
        truncateSync(place('ranks.2-of-3'), statSync(place('ranks.2-of-3')).size - 5);
        assert.equal(mpirun().stdout, whole);
        // Finished parts are those of any shards.
        assert.equal(
            output('judge', '--json', '--merge', ...[2, 3, 1].map((rank) => place(`ranks.${rank}-of-3`))),
            whole,
        );
    });

    test('a metric that does not fit a method is left out with the reason', () => {
        const league = JSON.parse(
            output(
                'judge',
                '--model',
                lenet,
                '--data',
                digits,
                '--count',
                '3',
                '--json',
                '--methods',
                'gradient,pattern_net',
                '--metrics',
                'model_randomisation,sparseness',
            ),
        );
        assert.equal(league.left_out.length, 1);
        assert.match(league.left_out[0].why, /patterns/);
        assert.ok(league.league.pattern_net.sparseness.gini.mean > 0);
    });

    test('what is wrong is said before there is work to lose', () => {
        const lists = ['--methods', 'gradient', '--metrics', 'sparseness'];
        const start = ['judge', '--model', lenet, '--data', digits];
        refused(/needs --model/, 'judge', ...lists);
        refused(/needs --methods/, ...start);
        refused(/there is no method/, ...start, '--methods', 'nonsense');
        refused(/gives none/, ...start, '--methods', 'fgsm', '--metrics', 'sparseness');
        refused(/does not judge maps/, ...start, '--methods', 'gradient', '--metrics', 'lrp');
        refused(/has no parameter/, ...start, '--methods', 'gradient:nonsense=1', '--metrics', 'sparseness');
        refused(/twice/, ...start, '--methods', 'gradient,gradient', '--metrics', 'sparseness');
        refused(/NUMBER\/OF/, ...start, ...lists, '--shard', '5/4', '--out', place('never'));
        refused(/need a file/, ...start, ...lists, '--shard', '1/4');
        refused(/neither --shard nor --out/, 'judge', '--merge', place('never'), '--out', place('never'));
        refused(/none of these metrics/, ...start, '--methods', 'gradient', '--metrics', 'uncertainty');
        writeFileSync(place('nothing'), 'nothing');
        refused(/holds no chunks/, 'judge', '--merge', place('nothing'));
        refused(/holds no chunks/, ...start, ...lists, '--out', place('nothing'));
        assert.equal(readFileSync(place('nothing'), 'utf8'), 'nothing');
    });
});

describe('evaluate and audit in shards', () => {
    test('evaluate: shards, merged, are what one process writes', () => {
        const evaluate = [
            'evaluate',
            '--model',
            lenet,
            '--data',
            mnist,
            '--limit',
            '230',
            '--attack',
            'fgsm',
            '--json',
        ];
        const whole = output(...evaluate, '--out', place('evaluated'));
        const plain = JSON.parse(output(...evaluate));
        delete plain.seconds;
        assert.deepEqual({ ...JSON.parse(whole), model: lenet }, plain);
        for (const shard of [1, 2]) output(...evaluate, '--shard', `${shard}/2`, '--out', place(`evaluate${shard}`));
        assert.equal(output('evaluate', '--json', '--merge', place('evaluate2'), place('evaluate1')), whole);
        refused(/another command's study/, 'judge', '--merge', place('evaluated'));
    });

    test('audit: finds the exchanged label, from shards as from one process', () => {
        const recipe = {
            name: 'tiny',
            data: { train: 'mnist' },
            input: [28, 28, 1],
            seed: 1,
            epochs: 4,
            batch: 20,
            layers: [
                { name: 'flatten', type: 'flatten' },
                { name: 'dense', type: 'dense', units: 10 },
            ],
        };
        writeFileSync(place('tiny.json'), JSON.stringify(recipe));
        const audit = [
            'audit',
            '--data',
            mnist,
            '--recipe',
            place('tiny.json'),
            '--folds',
            '3',
            '--limit',
            '300',
            '--json',
        ];
        const whole = output(...audit);
        const report = JSON.parse(whole);
        assert.equal(report.training.issues[0].image, 7);
        assert.equal(report.training.issues[0].suggested, 7);
        assert.equal(report.training.least_probable[0].image, 7);
        assert.ok(report.training.accuracy < 1 && report.training.accuracy_if_suggestions_hold === 1);
        for (const shard of [1, 2, 3]) output(...audit, '--shard', `${shard}/3`, '--out', place(`audit${shard}`));
        assert.equal(output(...audit, '--merge', place('audit2'), place('audit3'), place('audit1')), whole);
        refused(
            /these data are not those/,
            'audit',
            '--data',
            mnist,
            '--limit',
            '200',
            '--merge',
            place('audit2'),
            place('audit3'),
            place('audit1'),
        );
        refused(/not in range/, 'audit', '--data', mnist, '--folds', '1');
    });
});

test('spray: groups of a class, and their mean maps', () => {
    const spray = [
        'spray',
        '--model',
        lenet,
        '--data',
        digits,
        '--class',
        '4',
        '--count',
        '60',
        '--json',
        '--param',
        'clusters=3',
        '--mark',
        '0.5',
        '--out',
        place('groups'),
    ];
    const report = JSON.parse(output(...spray));
    assert.equal(report.clusters.length, 3);
    assert.equal(
        report.clusters.reduce((sum, { images }) => sum + images, 0),
        60,
    );
    assert.equal(
        report.clusters.reduce((sum, { marked }) => sum + marked, 0),
        30,
    );
    assert.ok(report.eigenvalues.every((value, i) => i === 0 || value >= report.eigenvalues[i - 1]));
    for (const file of ['clusters.npy', 'cluster_0.png', 'cluster_2.png'])
        assert.ok(existsSync(place(`groups/${file}`)));
    refused(/no such class|class 11|10 classes|classes/, 'spray', '--model', lenet, '--data', digits, '--class', '11');
    refused(/has no parameter/, 'spray', '--model', lenet, '--data', digits, '--class', '1', '--param', 'nonsense=1');
});
