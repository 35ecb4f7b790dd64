// What methods need beside the network, batches, targets for each input, and how far a run is.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { few } from './answers.mjs';
import { inputFor, lenet, load, networks } from './support.mjs';

let pellucid;
let model;
before(async () => {
    pellucid = await load({ workers: 2 });
    model = await pellucid.loadModel(lenet);
});
after(() => pellucid.dispose());

const patterns = lenet.replace('.onnx', '.patterns.onnx');

/** An IDX file of `count` images of the given side, or, without a side, of labels. */
function idx(values, side) {
    const sizes = side ? [values.length / (side * side), side, side] : [values.length];
    const bytes = new Uint8Array(4 + 4 * sizes.length + values.length);
    const view = new DataView(bytes.buffer);
    view.setUint32(0, 0x0800 + sizes.length);
    sizes.forEach((size, axis) => view.setUint32(4 + 4 * axis, size));
    bytes.set(values, 4 + 4 * sizes.length);
    return bytes;
}

test('patterns are attached and detached, and their lack says how to give them', async () => {
    const input = await inputFor(pellucid, model);
    const ask = () => model.explain('pattern_net', input, { target: 'class:3' });
    await assert.rejects(ask(), { code: 'unsupported', message: /pattern_net needs patterns .*attach\('patterns'/ });
    await model.attach('patterns', await readFile(patterns));
    assert.ok((await ask()).map.data.some((value) => value !== 0));
    await model.detach('patterns');
    await assert.rejects(ask(), { code: 'unsupported' });
    await model.detach('patterns');
});

test('every role takes what belongs to it, and nothing else', async () => {
    const { drawing } = await pellucid.penDigit(4);
    await model.attach('strokes', drawing);
    await assert.rejects(model.attach('strokes', lenet), { code: 'bad_argument', message: /drawing/ });
    await assert.rejects(
        model.attach('strokes', { ...drawing, strokes: [{ points: new Float32Array([1, 2, 0]), width: -1 }] }),
        { code: 'bad_argument' },
    );
    for (const role of ['second', 'generator', 'expert']) {
        await model.attach(role, networks.at(-1));
        await assert.rejects(model.attach(role, new Uint8Array(10)), { code: 'bad_file' });
    }
    await model.attach('statistics', new Uint8Array([1, 2, 3]));
    const images = idx(new Uint8Array(2 * 784), 28);
    const labels = idx(new Uint8Array([3, 5]));
    await model.attach('data', images);
    await model.attach('data', { images, labels });
    await model.attach('data', { images: new Blob([images, labels]) });
    await assert.rejects(model.attach('data', { images, labels: idx(new Uint8Array([3])) }), {
        code: 'bad_argument',
        message: /1 labels for 2 images/,
    });
    await assert.rejects(model.attach('data', { labels }), { code: 'bad_argument', message: /images/ });
    await assert.rejects(model.attach('data', { images, names: labels }), { code: 'bad_argument', message: /names/ });
    for (const role of ['pattern', 7, undefined, null, {}]) {
        await assert.rejects(model.attach(role, images), { code: 'bad_argument', message: /role/ });
        await assert.rejects(model.detach(role), { code: 'bad_argument', message: /role/ });
    }
    for (const role of ['strokes', 'second', 'generator', 'expert', 'statistics', 'data']) await model.detach(role);
});

test('batches: each input is explained as it would be alone, of one target or one each', async () => {
    const inputs = await Promise.all(
        [4, 7, 1].map(async (index) => (await pellucid.normalise((await pellucid.penDigit(index)).drawing)).input.data),
    );
    const batch = new Float32Array(3 * 784);
    inputs.forEach((input, n) => batch.set(input, 784 * n));
    for (const method of ['gradient', 'smoothgrad', 'lrp', 'pgd']) {
        for (const target of ['class:3', ['class:4', 'class:4', 'class:1'], 'predicted']) {
            const together = await model.explain(method, batch, { target });
            assert.equal(together.map.samples, 3);
            assert.equal(together.values.length, 3);
            assert.deepEqual(together.state.done, together.state.most);
            assert.equal(together.state.finished, true);
            assert.equal(together.progress, 1);
            if (Array.isArray(target)) assert.deepEqual(together.targets, target);
            else assert.equal(together.targets, undefined);
            for (const [n, input] of inputs.entries()) {
                const alone = await model.explain(method, input, {
                    target: Array.isArray(target) ? target[n] : target,
                });
                assert.ok(Math.abs(alone.value - together.values[n]) < 1e-3, `${method} of ${target}`);
                const largest = alone.map.data.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-6);
                alone.map.data.forEach((value, i) => {
                    assert.ok(
                        Math.abs(value - together.map.data[784 * n + i]) < 2e-3 * largest,
                        `${method} of ${target}: ${n}, ${i}`,
                    );
                });
            }
        }
    }
    await assert.rejects(model.explain('gradient', batch, { target: ['class:1', 'class:2'] }), {
        code: 'bad_argument',
        message: /2 targets for 3 inputs/,
    });
    await assert.rejects(model.explain('gradient', batch, { target: [] }), { code: 'bad_argument' });
    await assert.rejects(model.explain('gradient', batch, { target: ['class:1', 2, 'class:3'] }), {
        code: 'bad_argument',
    });
    await assert.rejects(model.explain('gradient', new Float32Array(785)), { code: 'bad_shape' });
    await assert.rejects(model.predict(batch), { code: 'bad_shape', message: /one was expected/ });
});

test('how far a run is: parts done, at most, and whether it is over', async () => {
    const input = await inputFor(pellucid, model);
    const states = [];
    const { state } = await model.explain('pgd', input, {
        params: { steps: 400 },
        onProgress: (snapshot) => states.push(snapshot.state),
    });
    assert.deepEqual(state, { done: 400, most: 400, finished: true });
    assert.ok(states.length > 1);
    for (const { done, most, finished } of states)
        assert.ok(most === 400 && finished === (done === 400), `${done} of ${most}`);
});

test('methods of the second module answer like the others, and with what was attached before it came', async () => {
    const studio = pellucid.methods.filter(({ module }) => module === 'studio');
    const other = await load({ workers: 2 });
    try {
        const own = await other.loadModel(lenet);
        await own.attach('patterns', patterns);
        const input = await inputFor(other, own);
        for (const card of studio
            .filter((card) => card.needs.every((role) => role === 'patterns'))
            .filter((card, index) => index < 3 || card.outputs[0].kind !== 'map')) {
            const { id } = card;
            const params = few(card);
            const [one, two] = await Promise.all([
                own.explain(id, input, { params }),
                own.live(input, [{ method: id, params }, { method: 'gradient' }]),
            ]);
            assert.equal(two.explanations.length, 2);
            assert.ok(!(two.explanations[0] instanceof Error), String(two.explanations[0]));
            assert.deepEqual(one.value, two.explanations[0].value);
            const [{ kind }] = card.outputs;
            assert.equal(one.map.data.length > 0, kind === 'map', id);
        }
        own.dispose();
    } finally {
        other.dispose();
    }
});

test('results without a map, one after another from the same worker', async () => {
    // Their empty `map` was one buffer for all, which left with the first answer.
    const input = await inputFor(pellucid, model);
    for (let i = 0; i < 4; ++i) {
        const { map, outputs } = await model.explain('channel_attribution', input, { target: 'class:3' });
        assert.equal(map.data.length, 0);
        assert.ok(Object.keys(outputs).length > 0);
    }
});
