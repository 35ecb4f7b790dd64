// What a variant answers about the networks of a folder that `random fixtures` (tests/random) wrote, as JSON; a program
// of its own because the relaxed variant needs a flag of node's.
// node [flags] random_answers.mjs VARIANT FOLDER
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { load } from './support.mjs';

const [variant, folder] = process.argv.slice(2);
const pellucid = await load({ variant, workers: 1 });
const answers = {};
for (const name of readdirSync(folder).filter((file) => file.endsWith('.json'))) {
    const { input, maps } = JSON.parse(readFileSync(join(folder, name), 'utf8'));
    const model = await pellucid.loadModel(join(folder, name.replace('.json', '.onnx')));
    const image = Float32Array.from(input);
    answers[name] = { logits: [...(await model.predict(image)).logits], maps: [] };
    for (const { method, params } of maps) {
        try {
            const { map } = await model.explain(method, image, { target: 'class:1', params });
            answers[name].maps.push({ data: [...map.data] });
        } catch (error) {
            answers[name].maps.push({ error: error.message });
        }
    }
    model.dispose();
}
pellucid.dispose();
console.log(JSON.stringify(answers));
