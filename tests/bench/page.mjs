// The JavaScript runtimes in one page; chromium.mjs serves and opens it and calls these functions.
import { compareAll } from './compare.mjs';
import { measure, pace, sampler } from './measure.mjs';
import { openLiteRt } from './peers/litert.mjs';
import { openOnnxruntimeWeb } from './peers/onnxruntime.mjs';
import { openPackage, openPellucid } from './peers/pellucid.mjs';
import { openTfjs, setUpWasm } from './peers/tfjs.mjs';
import { inputs } from './works.mjs';

const bytes = async (url) => new Uint8Array(await (await fetch(url)).arrayBuffer());
const modules = new URL('/modules/', location.href).href;

async function openOwn(variant, onnx) {
    const { default: create } = await import(`/wasm/pellucid-bench-${variant}.mjs`);
    const module = await WebAssembly.compileStreaming(fetch(`/wasm/pellucid-bench-${variant}.wasm`));
    return openPellucid(variant, create, module, onnx);
}

/** A peer that cannot be set up here is left out, and the table says why. */
async function tryAll(openers, problems) {
    const peers = [];
    for (const [name, open] of Object.entries(openers)) {
        try {
            peers.push(await open());
        } catch (error) {
            problems.push(`${name} could not be set up: ${error.message}`);
        }
    }
    return peers.flat();
}

async function compare({ quick, versions }) {
    const onnx = await bytes('/files/forward.onnx');
    const own = [await openOwn('relaxed', onnx), await openOwn('simd128', onnx)];
    const { load } = await import('/dist/index.js');
    const packaged = await openPackage(await load({ workers: 1 }), onnx);
    const problems = [];
    setUpWasm(`${modules}@tensorflow/tfjs-backend-wasm/dist/`);
    const peers = await tryAll(
        {
            'onnxruntime-web': async () =>
                openOnnxruntimeWeb(
                    await import('/modules/onnxruntime-web/dist/ort.wasm.min.mjs'),
                    versions['onnxruntime-web'],
                    { forward: onnx, gradient: await bytes('/files/gradient.onnx') },
                    `${modules}onnxruntime-web/dist/`,
                ),
            'LiteRT.js': () =>
                openLiteRt(
                    versions['@litertjs/core'],
                    `${modules}@litertjs/core/wasm/`,
                    (size) => `/files/batch${size}.tflite`,
                ),
            'tfjs-wasm': () => openTfjs('wasm', ['forward1', 'forward784', 'occlusion784', 'gradient1']),
            'tfjs-cpu': () => openTfjs('cpu', quick ? ['forward1', 'gradient1'] : ['forward1', 'gradient1', 'train64']),
        },
        problems,
    );
    const result = await compareAll({ own, packaged, peers, quick, say: (text) => console.info(text) });
    packaged.dispose();
    return { ...result, problems: [...problems, ...result.problems] };
}

/** The package's occlusion with one worker and with two: asked alone, and as part of a frame, as the page asks. */
async function compareWorkers({ quick }) {
    const onnx = await bytes('/files/forward.onnx');
    const { load } = await import('/dist/index.js');
    const params = { window: 4, stride: 1 };
    const opened = [];
    for (const workers of [1, 2]) opened.push(await openPackage(await load({ workers }), onnx));
    const works = {
        explain: (model) => (i) => model.explain('occlusion', inputs.single[i % 16], { params }),
        live: (model) => (i) => model.live(inputs.single[i % 16], [{ method: 'occlusion', params }]),
    };
    const rows = [];
    for (const [call, work] of Object.entries(works)) {
        const candidates = opened.map(({ model }, index) => ({ id: `${index + 1}`, sample: sampler(work(model)) }));
        rows.push({ call, entries: await measure(candidates, pace(quick)) });
    }
    for (const { dispose } of opened) dispose();
    return rows;
}

globalThis.bench = { compare, compareWorkers };
