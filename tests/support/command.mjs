// The command in a test: a folder of the file's own, and what comes back.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../..', import.meta.url));
export const model = (name) => join(root, `models/${name}.onnx`);

/** Runs the command to its end. */
export const pellucid = (...args) =>
    spawnSync(join(root, 'build/native/pellucid'), args, { encoding: 'utf8', maxBuffer: 1e8 });

/** What it answers as JSON; fails where it refuses. */
export const json = (...args) => {
    const { status, stdout, stderr } = pellucid(...args, '--json');
    assert.equal(status, 0, stderr);
    return JSON.parse(stdout);
};

/** It refuses, with a sentence like this. */
export const refused = (pattern, ...args) => {
    const { status, stdout, stderr } = pellucid(...args);
    assert.equal(status, 2, `${stdout}${stderr}`);
    assert.match(stderr, pattern);
};

/** Paths in a new folder, which is gone after the file's last test. */
export function placeFor(name) {
    const folder = mkdtempSync(join(tmpdir(), `pellucid-${name}-`));
    after(() => rmSync(folder, { recursive: true }));
    return (file) => join(folder, file);
}
