// What layers put out, the arithmetic of single units, and networks with units changed: adding up, and as the command
// has it.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import {
    inFolder,
    inputFor,
    largest,
    lenet,
    load,
    native,
    networks,
    PellucidError,
    readNpy,
    writeNpy,
} from './support.mjs';

let pellucid;
before(async () => {
    pellucid = await load({ workers: 2 });
});
after(() => pellucid.dispose());

const refused = (promise, word) =>
    assert.rejects(promise, (error) => {
        assert.ok(error instanceof PellucidError, String(error));
        assert.equal(error.code, 'bad_argument');
        assert.match(error.message, word);
        return true;
    });
/** The part of a layer's values that a unit read. */
const windowOf = ({ data, width, channels }, { top, left, height, width: columns, firstChannel, input }) =>
    Array.from({ length: height * columns * input.channels }, (_, at) => {
        const [row, column, channel] = [
            Math.floor(at / input.channels / columns),
            Math.floor(at / input.channels) % columns,
            at % input.channels,
        ];
        return data[((top + row) * width + left + column) * channels + firstChannel + channel];
    });

for (const network of networks) {
    const name = network.split('/').at(-1);

    test(`${name}: every layer's values, and units that add up to them`, async () => {
        const model = await pellucid.loadModel(network);
        const input = await inputFor(pellucid, model);
        const all = await model.values(input);
        assert.deepEqual(
            all.map(({ layer }) => layer),
            ['input', ...model.layers.map((layer) => layer.name)],
        );
        assert.deepEqual([...all[0].values.data], [...input]);
        assert.deepEqual([...all.at(-1).values.data], [...(await model.predict(input)).output]);
        const byName = new Map(all.map(({ layer, values }) => [layer, values]));
        const kinds = new Set();
        for (const { layer, values } of all) {
            const size = largest(values.data);
            for (let at = 0; at < values.data.length; at += 1 + Math.floor(values.data.length / 7)) {
                const place = [
                    at % values.channels,
                    Math.floor(at / values.channels / values.width),
                    Math.floor(at / values.channels) % values.width,
                ];
                const unit = await model.computed(input, `${layer}/${place}`);
                const where = `${layer}/${place}`;
                assert.equal(unit.activation, values.data[at], where);
                kinds.add(unit.by);
                if (layer === 'input') continue;
                for (const read of unit.reads)
                    assert.deepEqual([...read.input.data], windowOf(byName.get(read.layer), read), where);
                const products = unit.reads.reduce(
                    (sum, read) =>
                        sum +
                        (read.weight
                            ? read.input.data.reduce(
                                  (total, value, index) => total + value * read.weight.data[index],
                                  0,
                              )
                            : 0),
                    unit.bias,
                );
                if (unit.by === 'sum' || unit.by === 'largest') {
                    assert.ok(Math.abs(products - unit.sum) <= 1e-9 * (1 + size), where);
                    assert.ok(
                        Math.abs(products - unit.activation) <= 1e-4 * size,
                        `${where}: ${products} and ${unit.activation}`,
                    );
                }
                if (unit.by === 'largest') assert.equal(unit.activation, Math.max(...unit.reads[0].input.data), where);
                if (unit.by === 'function') assert.equal(unit.sum, unit.reads[0].input.data[0], where);
                if (unit.op === 'Relu') assert.equal(unit.activation, Math.max(0, unit.sum), where);
            }
        }
        assert.ok(kinds.has('sum') && kinds.has('function'), [...kinds].join());
        await refused(model.computed(input, 'nowhere/0,0,0'), /nowhere/);
        await refused(model.computed(input, `${model.layers[0].name}/9999,0,0`), /9999|outside/);
        model.dispose();
        await assert.rejects(model.values(input), { code: 'disposed' });
    });

    test(`${name}: changing nothing changes no bit; what is off is off, as the command has it`, async () =>
        inFolder(async (folder) => {
            const model = await pellucid.loadModel(network);
            const input = await inputFor(pellucid, model);
            const { height, width, channels } = model.input;
            await writeNpy(join(folder, 'input.npy'), input, [1, height, width, channels]);
            const [first, second] = model.layers.map((layer) => layer.name);
            const options = { target: 'class:1' };
            const plain = {
                prediction: await model.predict(input),
                lrp: await model.explain('lrp', input, options),
                gradient: await model.explain('gradient', input, options),
            };
            for (const nothing of [[], [`${first}/all*1`], [`${first}/0*1`, `${second}/all~0:5`]]) {
                const same = await model.without(nothing);
                assert.deepEqual(await same.predict(input), plain.prediction);
                for (const method of ['lrp', 'gradient'])
                    assert.deepEqual((await same.explain(method, input, options)).map, plain[method].map);
                assert.deepEqual(same.layers, model.layers);
                same.dispose();
            }
            for (const changes of [
                [`${first}/0`],
                [`${first}/all`],
                [`${first}/0,1,1;1*0.5`, `${second}/1~0.25:7`],
                [`input/all*0.5`],
            ]) {
                const broken = await model.without(changes);
                const { logits } = await broken.predict(input);
                for (const method of ['gradient', 'lrp']) {
                    const ours = await broken.explain(method, input, options);
                    assert.ok(Math.abs(ours.value - logits[1]) <= 1e-5 * (1 + largest(logits)));
                    const printed = JSON.parse(
                        await native(
                            'explain',
                            method,
                            '--model',
                            network,
                            '--input',
                            join(folder, 'input.npy'),
                            '--target',
                            'class:1',
                            ...changes.flatMap((change) => ['--without', change]),
                            '--out',
                            join(folder, method),
                            '--json',
                        ),
                    );
                    assert.ok(
                        Math.abs(printed.value - ours.value) <= 1e-4 * (1 + Math.abs(ours.value)),
                        `${changes}: ${printed.value} and ${ours.value}`,
                    );
                    const theirs = await readNpy(join(folder, method, 'result.npy'));
                    const scale = Math.max(largest(theirs), 1e-6);
                    theirs.forEach((value, at) =>
                        assert.ok(Math.abs(value - ours.map.data[at]) <= 1e-3 * scale, `${changes} ${method} ${at}`),
                    );
                }
                broken.dispose();
            }
            assert.deepEqual(await model.predict(input), plain.prediction);
            const off = await model.without([`${first}/all`]);
            const values = new Map((await off.values(input)).map(({ layer, values: { data } }) => [layer, data]));
            assert.ok(values.get(`${first}_without`).every((value) => value === 0));
            assert.ok(values.get(first).some((value) => value !== 0));
            // Changes of what is changed already go behind them.
            const more = await off.without([`${second}/0*0.5`]);
            assert.ok(
                more.layers.some((layer) => layer.name === `${second}_without`) &&
                    more.layers.some((layer) => layer.name === `${first}_without`),
            );
            for (const each of [off, more, model]) each.dispose();
        }));
}

