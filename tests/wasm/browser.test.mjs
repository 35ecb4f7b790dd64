// The package unbundled, from a static host under a strict policy, in a real browser: every variant that it has.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname, join, normalize } from 'node:path';
import { after, before, test } from 'node:test';
import { dist, load, networks, testInput } from './support.mjs';

const executablePath = process.env.PELLUCID_CHROMIUM ?? '/usr/bin/chromium';
const skip = existsSync(executablePath) ? false : `no browser at ${executablePath}`;
const network = networks.at(-1);
const types = { '': 'text/html', '.js': 'text/javascript', '.wasm': 'application/wasm' };
const policy =
    "default-src 'none'; img-src 'self'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; connect-src 'self'";

let server, browser, origin;
before(async () => {
    if (skip) return;
    server = createServer(async (request, response) => {
        const path = normalize(new URL(request.url, 'http://localhost').pathname);
        response.setHeader('Content-Security-Policy', policy);
        response.setHeader('Content-Type', types[extname(path)] ?? 'application/octet-stream');
        if (path === '/') response.end('<!doctype html><title>pellucid</title><link rel="icon" href="/favicon.js">');
        else if (path === '/favicon.js') response.end();
        else if (path === '/network.onnx') response.end(await readFile(network));
        else if (existsSync(join(dist, path))) response.end(await readFile(join(dist, path)));
        else response.writeHead(404).end();
    });
    await new Promise((listening) => server.listen(0, listening));
    origin = `http://localhost:${server.address().port}`;
    const { chromium } = await import('playwright-core');
    browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
});
after(async () => {
    await browser?.close();
    server?.close();
});

/** Runs in the page. */
async function ask({ variant, input }) {
    const { load } = await import('/index.js');
    const pellucid = await load({ variant, workers: 2 });
    const model = await pellucid.loadModel('network.onnx');
    const asked = pellucid.methods.filter(({ needs, outputs }) => needs.length === 0 && outputs[0].kind === 'map');
    // Over hundreds of steps of a synthesis roundings grow; a few say whether the builds do the same.
    const few = (params) => (params.some(({ name }) => name === 'steps') ? { steps: 3 } : {});
    const requests = asked.map(({ id, params }) => ({ method: id, params: few(params) }));
    const frame = await model.live(Float32Array.from(input), requests);
    const refusal = await model.explain('nothing', Float32Array.from(input)).catch(({ code }) => code);
    const missing = await pellucid.loadModel('missing.onnx').catch(({ code, message }) => `${code}: ${message}`);
    const stopped = await model
        .explain('pgd', Float32Array.from(input), {
            params: { steps: 10000 },
            signal: AbortSignal.timeout(50),
        })
        .catch(({ name }) => name);
    pellucid.dispose();
    return {
        variant: pellucid.variant,
        refusal,
        missing,
        stopped,
        maps: frame.explanations.map((one) => (one instanceof Error ? one.message : [...one.map.data])),
    };
}

for (const variant of ['auto', 'relaxed', 'simd128', 'scalar']) {
    test(`in a browser: ${variant}`, { skip }, async () => {
        const page = await browser.newPage();
        const complaints = [];
        page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
        page.on('pageerror', (error) => complaints.push(error.message));
        await page.goto(origin);
        const pellucid = await load({ variant: 'scalar', workers: 1 });
        const model = await pellucid.loadModel(network);
        const input = testInput(model.input);
        const answer = await page.evaluate(ask, { variant, input: [...input] });
        await page.close();
        assert.equal(answer.variant, variant === 'auto' ? 'relaxed' : variant);
        assert.equal(answer.refusal, 'bad_argument');
        assert.match(answer.missing, /^bad_file: .*missing\.onnx.*404/);
        assert.equal(answer.stopped, 'TimeoutError');
        const asked = pellucid.methods.filter(({ needs, outputs }) => needs.length === 0 && outputs[0].kind === 'map');
        assert.ok(asked.some(({ module }) => module === 'studio'));
        for (const [index, { id, params }] of asked.entries()) {
            const few = params.some(({ name }) => name === 'steps') ? { steps: 3 } : {};
            const expected = await model.explain(id, input, { params: few }).catch((error) => error);
            if (expected instanceof Error) {
                assert.equal(answer.maps[index], expected.message);
                continue;
            }
            const scale = Math.max(...expected.map.data.map(Math.abs), 1e-12);
            answer.maps[index].forEach((value, i) =>
                assert.ok(Math.abs(value - expected.map.data[i]) <= 1e-4 * scale, id),
            );
        }
        pellucid.dispose();
        // The browser itself reports the missing file.
        assert.deepEqual(
            complaints.filter((text) => !text.includes('404')),
            [],
        );
    });
}
