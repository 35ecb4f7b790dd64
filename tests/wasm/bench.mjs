// Every method on lenet with its defaults, in one thread, without messages:
//   node [--experimental-wasm-relaxed-simd] tests/wasm/bench.mjs [VARIANT...]
// Medians in µs; the input is traced already. npm run bench takes them into its table.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { lenet, root } from './support.mjs';

async function open(variant) {
    // The second module: it holds all methods.
    const file = join(root, `build/wasm/pellucid-${variant}-studio`);
    const { default: create } = await import(`${file}.mjs`);
    const module = await WebAssembly.compile(await readFile(`${file}.wasm`));
    const instantiateWasm = (imports, receive) => {
        WebAssembly.instantiate(module, imports).then((instance) => receive(instance, module));
        return {};
    };
    return create({ instantiateWasm });
}

function median(work, milliseconds) {
    const times = [];
    // A run of its own to warm up: the engine optimises what is called often.
    for (const until = performance.now() + milliseconds; performance.now() < until; ) work(0);
    for (
        let round = 0, end = performance.now() + milliseconds;
        round < 5 || (performance.now() < end && round < 2000);
        ++round
    ) {
        const began = performance.now();
        work(round);
        times.push(performance.now() - began);
    }
    return 1000 * times.sort((a, b) => a - b)[times.length >> 1];
}

/**
 * {variant: {normalise, forward, and every method: µs or null}}; `milliseconds` for warming up, and again for
 * measuring, each.
 */
export async function methodTimes(variants, milliseconds) {
    const table = {};
    for (const variant of variants) {
        const core = await open(variant);
        const model = new core.CoreModel();
        model.open(new Uint8Array(await readFile(lenet)));
        const { drawing } = core.penDigit(4);
        const input = core.normalise(drawing).input.data;
        const explain = (method) => {
            const run = new core.CoreRun();
            let outcome = run.start(model, method, input, 'predicted', {});
            while (!outcome.failed && outcome) outcome = run.step();
            if (!outcome.failed) run.snapshot();
            run.delete();
            return !outcome.failed;
        };
        table[variant] = {
            normalise: median(() => core.normalise(drawing), milliseconds),
            'forward with trace': median((round) => {
                input[0] = (round % 2) / 256; // another input than the one that is remembered
                model.predict(input);
            }, milliseconds),
        };
        // Some cannot start from their defaults alone (patterns must be learnt first): null.
        for (const id of core.methods())
            table[variant][id] = explain(id) ? median(() => explain(id), milliseconds) : null;
    }
    return table;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
    const variants = process.argv.length > 2 ? process.argv.slice(2) : ['simd128', 'scalar'];
    const table = await methodTimes(variants, 300);
    console.table(
        Object.fromEntries(
            Object.keys(table[variants[0]]).map((key) => [
                key,
                Object.fromEntries(variants.map((variant) => [variant, Math.round(table[variant][key])])),
            ]),
        ),
    );
}
