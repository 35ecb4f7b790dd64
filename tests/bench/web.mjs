// The page itself: download sizes, and from navigation to the first painted explanation with nothing cached:
// node tests/bench/web.mjs [--quick]; the last line is JSON. Needs the built page and package.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { launch, serve } from '../web/page.mjs';
import { liveFrames } from './live-frames.mjs';
import { median, quantile } from './measure.mjs';
import { methodSizes } from './module-sizes.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const quick = process.argv.includes('--quick');
const say = (text) => console.error(text);
const zipped = (bytes) => gzipSync(bytes, { level: 9 }).length;

/**
 * Opens the page in a context of its own: ms until the frame after the first explanations were drawn, and what was
 * loaded by then.
 */
async function open(browser, url) {
    const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
    const page = await context.newPage();
    const loaded = [];
    page.on('response', (response) =>
        loaded.push({ url: response.url(), body: response.body().catch(() => Buffer.alloc(0)) }),
    );
    await page.addInitScript(() => {
        addEventListener('pellucid:frame', () => {
            requestAnimationFrame((now) => {
                window.painted ??= now;
            });
        });
    });
    await page.goto(url);
    const painted = await (await page.waitForFunction(() => window.painted)).jsonValue();
    const before = loaded.slice();
    const script = before.filter(({ url: one }) => /\.m?js($|\?)/.test(one));
    const size = (await Promise.all(script.map(async ({ body }) => zipped(await body)))).reduce(
        (sum, one) => sum + one,
        0,
    );
    await context.close();
    return { painted, script: size, requests: before.length };
}

const modules = Object.fromEntries(
    ['relaxed', 'simd128', 'scalar'].map((variant) => [
        variant,
        zipped(readFileSync(`${root}wasm/dist/pellucid-${variant}.wasm`)),
    ]),
);
const server = await serve();
const browser = await launch();
const opened = [];
for (let i = 0; i < (quick ? 3 : 11); ++i) opened.push(await open(browser, server.url));
await browser.close();
server.close();
const times = opened.map(({ painted }) => painted);
const first = { median: median(times), low: quantile(times, 0.25), high: quantile(times, 0.75), times };
const script = Math.max(...opened.map((one) => one.script));
say(
    `first explanation painted after ${first.median.toFixed(0)} ms; ` +
        `JavaScript ${(script / 1000).toFixed(1)} KB, simd128 build ${(modules.simd128 / 1000).toFixed(1)} KB gzipped`,
);
const methods = methodSizes('simd128');
for (const { id, module, bytes, zipped: estimated } of methods)
    say(`${id} (${module}): ${bytes} bytes, about ${estimated} gzipped`);
console.log(JSON.stringify({ modules, methods, script, first, live: await liveFrames(quick ? 2 : 6, say) }));
