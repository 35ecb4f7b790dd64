import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { defineConfig, type Plugin } from 'vite';

const repository = new URL('..', import.meta.url);

/**
 * What the built page may do, said in the page itself because static hosts such as GitHub Pages set no headers. Only in
 * the build: the development server injects styles inline.
 */
const policy = [
    "default-src 'self'",
    "script-src 'self' 'wasm-unsafe-eval'",
    "worker-src 'self'",
    "style-src 'self'",
    "font-src 'self'",
    "img-src 'self' data:",
    "connect-src 'self'",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'none'",
].join('; ');

function contentSecurityPolicy(): Plugin {
    return {
        name: 'content-security-policy',
        apply: 'build',
        transformIndexHtml: () => [
            {
                tag: 'meta',
                attrs: { 'http-equiv': 'Content-Security-Policy', content: policy },
                injectTo: 'head-prepend',
            },
        ],
    };
}

interface ModelEntry {
    id: string;
    title: string;
    about: string;
    file: string;
    with: Record<string, string>;
    studies: Record<string, string>;
}

/** What the page draws for: the drawings' normalisation makes pictures of this size. */
const drawn = [28, 28, 1];

/**
 * The networks that models/index.json lists and that read drawings, with what belongs to each; the standard one first.
 */
function listed(): ModelEntry[] {
    const index = new URL('models/index.json', repository);
    if (!existsSync(index))
        return [
            {
                id: 'lenet',
                title: 'lenet',
                about: '',
                file: 'lenet.onnx',
                with: { patterns: 'lenet.patterns.onnx' },
                studies: {},
            },
        ];
    const { models: all } = JSON.parse(readFileSync(index, 'utf8')) as {
        models: (Partial<ModelEntry> & { input?: number[] })[];
    };
    return all
        .filter(({ input }) => input === undefined || input.join() === drawn.join())
        .map(({ id = '', title = id, about = '', file = `${id}.onnx`, with: belongings = {}, studies = {} }) => ({
            id,
            title,
            about,
            file,
            with: belongings,
            studies,
        }))
        .filter(({ id, file }) => id !== '' && existsSync(new URL(`models/${file}`, repository)));
}

/** What was found out about the data, as models/index.json lists it. */
function listedStudies(): Record<string, string> {
    const index = new URL('models/index.json', repository);
    if (!existsSync(index)) return {};
    return (JSON.parse(readFileSync(index, 'utf8')) as { studies?: Record<string, string> }).studies ?? {};
}

/**
 * The trained networks, what belongs to them and what was found out about them, from the repository's models folder
 * into the page's; their list for the page.
 */
function models(): Plugin {
    const file = (name: string) => new URL(`models/${name}`, repository);
    const list = listed();
    const studies = listedStudies();
    // Several networks share a generator; means.idx belongs to the digits.
    const all = [
        ...list.flatMap((entry) => [entry.file, ...Object.values(entry.with), ...Object.values(entry.studies)]),
        ...Object.values(studies),
        'means.idx',
    ];
    const names = [...new Set(all)];
    return {
        name: 'models',
        resolveId: (id) => (id === 'virtual:models' ? `\0${id}` : null),
        load: (id) =>
            id === '\0virtual:models'
                ? `export default ${JSON.stringify(list)};\nexport const studies = ${JSON.stringify(studies)};`
                : null,
        generateBundle() {
            for (const name of names) {
                if (existsSync(file(name)))
                    this.emitFile({ type: 'asset', fileName: `models/${name}`, source: readFileSync(file(name)) });
                else this.warn(`models/${name} is not there: the page will say that it cannot load it`);
            }
        },
        configureServer(server) {
            server.middlewares.use('/models', (request, response, next) => {
                const name = names.find((known) => request.url === `/${known}`);
                if (name && existsSync(file(name))) response.end(readFileSync(file(name)));
                else next();
            });
        },
    };
}

/** KaTeX brings every font in three formats; all browsers that run this page read woff2. */
function onlyWoff2(): Plugin {
    return {
        name: 'only-woff2',
        enforce: 'pre',
        transform(code, id) {
            if (!id.includes('katex') || !/\.css(\?|$)/.test(id)) return null;
            return code.replace(/,\s*url\([^)]+\.(?:woff|ttf)\)\s*format\([^)]+\)/g, '');
        },
    };
}

export default defineConfig({
    base: './', // works from any folder
    plugins: [contentSecurityPolicy(), models(), onlyWoff2()],
    build: {
        target: 'es2022',
        assetsInlineLimit: 0, // the policy allows no data: fonts, scripts or workers
        modulePreload: { polyfill: false },
        chunkSizeWarningLimit: 400,
    },
    worker: { format: 'es' },
    server: { fs: { allow: [fileURLToPath(repository)] } },
});