test('live frames, studio methods and attachments of a changed network; the ablation says the same', async () => {
    const model = await pellucid.loadModel(lenet);
    const { drawing } = await pellucid.penDigit(4);
    const layer = model.layers.find(({ op }) => op === 'Relu').name;
    const broken = await model.without([`${layer}/0;3`]);
    const live = await broken.live(drawing, [
        { method: 'occlusion' },
        { method: 'activations', params: { layer: `${layer}_without` } },
    ]);
    assert.ok(live.explanations.every((each) => !(each instanceof Error)));
    const { images } = live.explanations[1].outputs.channels;
    images.forEach(({ data }, channel) =>
        assert.equal(
            data.every((value) => value === 0),
            [0, 3].includes(channel) || !data.some((value) => value > 0),
        ),
    );
    const ablation = await model.explain('unit_ablation', live.input.data, { params: { layer, units: '0;3' } });
    ablation.outputs.answer.values[0].forEach((value, digit) =>
        assert.ok(Math.abs(value - live.prediction.probabilities[digit]) <= 1e-5),
    );
    const rise = await broken.explain('rise', live.input.data, { params: { samples: 50 } });
    assert.ok(rise.map.data.some((value) => value !== 0));
    // Patterns and statistics are of the whole network, and say so.
    await assert.rejects(
        broken.attach('patterns', lenet.replace('.onnx', '.patterns.onnx')),
        /patterns of another model/,
    );
    await broken.attach('statistics', lenet.replace('.onnx', '.statistics.bin'));
    await assert.rejects(
        broken.explain('neuron_statistics', live.input.data, { target: `channel:${layer}/0` }),
        /another|other/,
    );
    model.dispose();
    broken.dispose();
});

test('changes that cannot be made are refused', async () => {
    const model = await pellucid.loadModel(networks[0]);
    const layer = model.layers[0].name;
    const changes = [
        'nowhere/0',
        layer,
        `${layer}/`,
        `${layer}/9999`,
        `${layer}/0,99,0`,
        `${layer}/0*`,
        `${layer}/0*-1`,
        `${layer}/0*x`,
        `${layer}/0~-1`,
        `${layer}/0~1:x`,
        '',
    ];
    for (const change of changes)
        await refused(model.without([change]), /without|names no|names a layer|no unit|nowhere/);
    for (const wrong of [undefined, null, layer, { 0: `${layer}/0` }, [7], [`${layer}/0\u0000`]])
        await refused(model.without(wrong), /Array|text/);
    const input = await inputFor(pellucid, model);
    await refused(model.computed(input, 7), /conv2/);
    await refused(
        model.values(new Float32Array(0)).catch((error) => {
            throw Object.assign(error, { code: 'bad_argument' });
        }),
        /input/,
    );
    model.dispose();
    await assert.rejects(model.without([]), { code: 'disposed' });
});
