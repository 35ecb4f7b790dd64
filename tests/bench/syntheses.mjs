// How many steps a second syntheses make in WebAssembly, on one worker, in processor time: alone, and watched, with a
// picture for every step.
//   npm run build:wasm
//   node tests/bench/syntheses.mjs
import { readFile } from 'node:fs/promises';
import { load } from '../../wasm/dist/node.js';

const pellucid = await load({ workers: 1 });
const model = await pellucid.loadModel(await readFile(new URL('../../models/lenet.onnx', import.meta.url)));
const { drawing } = await pellucid.penDigit(4);
const { input } = await pellucid.normalise(drawing);
for (const [method, steps] of [
    ['activation_maximisation', 300],
    ['deep_image_prior', 300],
]) {
    for (const watched of [false, true]) {
        const rates = [];
        for (let round = 0; round < 3; ++round) {
            const before = process.cpuUsage();
            await model.explain(method, input.data, {
                target: 'class:3',
                params: { steps },
                ...(watched ? { onProgress: () => {} } : {}),
            });
            const { user, system } = process.cpuUsage(before);
            rates.push(steps / ((user + system) / 1e6));
        }
        const median = rates.sort((a, b) => a - b)[1];
        console.log(
            `${method}${watched ? ', watched' : ''}: ${median.toFixed(0)} steps a second, ` +
                `${(1000 / median).toFixed(2)} ms a step`,
        );
    }
}
pellucid.dispose();
