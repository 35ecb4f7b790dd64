// A plain file server for a folder, with the headers a test asks for, and a real browser.
import { existsSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname, join, normalize } from 'node:path';

const executablePath = process.env.PELLUCID_CHROMIUM ?? '/usr/bin/chromium';
export const skip = existsSync(executablePath) ? false : `no browser at ${executablePath}`;

const types = {
    '.html': 'text/html',
    '.js': 'text/javascript',
    '.mjs': 'text/javascript',
    '.wasm': 'application/wasm',
    '.onnx': 'application/octet-stream',
};

/** `answer(path, response)` may set headers, or answer by itself and return true. */
export async function serve(folder, answer = () => false) {
    const server = createServer(async (request, response) => {
        const { pathname } = new URL(request.url, 'http://localhost');
        const path = normalize(pathname.endsWith('/') ? `${pathname}index.html` : pathname);
        response.setHeader('Content-Type', types[extname(path)] ?? 'application/octet-stream');
        if (answer(path, response)) return;
        const file = join(folder, path);
        if ((await stat(file).catch(() => null))?.isFile()) response.end(await readFile(file));
        else response.writeHead(404, { 'Content-Type': 'text/html' }).end('<!doctype html>not found');
    });
    await new Promise((listening) => {
        server.listen(0, '127.0.0.1', listening);
    });
    return {
        origin: `http://127.0.0.1:${server.address().port}`,
        close: () => {
            server.closeAllConnections();
            server.close();
        },
    };
}

export async function launch() {
    const { chromium } = await import('playwright-core');
    return chromium.launch({ executablePath, args: ['--no-sandbox'] });
}
