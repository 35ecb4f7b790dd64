// TypeScript and scripts are as their formatter and their linter want them (.biome.json), and all code stands in lines
// that can be read.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const longest = 120;

test('biome has nothing to change and nothing to say', () => {
    const { status, stdout, stderr } = spawnSync('node_modules/.bin/biome', ['ci', '--error-on-warnings'], {
        cwd: root,
        encoding: 'utf8',
    });
    assert.equal(status, 0, `${stdout}${stderr}\nnpx biome check --write mends what can be mended.`);
});

test('no line of code is longer than what the formatters fill', () => {
    // What formatters cannot break: comments, and texts.
    const kinds = ['cpp', 'hpp', 'ts', 'mjs', 'css', 'html', 'py', 'sh', 'cmake'].map((kind) => `*.${kind}`);
    const { stdout } = spawnSync('git', ['ls-files', ...kinds, '*CMakeLists.txt'], {
        cwd: root,
        encoding: 'utf8',
    });
    const files = stdout.split('\n').filter((name) => name !== '');
    assert.ok(files.length > 500, `${files.length} files`);
    const long = files.flatMap((name) =>
        readFileSync(join(root, name), 'utf8')
            .split('\n')
            .flatMap((line, index) => (line.length > longest ? [`${name}:${index + 1}`] : [])),
    );
    assert.deepEqual(long, []);
});
