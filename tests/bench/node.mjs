// The JavaScript runtimes in one node process: node [--experimental-wasm-relaxed-simd] tests/bench/node.mjs [--quick]
// Prints what it measured as JSON in the last line; run.mjs starts it.
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as ortNode from 'onnxruntime-node';
import * as ortWeb from 'onnxruntime-web';
import { relaxedSimd } from 'wasm-feature-detect';
import { methodTimes } from '../wasm/bench.mjs';
import { compareAll } from './compare.mjs';
import { openOnnxruntime, openOnnxruntimeWeb } from './peers/onnxruntime.mjs';
import { openPackage, openPellucid } from './peers/pellucid.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const require = createRequire(import.meta.url);
const version = (name) =>
    JSON.parse(
        require('node:fs').readFileSync(
            join(dirname(fileURLToPath(import.meta.url)), `node_modules/${name}/package.json`),
        ),
    ).version;
const files = { forward: join(root, 'build/bench/forward.onnx'), gradient: join(root, 'build/bench/gradient.onnx') };
const onnx = new Uint8Array(await readFile(files.forward));

const openOwn = async (variant) => {
    const { default: create } = await import(join(root, `build/wasm/pellucid-bench-${variant}.mjs`));
    return openPellucid(
        variant,
        create,
        await WebAssembly.compile(await readFile(join(root, `build/wasm/pellucid-bench-${variant}.wasm`))),
        onnx,
    );
};

const variants = (await relaxedSimd()) ? ['relaxed', 'simd128'] : ['simd128'];
const { openTfjs, setUpWasm } = await import(join(root, 'build/bench/tfjs.mjs'));
setUpWasm(join(root, 'tests/bench/node_modules/@tensorflow/tfjs-backend-wasm/dist/'));
const { load } = await import(join(root, 'wasm/dist/node.js'));
const own = [];
for (const variant of variants) own.push(await openOwn(variant));
const packaged = await openPackage(await load({ workers: 1 }), onnx);
const peers = [
    await openOnnxruntimeWeb(ortWeb, version('onnxruntime-web'), files),
    ...(await openTfjs('wasm', ['forward1', 'forward784', 'occlusion784', 'gradient1'])),
    ...(await openTfjs(
        'cpu',
        process.argv.includes('--quick') ? ['forward1', 'gradient1'] : ['forward1', 'gradient1', 'train64'],
    )),
    await openOnnxruntime(ortNode, 'onnxruntime-node', version('onnxruntime-node'), files, {
        intraOpNumThreads: 1,
        interOpNumThreads: 1,
        executionMode: 'sequential',
        graphOptimizationLevel: 'all',
    }),
];
const result = await compareAll({
    own,
    packaged,
    peers,
    quick: process.argv.includes('--quick'),
    say: (text) => console.error(text),
});
packaged.dispose();
const everyMethod = await methodTimes(variants, process.argv.includes('--quick') ? 30 : 200);
console.log(
    JSON.stringify({ ...result, everyMethod, engine: `node ${process.version.slice(1)} (V8 ${process.versions.v8})` }),
);
process.exit(0);
