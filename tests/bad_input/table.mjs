// Writes lib/BAD_INPUT.md, and its rows beside this file, from a run of all tests of bad input:
//   npm run bad-input      (builds nothing: native-tests, native, wasm and web must be built)
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const rowsFile = join(root, 'build/bad-input.jsonl');
const runs = [
    ['build/native/pellucid_tests', '--test-case=bad input*', '--minimal'],
    ['node', '--test', 'tests/cli/bad_input.test.mjs'],
    ['node', '--test', 'tests/wasm/bad_input.test.mjs'],
    ['node', '--test', 'tests/web/bad_input.test.mjs'],
];

mkdirSync(join(root, 'build'), { recursive: true });
rmSync(rowsFile, { force: true });
let failed = false;
for (const [program, ...args] of runs) {
    const { status } = spawnSync(program, args, {
        cwd: root,
        stdio: ['ignore', 'ignore', 'inherit'],
        env: { ...process.env, PELLUCID_BAD_INPUT: rowsFile },
    });
    if (status !== 0) {
        console.error(`${args.at(-1)}: failed`);
        failed = true;
    }
}

const rows = existsSync(rowsFile)
    ? readFileSync(rowsFile, 'utf8')
          .trim()
          .split('\n')
          .map((line) => JSON.parse(line))
    : [];
// Places that differ from machine to machine, and all that would end a cell or a line.
const cell = (text = '') =>
    String(text)
        .replaceAll(root, '')
        .replaceAll(/(\/tmp|[A-Z]:)\/pellucid-[\w-]+/g, 'FOLDER')
        .replaceAll(/http:\/\/127\.0\.0\.1:\d+/g, 'HOST')
        .replaceAll(/\s+/g, ' ')
        .replaceAll(/(.{160}).{20,}/g, '$1 …')
        .replaceAll('\\', '\\\\')
        .replaceAll('|', '\\|')
        .replaceAll('<', '&lt;')
        .trim();
const surfaces = [...new Set(rows.map(({ surface }) => surface))];
const of = (surface) => rows.filter((row) => row.surface === surface);
const fileOf = (surface) => `TABLE_${surface.replaceAll('+', 'P').toUpperCase()}.md`;
const distinct = (list, key) => new Set(list.map((row) => row[key])).size;

const summary = surfaces.map((surface) => {
    const list = of(surface);
    return (
        `| ${surface} | ${distinct(list, 'entry')} | ${distinct(list, 'kind')} | ${list.length} | ` +
        `${list.filter((row) => row.fault).length} |`
    );
});
/** Rows of one entry and kind that differ in the value alone are one line with the first of them. */
function lines(list) {
    const groups = new Map();
    for (const row of list) {
        const key = `${row.entry}\0${row.kind}\0${row.code ?? ''}`;
        groups.set(key, [...(groups.get(key) ?? []), row]);
    }
    return [...groups.values()].map(
        ([first, ...more]) =>
            `| ${cell(first.entry)} | ${cell(first.kind)}` +
            `${first.given ? `: \`${cell(first.given).replaceAll('`', "'")}\`` : ''}` +
            `${more.length > 0 ? ` and ${more.length} more` : ''} | ` +
            `${first.code ?? ''} | ${cell(first.fault ?? first.sentence)} |`,
    );
}

writeFileSync(
    join(root, 'lib/BAD_INPUT.md'),
    `# Bad input, and what is said about it

Written by \`npm run bad-input\`, which runs what \`npm test\` runs (but there, the page follows a fifth of the links
with bad parameters): every public entry is given every kind of bad input, made from the methods' cards, the formats
and the calls. A row fails the tests if anything crashes, is answered, leaves a file behind, or lacks a code and a
sentence (12 characters at least, no control characters, no words of the libraries below).

| surface | entries | kinds | rows | failing |
|---|---|---|---|---|
${summary.join('\n')}
| all | ${distinct(rows, 'entry')} | ${distinct(rows, 'kind')} | ${rows.length} | \
${rows.filter((row) => row.fault).length} |

Row by row: ${surfaces.map((surface) => `[${surface}](../tests/bad_input/${fileOf(surface)})`).join(', ')}.
`,
);
for (const surface of surfaces) {
    writeFileSync(
        join(root, 'tests/bad_input', fileOf(surface)),
        `# Bad input: ${surface}

Written by \`npm run bad-input\`; the figures are in [lib/BAD_INPUT.md](../../lib/BAD_INPUT.md). Rows that differ in
the value alone share a line.

| entry | what was given | code | what is said |
|---|---|---|---|
${lines(of(surface)).join('\n')}
`,
    );
}
console.log(summary.join('\n'));
process.exitCode = failed ? 1 : 0;
