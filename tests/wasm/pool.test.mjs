// Many workers answer what one worker answers, to the last bit; runs report, stop, and leave nothing behind.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { few } from './answers.mjs';
import { inputFor, load, networks } from './support.mjs';

let one, many, single, pooled, input;
/** Those that need no patterns: not every network here has any. */
let methods;
before(async () => {
    [one, many] = await Promise.all([load({ workers: 1 }), load({ workers: 3 })]);
    [single, pooled] = await Promise.all([one.loadModel(networks[0]), many.loadModel(networks[0])]);
    input = await inputFor(one, single);
    methods = [];
    for (const card of many.methods.filter(({ needs }) => needs.length === 0)) {
        // Some have no answer for such a network.
        const outcome = await pooled.explain(card.id, input, { params: few(card) }).catch((error) => error);
        if (outcome.code !== 'unsupported') methods.push(card);
    }
});
after(() => {
    one.dispose();
    many.dispose();
});

/** Without what time decides. */
const timeless = ({ milliseconds, ...explanation }) => {
    assert.ok(milliseconds >= 0);
    return explanation;
};

/** Enough parts that the pool takes part, and never so few that it is not worth it; a training has but one. */
const longer = {
    ablation_test: { epochs: 1 },
    smoothgrad: { samples: 1500 },
    integrated_gradients: { points: 500 },
    pgd: { steps: 200, step_size: 0.002 },
};

test('a spread run equals a serial one', async () => {
    for (const { id, progressive } of methods) {
        const params = longer[id] ?? {};
        const expected = timeless(await single.explain(id, input, { params }));
        const answer = timeless(await pooled.explain(id, input, { params }));
        assert.deepEqual(answer, expected, id);
        assert.equal(answer.progress, 1);
        assert.equal(answer.method, id);
        assert.equal(typeof progressive, 'boolean');
    }
});

test('asked again, when its cost is known, a run answers the same', async () => {
    for (const id of ['occlusion', 'smoothgrad', 'integrated_gradients']) {
        const expected = timeless(await single.explain(id, input));
        for (let round = 0; round < 4; ++round)
            assert.deepEqual(timeless(await pooled.explain(id, input)), expected, id);
    }
});

test('a shared run that fails says why, and the next ones are answered', async () => {
    const ask = (more = {}) => [{ method: 'occlusion', ...more }];
    // Its cost is known from the first time; from then on it is shared.
    for (let round = 0; round < 3; ++round) await pooled.live(input, ask());
    const expected = timeless(await single.explain('occlusion', input));
    const target = 'class:12345';
    const refused = await single.explain('occlusion', input, { target }).catch((error) => error);
    assert.equal(refused.code, 'bad_argument');
    for (let round = 0; round < 3; ++round) {
        await assert.rejects(pooled.explain('occlusion', input, { target }), {
            code: refused.code,
            message: refused.message,
        });
        const [failed] = (await pooled.live(input, ask({ target }))).explanations;
        assert.equal(failed.message, refused.message);
        await assert.rejects(
            pooled.live(
                input.map(() => NaN),
                ask(),
            ),
            { code: 'bad_argument' },
        );
        // Several at once: each has its own keeper, and all wait for each other's letters.
        const frames = await Promise.all(Array.from({ length: 4 }, () => pooled.live(input, ask())));
        for (const { explanations } of frames) assert.deepEqual(timeless(explanations[0]), expected);
        assert.deepEqual(timeless(await pooled.explain('occlusion', input)), expected);
    }
});

test('snapshots come in order, and the last one is the answer', async () => {
    for (const model of [single, pooled]) {
        for (const method of ['smoothgrad', 'pgd']) {
            const snapshots = [];
            const params = longer[method];
            const answer = await model.explain(method, input, {
                params,
                onProgress: (snapshot) => snapshots.push(snapshot),
            });
            assert.ok(snapshots.length > 2, `${method}: ${snapshots.length} snapshots`);
            snapshots.reduce((before, snapshot) => {
                assert.ok(snapshot.progress >= before.progress);
                assert.equal(snapshot.map.data.length, input.length);
                return snapshot;
            });
            assert.ok(snapshots[0].progress < 1);
            assert.deepEqual(timeless(snapshots.at(-1)), timeless(answer));
        }
    }
});

test('a frame answers everything at once, each like a call of its own', async () => {
    const requests = methods.map((card) => ({ method: card.id, params: few(card) }));
    requests.push(
        { method: 'gradient', target: 'class:0' },
        { method: 'nothing' },
        { method: 'lrp', params: { epsilon: -1 } },
        { method: 'lrp', params: { epsilon: [] } },
    );
    for (let round = 0; round < 3; ++round) {
        const frame = await pooled.live(input, requests);
        assert.equal(frame.explanations.length, requests.length);
        assert.equal(frame.normalised, null);
        assert.deepEqual(frame.input, { data: input, ...pooled.input });
        assert.deepEqual(frame.prediction, await single.predict(input));
        for (const [index, card] of methods.entries()) {
            const alone = await single.explain(card.id, input, { params: few(card) });
            assert.deepEqual(timeless(frame.explanations[index]), timeless(alone), card.id);
        }
        assert.equal(frame.explanations.at(-4).target, 'class:0');
        for (const [index, words] of [
            [-3, 'there is no method'],
            [-2, 'epsilon'],
            [-1, 'Array'],
        ]) {
            const error = frame.explanations.at(index);
            assert.equal(error.code, 'bad_argument');
            assert.match(error.message, new RegExp(words));
        }
    }
});

