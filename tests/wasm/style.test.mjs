// The TypeScript of the package and of the page is as its formatter and its linter want it (.biome.json).
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { test } from 'node:test';

test('biome has nothing to change and nothing to say', () => {
    const root = fileURLToPath(new URL('../..', import.meta.url));
    const { status, stdout, stderr } = spawnSync('node_modules/.bin/biome', ['ci'], { cwd: root, encoding: 'utf8' });
    assert.equal(status, 0, `${stdout}${stderr}\nnpx biome check --write mends what can be mended.`);
});
