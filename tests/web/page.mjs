// What the page's tests share: a server for the built page, a browser, and a watch over everything that goes wrong.
// The page lies in a folder of its own on the server, as it would on a project site: addresses must be relative.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import { readFile } from 'node:fs/promises';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { after } from 'node:test';
import { chromium } from 'playwright-core';
import { load } from '../wasm/support.mjs';

const dist = fileURLToPath(new URL('../../web/dist', import.meta.url));
const folder = '/some/folder/';
/** An empty page beside it, which has the same storage. */
const nothing = '/nothing.html';
const types = {
    '.html': 'text/html; charset=utf-8',
    '.js': 'text/javascript',
    '.css': 'text/css',
    '.svg': 'image/svg+xml',
    '.woff2': 'font/woff2',
    '.wasm': 'application/wasm',
    '.onnx': 'application/octet-stream',
};
export const sizes = {
    phone: { width: 360, height: 740 },
    landscape: { width: 844, height: 390 },
    tablet: { width: 820, height: 1180 },
    desktop: { width: 1440, height: 900 },
};

/**
 * Serves the built page; what is `missing` is answered with 404, and `instead` of a file something else may answer.
 * Browsers keep what has a fingerprint in its name, as they may on any host.
 */
export async function serve() {
    const server = createServer(async (request, response) => {
        const { pathname } = new URL(request.url, 'http://localhost');
        if (pathname === nothing) {
            response
                .writeHead(200, { 'content-type': types['.html'] })
                .end('<!doctype html><link rel=icon href="data:">');
            return;
        }
        const path = pathname === folder ? 'index.html' : pathname.slice(folder.length);
        if (instead.has(path)) {
            instead.get(path)(response);
            return;
        }
        try {
            if (!pathname.startsWith(folder) || missing.has(path)) throw new Error('missing');
            const body = await readFile(join(dist, normalize(`/${decodeURIComponent(path)}`)));
            response.writeHead(200, {
                'content-type': types[extname(path)] ?? 'application/octet-stream',
                'content-length': body.length,
                'cache-control': path.startsWith('assets/') ? 'max-age=3600, immutable' : 'no-store',
            });
            response.end(body);
        } catch {
            response.writeHead(404, { 'content-type': 'text/plain' }).end('not found');
        }
    });
    await new Promise((resolve) => {
        server.listen(0, '127.0.0.1', resolve);
    });
    return { url: `http://127.0.0.1:${server.address().port}${folder}`, close: () => server.close() };
}

export function launch() {
    return chromium.launch({
        executablePath: process.env.PELLUCID_CHROMIUM ?? '/usr/bin/chromium',
        args: [
            '--headless=new',
            '--no-sandbox',
            '--disable-gpu',
            '--disable-quic',
            '--no-first-run',
            '--disable-background-networking',
            '--disable-component-update',
            '--disable-sync',
        ],
    });
}

/** What a page that was used before has by default, so that the next test finds it as a new one would be. */
async function asNew(page, url) {
    await page.mouse.up();
    await page.mouse.move(0, 0);
    // What the page was still computing ends with it; on leaving it keeps the drawing, which goes, too.
    await page.goto(new URL(nothing, url).href);
    await page.evaluate(() => {
        localStorage.clear();
        sessionStorage.clear();
    });
}

/** One server and one browser for all files of tests that a process runs, and the tabs that no test uses now. */
const missing = new Set();
const instead = new Map();
const free = { true: [], false: [] }; // by whether they are touched
let [server, browser] = [];
let ends = false;

/**
 * `open` gives a page that is loaded and watched. Tests use the same tab one after the other: a load of the page costs
 * half of what it costs in a new one.
 */
export function setUp() {
    // Once for all files: the end is the process's.
    if (!ends) {
        after(async () => {
            await browser?.close();
            server?.close();
        });
        ends = true;
    }

    async function newTab(touch, prepare) {
        server ??= await serve();
        if (!browser?.isConnected()) browser = await launch();
        const context = await browser.newContext({ hasTouch: touch });
        await prepare?.(context);
        const page = await context.newPage();
        const problems = [];
        page.on('console', (message) => {
            if (['error', 'warning', 'assert'].includes(message.type())) problems.push(`console: ${message.text()}`);
        });
        page.on('pageerror', (error) => problems.push(`thrown: ${error.stack}`));
        page.on('request', (request) => {
            const { origin, protocol } = new URL(request.url());
            if (origin !== new URL(server.url).origin && protocol !== 'data:')
                problems.push(`asked elsewhere: ${request.url()}`);
        });
        return { page, problems };
    }

    return {
        missing,
        instead,
        /** An empty tab, that is watched until the test ends. */
        async empty(t, { touch = false, expected, prepare }) {
            const tab = (!prepare && free[touch].pop()) || (await newTab(touch, prepare));
            t.after(async () => {
                try {
                    if (prepare) throw new Error('nobody else wants it');
                    await asNew(tab.page, server.url);
                    free[touch].push(tab);
                } catch {
                    await tab.page.context().close();
                }
                assert.deepEqual(
                    tab.problems.splice(0).filter((problem) => !expected?.test(problem)),
                    [],
                );
            });
            return tab.page;
        },
        /** The page as open() gives it, with a 4 drawn and read. */
        async drawn(t, options) {
            const page = await this.open(t, options);
            await draw(page, digits[4], async () => {}, 1);
            await until(
                () => said(page).textContent(),
                (text) => /\s4\s/.test(text),
                'the sentence',
            );
            return page;
        },
        /**
         * Opens the page. After the test nothing may have been printed to the console, nothing thrown, and nothing
         * asked of another origin, but what `expected` describes. By default with less motion: no waiting for the ghost
         * to draw. `prepare` gets the browser's context before the page opens. `tab` is a page that the test opened
         * before and needs no longer: the new one comes in its place.
         */
        async open(
            t,
            {
                size = sizes.desktop,
                hash = '',
                dark = false,
                motion = 'reduce',
                touch = false,
                forced = false,
                ready = true,
                expected,
                prepare,
                tab,
            } = {},
        ) {
            if (tab) await asNew(tab, server.url);
            const page = tab ?? (await this.empty(t, { touch, expected, prepare }));
            await page.setViewportSize(size);
            await page.emulateMedia({
                colorScheme: dark ? 'dark' : 'light',
                reducedMotion: motion,
                forcedColors: forced ? 'active' : 'none',
            });
            await page.goto(server.url + hash);
            // The ghost's answer says that package and network are there.
            if (ready)
                await page.locator('pl-sentence .said', { hasText: 'I think this is a' }).waitFor({ timeout: 30_000 });
            return page;
        },
    };
}

