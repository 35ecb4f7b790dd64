// The package in dist, from the core in build/wasm: entries for browsers and node, one worker per variant with the
// core's glue inside, the core's modules, a network with its patterns, and the licence. No bare imports are left, so dist
// works unbundled from any static host.
import { execFileSync } from 'node:child_process';
import { build } from 'esbuild';
import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';

process.chdir(fileURLToPath(new URL('.', import.meta.url)));
const core = '../build/wasm';
const variants = ['relaxed', 'simd128', 'scalar'];

const common = { bundle: true, format: 'esm', target: 'es2022', outdir: 'dist', legalComments: 'none', logLevel: 'warning' };
await mkdir('dist', { recursive: true });

// The words of the cards leave the modules: the command knows them, and the package reads them beside the modules.
const cards = JSON.parse(execFileSync('../build/native/pellucid', ['methods', '--json'], { encoding: 'utf8', maxBuffer: 1e8 }));
const helps = (list) => Object.fromEntries(list.filter(({ help }) => help).map(({ name, help }) => [name, help]));
const words = Object.fromEntries(cards.map(({ id, title, question, formula, reference, caveat, params, outputs }) =>
    [id, { title, question, formula, reference, caveat, params: helps(params), outputs: helps(outputs) }]));
await writeFile('dist/cards.json', JSON.stringify(words));
const withCards = { alias: { '#cards': fileURLToPath(new URL('dist/cards.json', import.meta.url)) } };
await Promise.all([
    build({ ...common, ...withCards, entryPoints: ['src/index.ts'] }),
    build({ ...common, ...withCards, entryPoints: ['src/node.ts', 'src/worker-node.ts'], platform: 'node' }),
    ...variants.map((variant) => build({
        ...common,
        entryPoints: [{ in: 'src/worker.ts', out: `worker-${variant}` }],
        alias: { '#core': fileURLToPath(new URL(`${core}/pellucid-${variant}.mjs`, import.meta.url)) },
        minifyWhitespace: true,
    })),
    ...['LICENSE', 'models/lenet.onnx', 'models/lenet.patterns.onnx'].map((file) => copyFile(`../${file}`, `dist/${basename(file)}`)),
    ...variants.map((variant) => copyFile(`${core}/pellucid-${variant}.wasm`, `dist/pellucid-${variant}.wasm`)),
]);
