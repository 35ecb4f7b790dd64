// A thousand explanations, and as many refused ones, leave no byte behind in the core.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { networks, root, testInput } from './support.mjs';

const file = (ending) => join(root, `build/wasm/pellucid-simd128.${ending}`);

test('1000 explanations do not grow the memory', async () => {
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
    assert.ok(methods.length > 15);
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
