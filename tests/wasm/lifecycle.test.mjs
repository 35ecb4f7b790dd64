// Loading, falling back, disposing, crashing: no promise is left waiting, and everything that fails says why.
import assert from 'node:assert/strict';
import { cp, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { test } from 'node:test';
import { dist, inFolder, inputFor, load, networks } from './support.mjs';

/** A copy of the package in which one variant's worker goes through `change`, the body of a module. */
const changed = (variant, change, work) =>
    inFolder(async (folder) => {
        await cp(dist, folder, { recursive: true });
        await rename(join(folder, `worker-${variant}.js`), join(folder, 'worker-real.js'));
        await writeFile(
            join(folder, `worker-${variant}.js`),
            `import './worker-real.js';\nconst real = globalThis.onmessage;\n${change}`,
        );
        await work(pathToFileURL(`${folder}/`), folder);
    });

test('a core that computes wrong numbers is not used', async () => {
    const lie = `
        const post = globalThis.postMessage;
        globalThis.postMessage = (reply, transfer) => {
            if (reply.answer?.selfTest) reply.answer.selfTest = false;
            post(reply, transfer);
        };`;
    await changed('simd128', lie, async (baseUrl) => {
        const pellucid = await load({ baseUrl, workers: 2 });
        assert.equal(pellucid.variant, 'scalar');
        pellucid.dispose();
        await assert.rejects(load({ baseUrl, variant: 'simd128' }), { code: 'load_failed', message: /wrong numbers/ });
    });
});

test('a core that does not compile is not used', async () => {
    await changed('simd128', '', async (baseUrl, folder) => {
        await writeFile(join(folder, 'pellucid-simd128.wasm'), 'nothing');
        const pellucid = await load({ baseUrl, workers: 1 });
        assert.equal(pellucid.variant, 'scalar');
        pellucid.dispose();
    });
});

test('a package that is not there', async () => {
    await assert.rejects(load({ baseUrl: 'file:///no/such/folder/' }), {
        code: 'load_failed',
        message: /no\/such\/folder/,
    });
});

test('progress of loading', async () => {
    const reports = [];
    const pellucid = await load({ workers: 2, onProgress: (...report) => reports.push(report) });
    assert.deepEqual(reports, [
        ['core', 0, 1],
        ['core', 1, 1],
        ['workers', 1, 2],
        ['workers', 2, 2],
    ]);
    assert.equal(pellucid.workers, 2);
    pellucid.dispose();
});

test('after dispose nothing waits and everything is refused', async () => {
    const pellucid = await load({ workers: 2 });
    const model = await pellucid.loadModel(networks[0]);
    const input = await inputFor(pellucid, model);
    const disposed = { code: 'disposed', message: /disposed/ };
    const waiting = [
        model.predict(input),
        model.explain('gradient', input),
        model.live(input, [{ method: 'occlusion' }]),
        model.explain('smoothgrad', input, { params: { samples: 10000 } }),
        model.explain('pgd', input, { params: { steps: 10000 } }),
        pellucid.penDigit(1),
        pellucid.loadModel(networks[0]),
    ].map((promise) => assert.rejects(promise, disposed));
    pellucid.dispose();
    pellucid.dispose();
    await Promise.all(waiting);
    for (const call of [
        () => model.predict(input),
        () => model.explain('gradient', input),
        () => model.live(input, []),
        () => pellucid.penDigit(1),
        () => pellucid.loadModel(networks[0]),
        () => pellucid.normalise({ width: 1, height: 1, strokes: [] }),
    ]) {
        await assert.rejects(call(), disposed);
    }
    model.dispose();
});

test('a model that is disposed of leaves the others alone', async () => {
    const pellucid = await load({ workers: 2 });
    const [kept, gone] = await Promise.all([pellucid.loadModel(networks[0]), pellucid.loadModel(networks[0])]);
    const input = await inputFor(pellucid, kept);
    const disposed = { code: 'disposed', message: /model was disposed/ };
    const run = assert.rejects(gone.explain('smoothgrad', input, { params: { samples: 10000 } }), disposed);
    await gone.predict(input);
    gone[Symbol.dispose ?? 'dispose']();
    gone.dispose();
    await run;
    await assert.rejects(gone.predict(input), disposed);
    await assert.rejects(gone.live(input, []), disposed);
    await kept.explain('gradient', input);
    pellucid[Symbol.dispose ?? 'dispose']();
});

test('a worker that dies takes nobody with it into silence', async () => {
    const die = `globalThis.onmessage = (event) =>
        (event.data.operation === 'penDigit' ? process.exit(3) : real(event));`;
    await changed('scalar', die, async (baseUrl) => {
        const pellucid = await load({ baseUrl, variant: 'scalar', workers: 2 });
        const model = await pellucid.loadModel(networks[0]);
        const input = new Float32Array(model.input.height * model.input.width * model.input.channels);
        const crashed = { code: 'crashed', message: /worker stopped/ };
        const run = assert.rejects(model.explain('smoothgrad', input, { params: { samples: 10000 } }), crashed);
        await assert.rejects(pellucid.penDigit(3), crashed);
        await run;
        await assert.rejects(model.predict(input), crashed);
        pellucid.dispose();
    });
});
