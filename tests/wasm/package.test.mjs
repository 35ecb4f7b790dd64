// The packed npm file: what is in it, and that it works where nothing else is.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { inFolder, root } from './support.mjs';

const npm = (folder, cache, ...args) =>
    execFileSync('npm', [...args, '--offline', '--no-audit', '--no-fund', '--loglevel=error'], {
        cwd: folder,
        encoding: 'utf8',
        env: { ...process.env, npm_config_cache: cache },
    });

const script = `
import { load, PellucidError } from 'pellucid';
const pellucid = await load({ workers: 2 });
const model = await pellucid.loadModel(import.meta.resolve('pellucid/lenet.onnx'));
await model.attach('patterns', import.meta.resolve('pellucid/lenet.patterns.onnx'));
const { drawing } = await pellucid.penDigit(7);
const { input, prediction } = await model.live(drawing, []);
const { map, value } = await model.explain('pattern_attribution', input.data, { target: 'class:7' });
const refusal = await model.explain('tea_leaves', input.data)
    .catch((error) => error instanceof PellucidError && error.code);
const finite = map.data.every(Number.isFinite);
console.log(JSON.stringify({ predicted: prediction.predicted, pixels: map.data.length, finite, value, refusal }));
pellucid.dispose();
`;

const typed = `
import { load, type Explanation, type LiveFrame, type ModelSource, PellucidError } from 'pellucid';
const source: ModelSource = new Blob([]);
const pellucid = await load({ workers: 1, variant: 'scalar' });
using model = await pellucid.loadModel(source, { signal: AbortSignal.timeout(1000) });
const frame: LiveFrame = await model.live(new Float32Array(784), [{ method: 'lrp', params: { epsilon: 0.1 } }]);
const one: Explanation | Error = frame.explanations[0]!;
export const answer: number = one instanceof Error ? (one as PellucidError).message.length : one.map.data[0]!;
// @ts-expect-error: there is no such option
await model.explain('lrp', frame.input.data, { tagret: 'class:3' });
`;

test('packed, installed into an empty folder, it explains the model that comes with it', () =>
    inFolder(async (folder) => {
        const cache = join(folder, 'cache');
        npm(join(root, 'wasm'), cache, 'pack', '--ignore-scripts', '--pack-destination', folder);
        const [tarball] = (await readdir(folder)).filter((name) => name.endsWith('.tgz'));
        const app = join(folder, 'app');
        await mkdir(app);
        await writeFile(join(app, 'package.json'), '{ "name": "app", "version": "1.0.0", "type": "module" }');
        npm(app, cache, 'install', join(folder, tarball));

        const installed = join(app, 'node_modules/pellucid');
        const files = await readdir(installed, { recursive: true });
        for (const file of [
            'LICENSE',
            'README.md',
            'package.json',
            'dist/LICENSE',
            'dist/index.d.ts',
            'dist/types.d.ts',
            'dist/lenet.onnx',
            'dist/lenet.league.json',
            'dist/audit.json',
        ]) {
            assert.ok(files.includes(file), `${file} is not packed`);
        }
        const licence = await readFile(join(root, 'LICENSE'), 'utf8');
        for (const file of ['LICENSE', 'dist/LICENSE'])
            assert.equal(await readFile(join(installed, file), 'utf8'), licence);
        assert.deepEqual(
            files.filter((file) => /^(src|toolchain|build)\b/.test(file)),
            [],
            'sources are packed, too',
        );

        await writeFile(join(app, 'explain.js'), script);
        const said = JSON.parse(execFileSync(process.execPath, ['explain.js'], { cwd: app, encoding: 'utf8' }));
        assert.deepEqual(
            { ...said, value: said.value > 1 },
            { predicted: 7, pixels: 784, finite: true, value: true, refusal: 'bad_argument' },
        );

        // Its types, as strict users with either way of resolving see them; library files are checked as well.
        await writeFile(join(app, 'typed.ts'), typed);
        for (const [module, resolution] of [
            ['nodenext', 'nodenext'],
            ['esnext', 'bundler'],
        ]) {
            execFileSync(
                process.execPath,
                [
                    join(root, 'node_modules/typescript/bin/tsc'),
                    '--noEmit',
                    '--strict',
                    '--exactOptionalPropertyTypes',
                    '--target',
                    'es2022',
                    '--lib',
                    'es2022,dom,esnext.disposable',
                    '--module',
                    module,
                    '--moduleResolution',
                    resolution,
                    'typed.ts',
                ],
                { cwd: app, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] },
            );
        }
    }));
