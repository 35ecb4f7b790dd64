// Training in WebAssembly: the core's own training as a run that is watched, held, stopped, saved and taken up again.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { load, PellucidError, root } from './support.mjs';

let pellucid, model;
before(async () => {
    pellucid = await load({ workers: 1 });
    model = await pellucid.loadModel(await readFile(join(root, 'tests/parity/networks/residual.onnx')));
});
after(() => pellucid.dispose());

/** As plain_bars() in tests/train/training_run.cpp. */
function bars(count, rows = 12, columns = 10) {
    const images = new Uint8Array(count * rows * columns);
    const labels = Array.from({ length: count }, (_, n) => n % 3);
    for (let n = 0; n < count; ++n) {
        const place = 3 + ((n * 7) % 5);
        for (let y = 0; y < rows; ++y) {
            for (let x = 0; x < columns; ++x) {
                const ink = [y === place, x === place, (x + place) % rows === y][labels[n]];
                images[(n * rows + y) * columns + x] = (ink ? 190 : 0) + ((n * 31 + y * 17 + x * 5) % 60);
            }
        }
    }
    return { images, labels };
}

const options = { epochs: 8, batch: 16, learningRate: 0.02, fresh: true, defence: 'fgsm', epsilon: 0.05 };
const { images, labels } = bars(60);

const trained = async (more = {}) => {
    const training = await model.train(images, labels, { ...options, ...more });
    return { training, end: await training.run() };
};

test('the loss falls as it does natively, against attacked images too; the network can be loaded', async () => {
    const { training, end } = await trained();
    assert.deepEqual(end.state, { done: 32, most: 32, finished: true });
    assert.equal(end.progress, 1);
    assert.deepEqual(
        [...end.loss.at],
        Array.from({ length: 32 }, (_, i) => i + 1),
    );
    // The numbers of the native test of the same training (tests/train/training_run.cpp).
    const native = { 0: 1.71085, 1: 1.93291, 5: 1.49524, 31: 1.04758 };
    for (const [step, loss] of Object.entries(native))
        assert.ok(Math.abs(end.loss.values[step] - loss) < 5e-3 * loss, `step ${step}: ${end.loss.values[step]}`);
    const after = await pellucid.loadModel(await training.network());
    const certainty = async (network) => {
        let sum = 0;
        for (let n = 0; n < 12; ++n) {
            const input = Float32Array.from(images.slice(120 * n, 120 * (n + 1)), (byte) => byte / 255);
            sum += (await network.predict(input)).probabilities[labels[n]];
        }
        return sum / 12;
    };
    const [learned, untrained] = [await certainty(after), await certainty(model)];
    assert.ok(learned > 0.3 && learned > untrained + 0.05, `${learned} of the right class, ${untrained} before`);
    after.dispose();
    training.dispose();
});

test('stopped by a signal it goes on from there; saved, it is taken up; both end the same, bit by bit', async () => {
    const { training: whole } = await trained();
    const stopped = await model.train(images, labels, options);
    const controller = new AbortController();
    const steps = [];
    await assert.rejects(
        stopped.run({
            signal: controller.signal,
            hold: async () => {
                steps.push(stopped.progress.state.done);
                if (steps.length === 2) controller.abort(new Error('enough'));
            },
        }),
        /enough/,
    );
    const state = await stopped.save();
    const done = stopped.progress.state.done;
    assert.ok(done > 0 && steps[0] === 0);
    const taken = await model.train(images, labels, { ...options, from: state });
    assert.equal(taken.progress.state.done, done);
    for (const training of [stopped, taken]) {
        const seen = [];
        await training.run({ onProgress: ({ state: { done } }) => seen.push(done) });
        assert.equal(seen.at(-1) ?? 32, 32);
        assert.deepEqual(await training.network(), await whole.network());
    }
    for (const training of [whole, stopped, taken]) training.dispose();
});

test('shares of ink are as good as bytes', async () => {
    const floats = Float32Array.from(images, (byte) => byte / 255);
    const one = await model.train(images, labels, { ...options, epochs: 1 });
    const other = await model.train(floats, Uint8Array.from(labels), { ...options, epochs: 1 });
    await one.run();
    await other.run();
    assert.deepEqual(await one.network(), await other.network());
    one.dispose();
    other.dispose();
});

test('what cannot be trained is refused with a sentence', async () => {
    const refused = (call, code, words) =>
        assert.rejects(call, (error) => {
            assert.ok(error instanceof PellucidError, String(error));
            assert.equal(error.code, code);
            assert.match(error.message, words);
            return true;
        });
    await refused(model.train([0, 1], labels), 'bad_argument', /images .* must be a Float32Array/);
    await refused(model.train(images, 'labels'), 'bad_argument', /labels are an Array or a Uint8Array/);
    await refused(model.train(images, [1.5]), 'bad_argument', /label 0 is the number 1.5/);
    await refused(model.train(Float32Array.of(2), labels), 'bad_argument', /number 0 is 2; all must be from 0 to 1/);
    await refused(model.train(images.slice(1), labels), 'bad_shape', /no multiple of an image's 120/);
    await refused(model.train(images, labels.slice(1)), 'bad_argument', /one each/);
    await refused(model.train(images, labels, { epoch: 3 }), 'bad_argument', /no option 'epoch'/);
    await refused(model.train(images, labels, { epochs: -1 }), 'bad_argument', /epochs must be a whole number/);
    await refused(model.train(images, labels, { batch: 0 }), 'bad_argument', /batch must be at least 1/);
    await refused(model.train(images, labels, { learningRate: 0 }), 'bad_argument', /learning_rate must be above 0/);
    await refused(model.train(images, labels, { defence: 'prayer' }), 'bad_argument', /no defence 'prayer'/);
    await refused(model.train(images, labels, { from: new Uint8Array(30) }), 'bad_file', /not a saved training/);
    await refused((await model.train(images, labels.with(0, 9))).run(), 'bad_argument', /label 9 is no class/);
    const training = await model.train(images, labels, options);
    training.dispose();
    await refused(training.run(), 'disposed', /disposed of/);
});
