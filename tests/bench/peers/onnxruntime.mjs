// onnxruntime, for the web or for node: one API. Copies in (a tensor over the caller's array) and out (the output's
// data).
import { inputs, targetColumn } from '../works.mjs';

/** files: {forward, gradient} as bytes or paths. */
export async function openOnnxruntime(ort, id, version, files, options) {
    const forward = await ort.InferenceSession.create(files.forward, options);
    const gradient = await ort.InferenceSession.create(files.gradient, options);
    const run = async (session, data, output) => {
        const feeds = { input: new ort.Tensor('float32', data, [data.length / 784, 1, 28, 28]) };
        return (await session.run(feeds, [output]))[output].data;
    };
    return {
        id,
        version,
        works: {
            forward1: (i) => run(forward, inputs.single[i % 16], 'logits'),
            forward784: () => run(forward, inputs.many, 'logits'),
            occlusion784: async () => targetColumn(await run(forward, inputs.occluded, 'logits')),
            gradient1: (i) => run(gradient, inputs.single[i % 16], 'gradient'),
        },
    };
}

export async function openOnnxruntimeWeb(ort, version, files, wasmPaths) {
    ort.env.wasm.numThreads = 1;
    ort.env.wasm.proxy = false;
    if (wasmPaths) ort.env.wasm.wasmPaths = wasmPaths;
    return openOnnxruntime(ort, 'onnxruntime-web (wasm)', version, files, {
        executionProviders: ['wasm'],
        graphOptimizationLevel: 'all',
    });
}