/** The cards of the package's methods. */
export function methodCards() {
    cards ??= load({ workers: 1 }).then((pellucid) => {
        pellucid.dispose();
        return pellucid.methods;
    });
    return cards;
}
let cards;

/** Follows a link within the page. */
export const go = (page, hash) =>
    page.evaluate((to) => {
        location.hash = to;
    }, hash);

/** Digits as strokes; 0 … 1 from the board's upper left corner. */
export const digits = {
    0: [
        [
            [0.52, 0.2],
            [0.4, 0.24],
            [0.32, 0.38],
            [0.3, 0.52],
            [0.33, 0.68],
            [0.42, 0.79],
            [0.53, 0.8],
            [0.64, 0.72],
            [0.7, 0.55],
            [0.69, 0.4],
            [0.63, 0.27],
            [0.52, 0.2],
        ],
    ],
    1: [
        [
            [0.55, 0.18],
            [0.52, 0.4],
            [0.5, 0.6],
            [0.47, 0.84],
        ],
    ],
    4: [
        [
            [0.36, 0.2],
            [0.32, 0.38],
            [0.31, 0.52],
            [0.5, 0.52],
            [0.7, 0.5],
        ],
        [
            [0.6, 0.18],
            [0.59, 0.5],
            [0.57, 0.86],
        ],
    ],
    7: [
        [
            [0.3, 0.24],
            [0.5, 0.23],
            [0.69, 0.22],
            [0.6, 0.42],
            [0.52, 0.6],
            [0.46, 0.84],
        ],
    ],
};

/**
 * Draws strokes with the mouse, so many `steps` a stretch; `between` is called after each, while the button is down.
 */
export async function draw(page, strokes, between = async () => {}, steps = 2) {
    const box = await page.locator('pl-board canvas').boundingBox();
    const at = ([x, y]) => [box.x + x * box.width, box.y + y * box.height];
    for (const [first, ...rest] of strokes) {
        await page.mouse.move(...at(first));
        await page.mouse.down();
        for (const point of rest) {
            await page.mouse.move(...at(point), { steps });
            await between();
        }
        await page.mouse.up();
    }
}

/** A tile for every method; the page starts with some. */
export async function showAll(page) {
    await page.getByRole('button', { name: 'Choose methods' }).click();
    await page.getByRole('button', { name: 'All of them' }).click();
    await page.keyboard.press('Escape');
}

export const said = (page) => page.locator('pl-sentence .said');
export const tiles = (page) => page.locator('pl-tile');
export const tile = (page, title) =>
    page.locator('pl-tile', { has: page.getByRole('link', { name: title, exact: true }) });

/** A fingerprint of what a map's canvas, or the board's, shows. */
export async function pixels(map) {
    const picture = await map
        .locator('canvas')
        .first()
        .evaluate((canvas) => canvas.toDataURL());
    return createHash('sha256').update(picture).digest('hex').slice(0, 12);
}

/**
 * Waits until a method in full shows its own answer, not the one before it, computed as a whole; or, where there is
 * none, how it is begun or why it cannot be.
 */
export async function answered(page, method) {
    await until(
        () =>
            page.locator('pl-method').evaluate((element) => {
                const find = (what) => element.renderRoot.querySelector(what);
                const asked = find('pl-run')?.renderRoot.querySelector('button.main') ?? find('[role=alert]');
                const pending = element.card.id !== element.ownerDocument.location.hash.split(/[/?]/)[2];
                return [
                    find('pl-numbers')?.explanation?.method ?? '',
                    find('.picture > .quiet')?.textContent ?? '',
                    asked && !pending ? element.card.id : '',
                ];
            }),
        ([shown, words, without]) =>
            without === method || (shown === method && / ms/.test(words) && !/preview/.test(words)),
        `the full answer of ${method}`,
        20_000,
    );
}

/**
 * Waits until `read` gives something that `accept` takes; fails with the last value. What is long in coming is asked
 * for less often: every question costs the page time, too.
 */
export async function until(read, accept, what, timeout = 8000) {
    const end = Date.now() + timeout;
    for (let pause = 20; ; pause = Math.min(1.3 * pause, 100)) {
        const value = await read();
        if (accept(value)) return value;
        if (Date.now() > end) assert.fail(`${what}: still ${JSON.stringify(value)?.slice(0, 300)}`);
        await new Promise((resolve) => {
            setTimeout(resolve, pause);
        });
    }
}

/**
 * Presses a button that a tile shows only under the pointer; while the page still grows, the tile may move away from
 * under it.
 */
export async function pressOnTile(page, title, button) {
    for (let left = 20; ; left--) {
        await tile(page, title).hover();
        try {
            return await tile(page, title).getByRole('button', { name: button }).click({ timeout: 1000 });
        } catch (error) {
            if (left === 0) throw error;
        }
    }
}
