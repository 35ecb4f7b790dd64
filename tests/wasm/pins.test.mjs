// What the set-up takes from Debian is what was recorded: a changed byte, a missing and an additional file are noticed.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { appendFile, cp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { inFolder, root } from './support.mjs';

/** Runs commands with the functions of the set-up at hand; what they print, whether they succeed or not. */
function shell(commands, environment = {}) {
    const script = `. wasm/toolchain/common.sh; . wasm/toolchain/deps.sh; ${commands}`;
    try {
        return {
            ok: true,
            said: execFileSync('bash', ['-c', script], {
                cwd: root,
                encoding: 'utf8',
                stdio: ['ignore', 'pipe', 'pipe'],
                env: { ...process.env, ...environment },
            }),
        };
    } catch ({ stdout, stderr }) {
        return { ok: false, said: stdout + stderr };
    }
}

test('headers that differ from the recorded ones are named, and refused unless asked for', () =>
    inFolder(async (folder) => {
        for (const name of (await readFile(join(root, 'wasm/toolchain/deps.sh'), 'utf8'))
            .match(/^\w+ +[\d.]+ +[0-9a-f]{64}$/gm)
            .map((line) => line.split(' ')[0])) {
            if (name !== 'emscripten')
                await cp(join(root, 'build/deps/include', name), join(folder, name), {
                    recursive: true,
                    dereference: true,
                });
        }
        const before = shell(`unpinned '${folder}'`);
        assert.ok(before.ok, before.said);
        // The machine's own headers may be others, by PELLUCID_HEADERS.
        if (!process.env.PELLUCID_HEADERS && !process.env.PELLUCID_UNPINNED) assert.equal(before.said, '');
        const changes = {
            xtl: () => appendFile(join(folder, 'xtl/xtl_config.hpp'), '\n'),
            stb: () => writeFile(join(folder, 'stb/more.h'), ''),
            fmt: () => rm(join(folder, 'fmt/core.h')),
            doctest: () => rm(join(folder, 'doctest'), { recursive: true }),
        };
        for (const [name, change] of Object.entries(changes)) {
            await change();
            assert.match(shell(`unpinned '${folder}'`).said, new RegExp(`^${name} is not the recorded \\d`, 'm'));
        }
        const refused = shell(`refuse_unpinned '${folder}'`, { PELLUCID_UNPINNED: '' });
        assert.ok(!refused.ok);
        for (const words of ['xtl is not', 'fmt is not', 'PELLUCID_UNPINNED=1'])
            assert.ok(refused.said.includes(words), refused.said);
        assert.ok(shell(`refuse_unpinned '${folder}'`, { PELLUCID_UNPINNED: '1' }).ok);
    }));

test('other pins are another folder of the cache', () => {
    const key = (change) =>
        shell(`. wasm/toolchain/trixie.sh; ${change} mkdir() { :; }; touch() { :; }; apt_install() { exit 0; }
        apt_mirror() { echo none; }; have() { [ "$1" != mmdebstrap ]; }; cache=/nowhere
        trap 'echo "$trixie"' EXIT; bring_trixie emscripten`).said.match(/debian13-\w+/)?.[0];
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the shell's own
    const [one, same, other] = [key(''), key(''), key('pins=${pins/0.25.0/0.25.1};')];
    assert.ok(one && one === same, `${one} ${same}`);
    assert.notEqual(one, other);
});
