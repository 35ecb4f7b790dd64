// The library without npm: installed by CMake, found by find_package, and linked by somebody else's project.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { npyBytes } from '../support/array-files.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'pellucid-install-'));
after(() => rmSync(folder, { recursive: true }));

function run(program, ...args) {
    const { status, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8', cwd: folder });
    assert.equal(status, 0, `${program} ${args.join(' ')}\n${stdout}${stderr}`);
    return stdout;
}

/** A drawing of a bar, as .npy. */
function drawing() {
    const pixels = Float32Array.from({ length: 784 }, (_, i) =>
        i % 28 >= 12 && i % 28 < 16 && i > 112 && i < 672 ? 1 : 0,
    );
    writeFileSync(join(folder, 'bar.npy'), npyBytes([28, 28], pixels));
    return join(folder, 'bar.npy');
}

/**
 * The packages xtensor, xsimd and fmt as a person would have them, from where the set-up put Debian 13's: those alone,
 * for that folder holds another C library's headers as well.
 */
function installedPackages() {
    const toolchain = readFileSync(join(root, 'build/deps/toolchain.env'), 'utf8');
    const from = dirname(/^HEADERS_ROOT='(.*)'$/m.exec(toolchain)[1]);
    const to = join(folder, 'packages');
    const library = 'lib/x86_64-linux-gnu';
    const parts = ['xtensor', 'xsimd', 'xtl'].flatMap((name) => [`include/${name}`, `share/cmake/${name}`]);
    for (const part of [...parts, 'include/fmt', `${library}/cmake/fmt`]) {
        cpSync(join(from, part), join(to, part), { recursive: true, dereference: true });
    }
    for (const file of readdirSync(join(from, library)).filter((name) => name.startsWith('libfmt'))) {
        cpSync(join(from, library, file), join(to, library, file), { dereference: true });
    }
    return to;
}

test('cmake --install and find_package(pellucid): another project explains with the installed library', () => {
    const prefix = join(folder, 'prefix');
    run('cmake', '--install', join(root, 'build/native'), '--prefix', prefix);
    assert.ok(existsSync(join(prefix, 'bin/pellucid')));

    const packages = installedPackages();
    run(
        'cmake',
        '-S',
        join(root, 'tests/example'),
        '-B',
        join(folder, 'build'),
        '-DCMAKE_BUILD_TYPE=Release',
        `-DCMAKE_PREFIX_PATH=${prefix};${packages}`,
    );
    run('cmake', '--build', join(folder, 'build'));

    const model = join(root, 'models/lenet.onnx');
    const [value, share] = run(join(folder, 'build/example'), model, drawing(), '1').trim().split(' ').map(Number);
    const told = JSON.parse(
        run(
            join(prefix, 'bin/pellucid'),
            'explain',
            'lrp',
            '--model',
            model,
            '--input',
            drawing(),
            '--target',
            'class:1',
            '--param',
            'composite=epsilon_plus',
            '--json',
        ),
    );
    const [expected] = [told.value].flat();
    assert.ok(Math.abs(value - expected) < 1e-4 * Math.abs(expected), `${value} is not ${expected}`);
    assert.ok(share > 0.5 && share <= 1, `of the relevance ${share} speaks for the class`);
});
