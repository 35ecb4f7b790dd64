// Networks nobody wrote down (tests/random), in every variant of the core, against native kernels.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { promisify } from 'node:util';
import { largest, root } from './support.mjs';

const tolerance = 1e-4;
const folder = join(root, 'build/random-check');
const run = promisify(execFile);

before(async () => {
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder, { recursive: true });
    await run(join(root, 'build/native/pellucid_tests'), ['--no-skip', '--test-case=random fixtures'], {
        env: { ...process.env, PELLUCID_RANDOM_FIXTURES: folder },
    });
});

/** Off by more than the tolerance, as a share of the largest expected number? */
function compare(got, expected, what) {
    assert.equal(got.length, expected.length, what);
    const gap = largest(expected.map((value, i) => value - got[i]));
    // Not ≤, which NaN would pass as a false comparison elsewhere.
    assert.ok(gap <= tolerance * Math.max(largest(expected), 1e-3), `${what}: off by ${gap} of ${largest(expected)}`);
}

for (const variant of ['scalar', 'simd128', 'relaxed']) {
    test(`${variant} answers about random networks as native does`, async () => {
        // Node has had the instructions without a flag since 21, and no longer knows the flag.
        const flags =
            variant === 'relaxed' && Number.parseInt(process.versions.node, 10) < 21
                ? ['--experimental-wasm-relaxed-simd']
                : [];
        const program = join(root, 'tests/wasm/random_answers.mjs');
        const { stdout } = await run(process.execPath, [...flags, program, variant, folder], { maxBuffer: 1e9 });
        const answers = JSON.parse(stdout);
        const names = readdirSync(folder).filter((name) => name.endsWith('.json'));
        assert.equal(names.length, 40);
        let maps = 0;
        for (const name of names) {
            const expected = JSON.parse(readFileSync(join(folder, name), 'utf8'));
            const got = answers[name];
            compare(got.logits, expected.logits, `logits of ${expected.structure}`);
            for (const [i, { method, data, error }] of expected.maps.entries()) {
                const what = `${method} of ${expected.structure}`;
                if (error) assert.equal(got.maps[i].error, error, what);
                else {
                    compare(got.maps[i].data ?? [], data, `${what}${got.maps[i].error ?? ''}`);
                    ++maps;
                }
            }
        }
        assert.ok(maps >= 4 * names.length, `${maps} maps`);
    });
}
