// Everything that the package answers about some networks, as JSON; a program for tests that need flags of node's.
// node [flags] answers.mjs VARIANT NETWORK...
import { existsSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { inputFor, load } from './support.mjs';

const targets = ['predicted', 'class:1', 'prob:2', 'contrast:0-3'];

/** Whether what it is asked for is a picture. */
export const givesMap = (card) => card.outputs[0].kind === 'map';

/**
 * Over hundreds of steps of a synthesis or a training roundings grow, and seconds; a few say whether two builds, or two
 * ways to ask, do the same.
 */
export const few = ({ params }) => {
    const most = { steps: 3, epochs: 1 };
    const long = params.filter(({ name }) => name in most);
    return Object.fromEntries(long.map(({ name, min }) => [name, Math.max(min, most[name])]));
};

/** One entry per network and question: {network, method, target, value, map, outputs} or {…, error}. */
export async function answers(variant, networks) {
    const pellucid = await load({ variant, workers: 2 });
    try {
        const entries = [];
        for (const network of networks) {
            const model = await pellucid.loadModel(network);
            // What the command finds beside the network.
            for (const [role, ending] of [
                ['patterns', '.patterns.onnx'],
                ['statistics', '.statistics.bin'],
            ]) {
                const file = network.replace('.onnx', ending);
                if (existsSync(file)) await model.attach(role, file);
            }
            const input = await inputFor(pellucid, model);
            const { logits } = await model.predict(input);
            entries.push({ network: basename(network), logits: [...logits] });
            for (const card of pellucid.methods) {
                // Every method of the predicted class, and the first one of every kind of target.
                for (const target of card.id === 'gradient' ? targets : ['predicted']) {
                    const entry = { network: basename(network), method: card.id, target };
                    try {
                        const { value, map, outputs } = await model.explain(card.id, input, {
                            target,
                            params: few(card),
                        });
                        Object.assign(entry, {
                            value,
                            map: givesMap(card) ? [...map.data] : [],
                            outputs: Object.keys(outputs),
                        });
                    } catch (error) {
                        entry.error = error.message;
                    }
                    entries.push(entry);
                }
            }
            model.dispose();
        }
        return { variant: pellucid.variant, entries };
    } finally {
        pellucid.dispose();
    }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
    const [variant, ...networks] = process.argv.slice(2);
    console.log(JSON.stringify(await answers(variant, networks)));
}
