// What must be bundled: the page, and TensorFlow.js for node, whose parts only share their registry as ES modules.
import { build } from 'esbuild';
import { folder } from './files.mjs';

const at = (path) => new URL(path, import.meta.url).pathname;
const common = { bundle: true, format: 'esm', target: 'es2022', logLevel: 'error', mainFields: ['module', 'main'] };

export async function bundleForNode() {
    await build({
        ...common,
        entryPoints: [at('peers/tfjs.mjs')],
        outfile: `${folder}/tfjs.mjs`,
        platform: 'node',
        banner: {
            js:
                "import { createRequire } from 'node:module'; import { dirname } from 'node:path';" +
                " import { fileURLToPath } from 'node:url';" +
                'const require = createRequire(import.meta.url); const __filename = fileURLToPath(import.meta.url);' +
                ' const __dirname = dirname(__filename);',
        },
    });
}

export async function bundleForPage() {
    await build({
        ...common,
        entryPoints: [at('page.mjs')],
        outfile: `${folder}/page.js`,
        platform: 'browser',
        external: [
            '/dist/*',
            '/modules/*',
            '/wasm/*',
            'fs',
            'path',
            'worker_threads',
            'perf_hooks',
            'os',
            'util',
            'crypto',
        ],
    });
}
