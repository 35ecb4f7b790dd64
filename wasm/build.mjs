// The package in dist, from the core in build/wasm: entries for browsers and node, one worker per variant with the
// core's glue inside, the core's modules, a network with its patterns, and the licence. No bare imports are left, so dist
// works unbundled from any static host.
import { build } from 'esbuild';
import { copyFile, mkdir } from 'node:fs/promises';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';

process.chdir(fileURLToPath(new URL('.', import.meta.url)));
const core = '../build/wasm';
const variants = ['relaxed', 'simd128', 'scalar'];

const common = { bundle: true, format: 'esm', target: 'es2022', outdir: 'dist', legalComments: 'none', logLevel: 'warning' };
await mkdir('dist', { recursive: true });
await Promise.all([
    build({ ...common, entryPoints: ['src/index.ts'] }),
    build({ ...common, entryPoints: ['src/node.ts', 'src/worker-node.ts'], platform: 'node' }),
    ...variants.map((variant) => build({
        ...common,
        entryPoints: [{ in: 'src/worker.ts', out: `worker-${variant}` }],
        alias: { '#core': fileURLToPath(new URL(`${core}/pellucid-${variant}.mjs`, import.meta.url)) },
        minifyWhitespace: true,
    })),
    ...['LICENSE', 'models/lenet.onnx', 'models/lenet.patterns.onnx'].map((file) => copyFile(`../${file}`, `dist/${basename(file)}`)),
    ...variants.map((variant) => copyFile(`${core}/pellucid-${variant}.wasm`, `dist/pellucid-${variant}.wasm`)),
]);
