// ONNX's own tests of its operators: gets them, has them run (node_tests.cpp), writes NODE_TESTS.md.
//   node tests/onnx/node_tests.mjs          runs them and says how they went
//   node tests/onnx/node_tests.mjs --write  writes the table as well
// The package onnx is fetched by Python's pip, one pinned file, checked by its hash, into the cache folder; nothing of
// it is run. Where there is no Python or no network, the committed table says what was run.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const version = '1.16.2';
const wheel = 'onnx-1.16.2-cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64.whl';
const hash = '7b98aa9733bd4b781eb931d33b4078ff2837e7d68062460726d6dd011f332bd4';
const table = join(root, 'tests/onnx/NODE_TESTS.md');

/** The folder of the tests; throws where they cannot be had here. */
export function fetchNodeTests() {
    const cache =
        process.env.PELLUCID_CACHE ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'pellucid');
    const place = join(cache, `onnx-node-tests-${version}`);
    if (existsSync(place)) return place;
    const work = `${place}.new.${process.pid}`;
    mkdirSync(work, { recursive: true });
    const python = (...args) => execFileSync('python3', args, { cwd: work, stdio: 'pipe', timeout: 180_000 });
    try {
        writeFileSync(join(work, 'wanted.txt'), `onnx==${version} --hash=sha256:${hash}\n`);
        // The data are the same in the files for all platforms; one of them is pinned.
        python(
            '-m',
            'pip',
            'download',
            '--quiet',
            '--disable-pip-version-check',
            '--no-deps',
            '--only-binary=:all:',
            '--platform=manylinux2014_x86_64',
            '--python-version=3.11',
            '--require-hashes',
            '--timeout=20',
            '--retries=1',
            '-r',
            'wanted.txt',
            '-d',
            '.',
        );
        python(
            '-c',
            `import zipfile
with zipfile.ZipFile('${wheel}') as file:
    file.extractall('.', [name for name in file.namelist() if name.startswith('onnx/backend/test/data/node/')])`,
        );
        try {
            renameSync(join(work, 'onnx/backend/test/data/node'), place);
        } catch (error) {
            if (!existsSync(place)) throw error; // somebody else was quicker
        }
        return place;
    } finally {
        rmSync(work, { recursive: true, force: true });
    }
}

/** One row per test whose operators we all read: {test, operators, outcome, words, worst}. */
export function runNodeTests(folder) {
    const report = join(root, 'build/onnx-node-tests.json');
    execFileSync(join(root, 'build/native/pellucid_tests'), ['--no-skip', '--test-case=onnx node tests'], {
        stdio: 'pipe',
        env: { ...process.env, PELLUCID_ONNX_NODE_TESTS: folder, PELLUCID_ONNX_NODE_REPORT: report },
    });
    return JSON.parse(readFileSync(report, 'utf8'));
}

export const count = (rows, outcome) => rows.filter((row) => row.outcome === outcome).length;

/** Names of the tests that the committed table says have passed. */
export const passedBefore = () =>
    [...readFileSync(table, 'utf8').matchAll(/^\| (test_\w+) \| .* \| passed \|/gm)].map(([, name]) => name);

const cell = (text) => text.replaceAll('|', '\\|');

export function tableOf(rows) {
    const operators = [...new Set(rows.flatMap((row) => row.operators))].sort();
    const worst = Math.max(...rows.filter((row) => row.outcome === 'passed').map((row) => row.worst));
    return `# ONNX's own tests of its operators

Written by \`node tests/onnx/node_tests.mjs --write\` from the data of the PyPI package onnx ${version};
\`npm test -- onnx\` runs them again wherever Python's pip can fetch that package. Run are all tests whose operators
are among those that pellucid reads: ${rows.length} tests of ${operators.length} operators.

| outcome | tests | meaning |
|---|---|---|
| passed | ${count(rows, 'passed')} | the given outputs, as the file is read, without a trace, and as we write it; \
at most ${worst.toExponential(1)} apart, relative above 1 (bound 1e-5) |
| refused | ${count(rows, 'refused')} | \`unsupported\`, with a sentence that names what is not supported |
| not applicable | ${count(rows, 'not applicable')} | no question to a network that takes one image or vector of \
floats |
| failed | ${count(rows, 'failed')} | other numbers, or another refusal |

A test gives all inputs of its operator at run time. The first stays the network's input, the others become stored
weights; functions of single numbers read (N, F) where the test has another number of axes.

| test | operators | outcome | |
|---|---|---|---|
${rows
    .map(({ test, operators: ops, outcome, words }) => `| ${test} | ${ops.join(', ')} | ${outcome} | ${cell(words)} |`)
    .join('\n')}
`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
    const rows = runNodeTests(fetchNodeTests());
    for (const outcome of ['passed', 'refused', 'not applicable', 'failed'])
        console.log(`${outcome}: ${count(rows, outcome)}`);
    for (const row of rows.filter(({ outcome }) => outcome === 'failed'))
        console.log(`failed: ${row.test} ${row.worst} ${row.words}`);
    if (process.argv.includes('--write')) writeFileSync(table, tableOf(rows));
}
