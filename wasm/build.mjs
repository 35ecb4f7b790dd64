// The package in dist, from the core in build/wasm: entries for browsers and node, one worker per variant with the glue
// of the core's first module inside, the second module's glue, the modules, the networks with what belongs to them, and
// the licence. No bare imports are left, so dist works unbundled from any static host.
import { execFileSync } from 'node:child_process';
import { build } from 'esbuild';
import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

process.chdir(fileURLToPath(new URL('.', import.meta.url)));
const core = '../build/wasm';
const variants = ['relaxed', 'simd128', 'scalar'];

const common = {
    bundle: true,
    format: 'esm',
    target: 'es2022',
    outdir: 'dist',
    legalComments: 'none',
    logLevel: 'warning',
};
await mkdir('dist', { recursive: true });

// The modules hold no cards: the command knows them, and the package reads them beside the modules.
const cards = JSON.parse(
    execFileSync('../build/native/pellucid', ['methods', '--json'], { encoding: 'utf8', maxBuffer: 1e8 }),
);
await writeFile('dist/cards.json', JSON.stringify(cards));
// The models, what belongs to each, and what was found out about them and their data (models/index.json).
const { models, studies } = JSON.parse(await readFile('../models/index.json', 'utf8'));
const modelFiles = new Set([
    'index.json',
    ...Object.values(studies),
    ...models.flatMap((model) => [model.file, ...Object.values(model.with), ...Object.values(model.studies ?? {})]),
]);
const withCards = { alias: { '#cards': fileURLToPath(new URL('dist/cards.json', import.meta.url)) } };
await Promise.all([
    build({ ...common, ...withCards, entryPoints: ['src/index.ts'] }),
    build({ ...common, ...withCards, entryPoints: ['src/node.ts', 'src/worker-node.ts'], platform: 'node' }),
    ...variants.map((variant) =>
        build({
            ...common,
            entryPoints: [{ in: 'src/worker.ts', out: `worker-${variant}` }],
            alias: { '#core': fileURLToPath(new URL(`${core}/pellucid-${variant}.mjs`, import.meta.url)) },
            minifyWhitespace: true,
        }),
    ),
    ...variants.map((variant) =>
        build({
            ...common,
            entryPoints: [{ in: 'src/studio.ts', out: `studio-${variant}` }],
            alias: { '#core': fileURLToPath(new URL(`${core}/pellucid-${variant}-studio.mjs`, import.meta.url)) },
            minifyWhitespace: true,
        }),
    ),
    copyFile('../LICENSE', 'dist/LICENSE'),
    ...Array.from(modelFiles, (file) =>
        copyFile(`../models/${file}`, `dist/${file === 'index.json' ? 'models.json' : file}`),
    ),
    ...variants.flatMap((variant) =>
        ['', '-studio'].map((module) =>
            copyFile(`${core}/pellucid-${variant}${module}.wasm`, `dist/pellucid-${variant}${module}.wasm`),
        ),
    ),
]);
