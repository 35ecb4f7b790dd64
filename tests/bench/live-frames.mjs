// How live is live? Draws with the mouse for some seconds in headless Chromium and prints, for what is in view: the
// median time from a pointer's event to the frame in which the maps show it, how many such frames there were a second
// (mean, and by the median distance of two), how many of the browser's frames there were for which the mouse had moved,
// and how many methods an answer had, since dear ones may take turns.
//   node tests/bench/live-frames.mjs [seconds]     (needs the built page: npm run build)
import { fileURLToPath } from 'node:url';
import { launch, serve } from '../web/page.mjs';

const quantile = (values, share) =>
    [...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(share * values.length))] ?? 0;
const views = [
    ['desktop, 1440 × 900', { width: 1440, height: 900 }],
    ['every tile in view, 1440 × 2400', { width: 1440, height: 2400 }],
    ['phone, 360 × 740', { width: 360, height: 740 }],
];

/** Draws for so many seconds in a page of that size. Times in ms; rates per second. */
async function watch(browser, server, size, seconds) {
    const context = await browser.newContext({ viewport: size, reducedMotion: 'reduce' });
    const page = await context.newPage();
    await page.goto(server.url);
    await page.locator('pl-sentence .said', { hasText: 'I think this is a' }).waitFor();
    await page.waitForTimeout(1500);
    await page.evaluate(() => {
        const data = { latencies: [], frames: [], core: [], refreshes: [], moved: [], views: [] };
        let waiting = [];
        let moved = false;
        window.measured = data;
        addEventListener('pointermove', (event) => {
            waiting.push({ at: event.timeStamp, handled: performance.now() });
            moved = true;
        });
        addEventListener('pellucid:frame', ({ detail }) => {
            const served = waiting.filter(({ handled }) => handled <= detail.asked);
            if (served.length === 0) return;
            waiting = waiting.filter(({ handled }) => handled > detail.asked);
            data.views.push(detail.views);
            data.core.push(detail.milliseconds);
            // What was painted is on its way to the screen with the next frame.
            requestAnimationFrame((now) => {
                data.frames.push(now);
                for (const { at } of served) data.latencies.push(now - at);
            });
        });
        const tick = (now) => {
            data.refreshes.push(now);
            if (moved) data.moved.push(now);
            moved = false;
            requestAnimationFrame(tick);
        };
        requestAnimationFrame(tick);
    });
    const box = await page.locator('pl-board canvas').boundingBox();
    const session = await context.newCDPSession(page);
    const mouse = (type, x, y) =>
        session.send('Input.dispatchMouseEvent', {
            type,
            x: box.x + x * box.width,
            y: box.y + y * box.height,
            button: 'left',
            buttons: 1,
            clickCount: 1,
            pointerType: 'mouse',
        });
    // An eight, over and over, a new one each second; events come at 125 a second, as from a mouse.
    const began = performance.now();
    let down = false;
    for (let next = began; ; next += 8) {
        const wait = next - performance.now();
        if (wait > 0)
            await new Promise((resolve) => {
                setTimeout(resolve, wait);
            });
        const time = (performance.now() - began) / 1000;
        if (time > seconds) break;
        const turn = 2 * Math.PI * (time % 1);
        const at = [0.5 + 0.18 * Math.sin(2 * turn), 0.5 - 0.32 * Math.cos(turn)];
        if (time % 1 > 0.92) {
            if (down) {
                await mouse('mouseReleased', ...at);
                await page.keyboard.press('c');
            }
            down = false;
        } else {
            void mouse(down ? 'mouseMoved' : 'mousePressed', ...at);
            down = true;
        }
    }
    await page.waitForTimeout(300);
    const data = await page.evaluate(() => window.measured);
    // Pauses between two digits are no part of drawing.
    const gapsOf = (times) => {
        const distinct = [...new Set(times)];
        return distinct
            .slice(1)
            .map((time, index) => time - distinct[index])
            .filter((gap) => gap < 80);
    };
    const mean = (values) => values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
    const rate = (times) => 1000 / Math.max(mean(gapsOf(times)), 1e-3);
    const { latencies, frames, core, refreshes, moved, views: asked } = data;
    await context.close();
    return {
        methods: Math.max(0, ...asked),
        perFrame: mean(asked),
        painted: quantile(latencies, 0.5),
        painted95: quantile(latencies, 0.95),
        core: quantile(core, 0.5),
        core95: quantile(core, 0.95),
        frames: rate(frames),
        medianFrames: 1000 / Math.max(quantile(gapsOf(frames), 0.5), 1e-3),
        moved: rate(moved),
        refreshes: rate(refreshes),
    };
}

export async function liveFrames(seconds, say = () => {}) {
    const server = await serve();
    const browser = await launch();
    const rows = [];
    for (const [view, size] of views) {
        const row = { view, ...(await watch(browser, server, size, seconds)) };
        rows.push(row);
        say(`${view}: ${row.methods} methods in view, ${row.perFrame.toFixed(1)} of them in a frame`);
        say(`  input to painted maps: median ${row.painted.toFixed(1)} ms, 95 % within ${row.painted95.toFixed(1)} ms`);
        say(`  core, there and back: median ${row.core.toFixed(1)} ms, 95 % within ${row.core95.toFixed(1)} ms`);
        say(
            `  frames with new maps a second while drawing: ${row.frames.toFixed(1)}, ` +
                `median ${row.medianFrames.toFixed(1)}; ` +
                `the browser's own: ${row.refreshes.toFixed(1)}, of these with new ink: ${row.moved.toFixed(1)}`,
        );
    }
    await browser.close();
    server.close();
    return rows;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await liveFrames(Number(process.argv[2] ?? 6), console.log);
