// LiteRT.js on its wasm accelerator (XNNPACK; relaxed SIMD where the browser has it), one model per batch size. It
// loads its core with script elements, so it exists in browsers only.
import { loadAndCompile, loadLiteRt, Tensor } from '@litertjs/core';
import { batch } from '../model/m1.mjs';
import { inputs, targetColumn } from '../works.mjs';

export async function openLiteRt(version, folder, modelUrl) {
    await loadLiteRt(folder);
    const models = {};
    for (const size of [1, batch]) {
        models[size] = await loadAndCompile(modelUrl(size), { accelerator: 'wasm', cpuOptions: { numThreads: 1 } });
        if (!models[size].isFullyAccelerated) throw new Error('LiteRT did not take the whole network');
    }
    const forward = async (size, data) => {
        const input = new Tensor(data, [size, 28, 28, 1]);
        const [output] = await models[size].run(input);
        const logits = output.toTypedArray().slice();
        input.delete();
        output.delete();
        return logits;
    };
    return {
        id: 'LiteRT.js',
        version,
        works: {
            forward1: (i) => forward(1, inputs.single[i % 16]),
            forward784: () => forward(batch, inputs.many),
            occlusion784: async () => targetColumn(await forward(batch, inputs.occluded)),
        },
    };
}
