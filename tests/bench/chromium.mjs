// The JavaScript runtimes in one page of headless Chromium: node tests/bench/chromium.mjs [--quick]; the last line is
// JSON.
import { createServer } from 'node:http';
import { readFile } from 'node:fs/promises';
import { readFileSync } from 'node:fs';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { launch } from '../web/page.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const folders = {
    '/modules/': 'tests/bench/node_modules/',
    '/wasm/': 'build/wasm/',
    '/dist/': 'wasm/dist/',
    '/files/': 'build/bench/',
};
const types = {
    '.html': 'text/html',
    '.js': 'text/javascript',
    '.mjs': 'text/javascript',
    '.wasm': 'application/wasm',
};
const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url, 'http://localhost');
    const path = normalize(pathname);
    const prefix = Object.keys(folders).find((one) => path.startsWith(one));
    // Isolated pages get a clock of 5 µs instead of 100.
    const headers = { 'Cross-Origin-Opener-Policy': 'same-origin', 'Cross-Origin-Embedder-Policy': 'require-corp' };
    try {
        const body =
            path === '/'
                ? '<!doctype html><title>bench</title><link rel="icon" href="data:,">' +
                  '<body><script type="module" src="/files/page.js"></script>'
                : await readFile(join(root, folders[prefix], path.slice(prefix.length)));
        response.writeHead(200, {
            ...headers,
            'content-type': path === '/' ? 'text/html' : (types[extname(path)] ?? 'application/octet-stream'),
        });
        response.end(body);
    } catch {
        response.writeHead(404).end();
    }
});
await new Promise((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
});
const version = (name) => JSON.parse(readFileSync(join(root, `tests/bench/node_modules/${name}/package.json`))).version;
const browser = await launch();
const page = await browser.newPage();
page.on('console', (message) => message.type() === 'info' && console.error(message.text()));
page.on('pageerror', (error) => console.error(error));
await page.goto(`http://127.0.0.1:${server.address().port}/`);
await page.waitForFunction(() => globalThis.bench);
const quick = process.argv.includes('--quick');
const versions = Object.fromEntries(['onnxruntime-web', '@litertjs/core'].map((name) => [name, version(name)]));
const result = await page.evaluate((options) => globalThis.bench.compare(options), { quick, versions });
const workers = await page.evaluate((options) => globalThis.bench.compareWorkers(options), { quick });
console.log(JSON.stringify({ ...result, workers, engine: `Chromium ${browser.version()}` }));
await browser.close();
server.close();