test('a drawing is normalised on the way', async (context) => {
    if (pooled.input.height !== 28) return context.skip('models/lenet.onnx is not there');
    const { label, drawing } = await many.penDigit(7);
    const frame = await pooled.live(drawing, [{ method: 'gradient' }, { method: 'occlusion' }, { method: 'lrp' }]);
    const expected = await many.normalise(drawing);
    assert.deepEqual(frame.normalised, expected);
    assert.deepEqual(frame.input, expected.input);
    assert.equal(frame.prediction.predicted, label);
    assert.equal(frame.prediction.logits.length, 10);
    for (const explanation of frame.explanations) assert.ok(!(explanation instanceof Error), String(explanation));
    assert.deepEqual(timeless(frame.explanations[1]), timeless(await single.explain('occlusion', expected.input.data)));
    const blank = await pooled.live({ width: 280, height: 280, strokes: [] }, [{ method: 'gradient' }]);
    assert.equal(Math.max(...blank.input.data), 0);
});

test('frames go on while a long run is under way, and the run can be stopped', async () => {
    for (const model of [single, pooled]) {
        for (const method of ['pgd', 'smoothgrad']) {
            const controller = new AbortController();
            const params = method === 'pgd' ? { steps: 10000, step_size: 0.00001 } : { samples: 10000 };
            let snapshots = 0;
            const run = model.explain(method, input, {
                params,
                signal: controller.signal,
                onProgress: () => {
                    ++snapshots;
                },
            });
            run.catch(() => {});
            for (let frame = 0; frame < 5; ++frame) await model.live(input, [{ method: 'gradient' }]);
            controller.abort();
            await assert.rejects(run, { name: 'AbortError' });
            const before = snapshots;
            await model.live(input, [{ method: 'gradient' }]);
            assert.equal(snapshots, before, 'a stopped run reports no more');
        }
    }
});

test('a run is held, goes on to the same answer, and stops while it is held', async () => {
    const rest = () =>
        new Promise((resolve) => {
            setTimeout(resolve, 60);
        });
    for (const model of [single, pooled]) {
        for (const method of ['pgd', 'smoothgrad']) {
            const params = longer[method];
            const expected = timeless(await model.explain(method, input, { params }));
            let go;
            let gate;
            let snapshots = 0;
            const close = () => {
                gate = new Promise((resolve) => {
                    go = resolve;
                });
            };
            const onProgress = () => {
                if (++snapshots === 2) close();
            };
            const run = model.explain(method, input, { params, onProgress, hold: () => gate });
            while (snapshots < 2) await rest();
            await rest();
            const before = snapshots;
            await rest();
            assert.equal(snapshots, before, `${method}: nothing is reported while it is held`);
            gate = undefined;
            go();
            assert.deepEqual(timeless(await run), expected, method);

            const controller = new AbortController();
            snapshots = 0;
            const other = model.explain(method, input, {
                params,
                onProgress,
                hold: () => gate,
                signal: controller.signal,
            });
            other.catch(() => {});
            while (snapshots < 2) await rest();
            controller.abort();
            await assert.rejects(other, { name: 'AbortError' });
            go();
            gate = undefined;
        }
    }
});

test('what is stopped before it begins never begins', async () => {
    const signal = AbortSignal.abort();
    await assert.rejects(pooled.explain('gradient', input, { signal }), { name: 'AbortError' });
    await assert.rejects(pooled.live(input, [], { signal }), { name: 'AbortError' });
    await assert.rejects(many.loadModel(networks[0], { signal }), { name: 'AbortError' });
    await assert.rejects(load({ signal }), { name: 'AbortError' });
});

test('callers keep their arrays, and may change them at once', async () => {
    const mine = input.slice();
    await pooled.live(mine, [{ method: 'gradient' }]);
    await pooled.explain('occlusion', mine);
    assert.deepEqual(mine, input);
    const calls = [
        pooled.explain('gradient', mine),
        pooled.explain('smoothgrad', mine, { params: longer.smoothgrad }),
        pooled.live(mine, [{ method: 'occlusion' }]),
        pooled.predict(mine),
    ];
    mine.fill(0);
    const [gradient, smooth, frame, prediction] = await Promise.all(calls);
    assert.deepEqual(timeless(gradient), timeless(await single.explain('gradient', input)));
    assert.deepEqual(
        timeless(smooth),
        timeless(await single.explain('smoothgrad', input, { params: longer.smoothgrad })),
    );
    assert.deepEqual(timeless(frame.explanations[0]), timeless(await single.explain('occlusion', input)));
    assert.deepEqual(prediction, await single.predict(input));
});

test('views of larger buffers are taken for what they show', async () => {
    const large = new Float32Array(10_000);
    large.set(input, 500);
    assert.deepEqual(await pooled.predict(large.subarray(500, 500 + input.length)), await single.predict(input));
});
