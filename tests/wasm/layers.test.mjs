// The relevance of every layer, and what single units received: the same as the command's, and adding up.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { inFolder, inputFor, largest, load, native, networks, PellucidError, readNpy, writeNpy } from './support.mjs';

let pellucid;
before(async () => {
    pellucid = await load({ workers: 2 });
});
after(() => pellucid.dispose());

const close = (a, b, scale, what) =>
    assert.ok(Math.abs(a - b) <= 1e-4 * scale, `${what}: ${a} and ${b}, at a scale of ${scale}`);
const unitName = (layer, { channel, row, column }) => `${layer}/${channel},${row},${column}`;

/** The place of a map's largest magnitude. */
function strongest({ data, width, channels }) {
    const at = data.reduce((best, value, index) => (Math.abs(value) > Math.abs(data[best]) ? index : best), 0);
    return {
        channel: at % channels,
        row: Math.floor(at / channels / width),
        column: Math.floor(at / channels) % width,
    };
}

const term = (message, { coefficient, input, weight, denominator }) =>
    (coefficient * input.value * weight.value * message.relevance) / denominator;

for (const network of networks) {
    for (const [method, params] of [
        ['lrp', { composite: 'epsilon_plus' }],
        ['lrp', { composite: 'epsilon_gamma_box' }],
        ['lrp', { composite: 'epsilon_alpha2_beta1' }],
        ['excitation_backprop', { contrastive: true }],
    ]) {
        test(`layers and units of ${network.split('/').at(-1)} by ${method} ${Object.entries(params)}`, async () => {
            const model = await pellucid.loadModel(network);
            const input = await inputFor(pellucid, model);
            const options = { target: 'class:1', params };
            const plain = await model.explain(method, input, options);
            assert.equal('layers' in plain, false);
            const { layers, map, ledger } = await model.explain(method, input, { ...options, layers: true });
            assert.equal(layers.length, ledger.length + 1);
            assert.equal(layers.at(-1).layer, 'input');
            assert.deepEqual(layers.at(-1).relevance, map);
            for (const { layer, relevance } of layers.slice(1)) {
                const unit = unitName(layer, strongest(relevance));
                const received = await model.received(method, input, unit, { ...options, strongest: 5 });
                const scale = largest(relevance.data);
                assert.equal(Math.abs(received.relevance), scale, unit);
                let sum = 0;
                for (const { messages, rest, count } of received.through) {
                    assert.equal(messages.length, Math.min(5, count));
                    for (const message of messages) {
                        sum += message.value;
                        if (message.terms.length === 0) continue;
                        const products = message.terms.reduce((total, each) => total + term(message, each), 0);
                        close(
                            products,
                            message.value,
                            Math.max(...message.terms.map((each) => Math.abs(term(message, each)))),
                            unit,
                        );
                    }
                    sum += rest;
                }
                close(sum, received.relevance, scale, unit);
            }
            model.dispose();
        });
    }
}

test('contributions of DeepLIFT: changes times weights times multipliers, and means of them', async () => {
    const model = await pellucid.loadModel(networks[0]);
    const input = await inputFor(pellucid, model);
    for (const [method, told] of [
        ['deeplift', true],
        ['deep_shap', false],
    ]) {
        const { layers, map, ledger, value, outputs } = await model.explain(method, input, { layers: true });
        assert.equal(layers.length, ledger.length + 1);
        assert.ok(layers.at(-1).relevance.data.every((each, index) => each === map.data[index])); // 0 and -0 alike
        const sum = ({ data }) => data.reduce((total, each) => total + each, 0);
        for (const { layer, relevance } of layers.slice(1)) {
            close(sum(relevance), value - outputs.baseline_value[0], Math.abs(value) + largest(relevance.data), layer);
            const unit = unitName(layer, strongest(relevance));
            const { through } = await model.received(method, input, unit);
            let received = 0;
            for (const { messages, rest, rule } of through) {
                received += rest;
                assert.equal(/mean over 32 baselines/.test(rule), !told);
                for (const message of messages) {
                    received += message.value;
                    if (message.terms.length === 0) continue;
                    assert.ok(told);
                    const [{ input: change, weight, denominator }] = message.terms;
                    assert.equal(change.is, 'Δa');
                    close(
                        (change.value * weight.value * message.multiplier) / denominator,
                        message.value,
                        Math.abs(message.value),
                        unit,
                    );
                }
            }
            close(received, Math.sign(received) * largest(relevance.data), largest(relevance.data), unit);
        }
    }
    model.dispose();
});

test('the command writes the same layers and tells the same messages', async () =>
    inFolder(async (folder) => {
        const model = await pellucid.loadModel(networks[0]);
        const input = await inputFor(pellucid, model);
        const { height, width, channels } = model.input;
        await writeNpy(join(folder, 'input.npy'), input, [1, height, width, channels]);
        const { layers } = await model.explain('lrp', input, { layers: true });
        const { layer, relevance } = layers.at(-3);
        const unit = unitName(layer, strongest(relevance));
        const printed = JSON.parse(
            await native(
                'explain',
                'lrp',
                '--model',
                networks[0],
                '--input',
                join(folder, 'input.npy'),
                '--out',
                join(folder, 'out'),
                '--layers',
                '--unit',
                unit,
                '--json',
            ),
        );
        assert.deepEqual(
            printed.layers.map((each) => each.layer),
            layers.map((each) => each.layer),
        );
        for (const each of layers) {
            const written = await readNpy(join(folder, 'out', `layer_${each.layer}.npy`));
            const scale = largest(each.relevance.data);
            written.forEach((value, index) =>
                close(value, each.relevance.data[index], scale, `${each.layer} ${index}`),
            );
        }
        const received = await model.received('lrp', input, unit);
        assert.equal(printed.received.through[0].rule, received.through[0].rule);
        const [theirs, ours] = [printed.received.through[0].messages[0], received.through[0].messages[0]];
        close(theirs.value, ours.value, Math.abs(ours.value), 'the strongest message');
        assert.deepEqual(theirs.unit, ours.unit);
        await assert.rejects(
            native('explain', 'gradient', '--model', networks[0], '--input', join(folder, 'input.npy'), '--layers'),
            /no relevance/,
        );
        model.dispose();
    }));

test('what cannot be told is refused', async () => {
    const model = await pellucid.loadModel(networks[0]);
    const input = await inputFor(pellucid, model);
    const refused = (promise, code, word) =>
        assert.rejects(promise, (error) => {
            assert.ok(error instanceof PellucidError, String(error));
            assert.equal(error.code, code);
            assert.match(error.message, word);
            return true;
        });
    await refused(model.received('gradient', input, `${model.layers[0].name}/0,0,0`), 'bad_argument', /ledger/);
    await refused(model.received('lrp', input, 'nowhere/0,0,0'), 'bad_argument', /nowhere/);
    await refused(model.received('lrp', input, `${model.layers[0].name}/9999,0,0`), 'bad_argument', /outside/);
    await refused(model.received('lrp', input, 7), 'bad_argument', /conv2/);
    await refused(
        model.received('lrp', input, `${model.layers[0].name}/0,0,0`, { strongest: -1 }),
        'bad_argument',
        /strongest/,
    );
    model.dispose();
});
