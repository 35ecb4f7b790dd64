// MNIST is fetched when asked, by curl and within limits: here a curl of ours, since tests ask nothing of the network.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
    chmodSync,
    existsSync,
    mkdirSync,
    mkdtempSync,
    readdirSync,
    readFileSync,
    rmSync,
    writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const lenet = join(root, 'models/lenet.onnx');
const folder = mkdtempSync(join(tmpdir(), 'pellucid-fetch-'));
after(() => rmSync(folder, { recursive: true }));
const place = (name) => join(folder, name);

describe('MNIST is fetched when asked, within limits', () => {
    /** A curl of ours at the head of PATH, that writes down how it was called. */
    const fetch = (script, ...rest) => {
        mkdirSync(place('bin'), { recursive: true });
        writeFileSync(
            place('bin/curl'),
            `#!/bin/bash\necho "$@" > ${place('called')}\nwhile [ "$1" != --output ]; do shift; done\n${script}\n`,
        );
        chmodSync(place('bin/curl'), 0o755);
        const env = {
            ...process.env,
            PELLUCID_MNIST_DIR: '',
            XDG_CACHE_HOME: place('cache'),
            PATH: `${place('bin')}:${process.env.PATH}`,
        };
        return spawnSync(join(root, 'build/native/pellucid'), ['evaluate', '--model', lenet, '--fetch', ...rest], {
            encoding: 'utf8',
            env,
            timeout: 30_000,
        });
    };
    const left = () => (existsSync(place('cache/pellucid/mnist')) ? readdirSync(place('cache/pellucid/mnist')) : []);
    test('only over https, without configuration files, limited in time and size', () => {
        const { status, stderr } = fetch('exit 22');
        assert.equal(status, 2);
        assert.match(stderr, /cannot fetch https:.*curl ended with code 22/);
        const called = readFileSync(place('called'), 'utf8');
        for (const words of [
            '--disable',
            '--proto =https',
            '--proto-redir =https',
            '--max-time 300',
            '--max-filesize 16000000',
            '--max-redirs 5',
        ])
            assert.ok(called.includes(words), words);
        assert.deepEqual(left(), []);
    });
    test('what does not end is ended', () => {
        const { status, stderr } = fetch('exec head -c 2000000000 /dev/zero > "$2"');
        assert.equal(status, 2);
        assert.match(stderr, /more than 16 MB came/);
        assert.deepEqual(left(), []);
    });
    test('what is something else is not kept', () => {
        const { status, stderr } = fetch('echo hello > "$2"');
        assert.equal(status, 2);
        assert.match(stderr, /another sha256/);
        assert.deepEqual(left(), []);
    });
});
