// Times of the core in one thread, without messages: node [--experimental-wasm-relaxed-simd] tests/wasm/bench.mjs [VARIANT...]
// Medians in µs: a forward pass with its trace, and every method with its defaults on a digit that is traced already.
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { lenet, networks, root, testInput } from './support.mjs';

const network = existsSync(lenet) ? lenet : networks[0];
const variants = process.argv.length > 2 ? process.argv.slice(2) : ['simd128', 'scalar'];

async function open(variant) {
    const { default: create } = await import(join(root, `build/wasm/pellucid-${variant}.mjs`));
    const module = await WebAssembly.compile(await readFile(join(root, `build/wasm/pellucid-${variant}.wasm`)));
    const instantiateWasm = (imports, receive) => {
        WebAssembly.instantiate(module, imports).then((instance) => receive(instance, module));
        return {};
    };
    return create({ instantiateWasm });
}

function median(work, milliseconds = 300) {
    const times = [];
    const end = performance.now() + milliseconds;
    // A run of its own to warm up: the engine optimises what is called often.
    for (const until = performance.now() + milliseconds; performance.now() < until;) work();
    for (let round = 0; round < 5 || (performance.now() < end + milliseconds && round < 2000); ++round) {
        const began = performance.now();
        work(round);
        times.push(performance.now() - began);
    }
    return 1000 * times.sort((a, b) => a - b)[times.length >> 1];
}

const table = {};
for (const variant of variants) {
    const core = await open(variant);
    const model = new core.CoreModel();
    const { input: shape } = model.open(new Uint8Array(await readFile(network)));
    const digit = core.normalise(core.penDigit(4).drawing).input.data;
    const input = shape.height === 28 && shape.channels === 1 ? digit : testInput(shape);
    const drawing = core.penDigit(4).drawing;
    const explain = (method) => {
        const run = new core.CoreRun();
        run.start(model, method, input, 'predicted', {});
        while (run.step());
        run.snapshot();
        run.delete();
    };
    const row = { normalise: median(() => core.normalise(drawing)) };
    row.forward = median((round = 0) => {
        input[0] = (round % 2) / 256; // another input than the one that is remembered
        model.predict(input);
    });
    for (const { id } of core.methods()) row[id] = median(() => explain(id));
    table[variant] = Object.fromEntries(Object.entries(row).map(([key, time]) => [key, Math.round(time)]));
}
console.log(network);
console.table(Object.fromEntries(Object.keys(Object.values(table)[0]).map((key) =>
    [key, Object.fromEntries(variants.map((variant) => [variant, table[variant][key]]))])));
