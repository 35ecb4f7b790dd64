// A thousand explanations, and as many refused ones, leave no byte behind in the core.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { networks, root, testInput } from './support.mjs';

/** A core of its own, and its memory. */
async function instance(name) {
    const file = (ending) => join(root, `build/wasm/${name}.${ending}`);
    const { default: create } = await import(file('mjs'));
    const module = await WebAssembly.compile(await readFile(file('wasm')));
    let memory;
    const core = await create({
        instantiateWasm(imports, receive) {
            WebAssembly.instantiate(module, imports).then((instance) => {
                memory = Object.values(instance.exports).find((one) => one instanceof WebAssembly.Memory);
                receive(instance, module);
            });
            return {};
        },
    });
    return { core, memory };
}

test('1000 explanations do not grow the memory', async () => {
    const { core, memory } = await instance('pellucid-simd128');
    const model = new core.CoreModel();
    const { input: shape } = model.open(new Uint8Array(await readFile(networks.at(-1))));
    const input = testInput(shape);
    // Some have no answer for such a network, or need something beside it.
    const methods = core.methods().filter((method) => {
        const run = new core.CoreRun();
        const outcome = run.start(model, method, input, 'predicted', {});
        const answered = !outcome.failed && !run.step().failed;
        run.delete();
        return answered;
    });
    assert.ok(methods.length > 12);
    const explain = (round) => {
        const run = new core.CoreRun();
        const method = methods[round % methods.length];
        const { failed, message } = run.start(model, method, input, 'predicted', {});
        assert.ok(!failed, message);
        while (run.step());
        run.snapshot();
        run.delete();
        const refused = new core.CoreRun();
        assert.equal(refused.start(model, method, input, 'class:99', {}).code, 'bad_argument');
        refused.delete();
        model.predict(input);
        const other = new core.CoreModel();
        assert.equal(other.open(new Uint8Array([1, 2, 3])).code, 'bad_file');
        other.delete();
    };
    for (let round = 0; round < 10 * methods.length; ++round) explain(round);
    const [used, size] = [core.memoryInUse(), memory.buffer.byteLength];
    assert.ok(used > 10_000);
    const rounds = 1000 - (1000 % methods.length) + methods.length; // ends with the same method
    for (let round = 0; round < rounds; ++round) explain(round);
    assert.equal(memory.buffer.byteLength, size);
    assert.ok(core.memoryInUse() - used < 1000, `${core.memoryInUse() - used} bytes more than before`);
});

test('trainings give back what they took', async () => {
    const { core, memory } = await instance('pellucid-simd128-studio');
    const model = new core.CoreModel();
    model.open(new Uint8Array(await readFile(join(root, 'tests/parity/networks/residual.onnx'))));
    const options = {
        epochs: 2,
        batch: 8,
        learningRate: 0.01,
        seed: 1,
        fresh: true,
        defence: 'none',
        epsilon: 0.1,
        steps: 1,
        weight: 1,
    };
    const images = Uint8Array.from({ length: 24 * 120 }, (_, i) => (i * 37) % 256);
    const labels = Uint8Array.from({ length: 24 }, (_, i) => i % 5);
    const train = () => {
        const training = new core.CoreTraining();
        assert.equal(training.start(model, images, labels, options), true);
        training.step();
        const state = training.save();
        while (training.step());
        assert.equal(training.done(), 6);
        training.curves();
        assert.ok(training.network().length > 1000);
        training.delete();
        const again = new core.CoreTraining();
        again.start(model, images, labels, options);
        assert.equal(again.restore(state), true);
        assert.equal(again.restore(state.slice(0, 50)).code, 'bad_file');
        again.delete();
        const refused = new core.CoreTraining();
        assert.equal(refused.start(model, images, labels.slice(1), options).code, 'bad_argument');
        refused.delete();
    };
    for (let round = 0; round < 3; ++round) train();
    const [used, size] = [core.memoryInUse(), memory.buffer.byteLength];
    for (let round = 0; round < 30; ++round) train();
    assert.equal(memory.buffer.byteLength, size);
    assert.ok(core.memoryInUse() - used < 1000, `${core.memoryInUse() - used} bytes more than before`);
});
