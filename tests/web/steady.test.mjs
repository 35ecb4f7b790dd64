// The page over time: addresses that are none, elements that have gone, what is out of view, a reload.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { answered, digits, draw, pixels, said, setUp, tiles, until } from './page.mjs';

const web = setUp();

test('an address with a bare per cent sign leads somewhere', async (t) => {
    let page;
    for (const [hash, place] of [
        ['#/%', 'pl-hero'],
        ['#/%E0%A4%A/x', 'pl-hero'],
        ['#/method/lrp?rules=%', 'pl-method'],
    ]) {
        page = await web.open(t, { hash, tab: page });
        await page.locator(place).waitFor();
    }
    page = await web.open(t, { hash: '#/method/100%', tab: page });
    await page.getByText('There is no method called “100%”').waitFor();
    await page.evaluate(() => {
        location.hash = '#/why%';
    });
    await page.locator('pl-hero').waitFor();
});

/** Maps asked for in each frame while something is drawn. */
async function viewsPerFrame(page, strokes) {
    await page.evaluate(() => {
        window.asked = [];
        window.note ??= addEventListener('pellucid:frame', ({ detail }) => window.asked.push(detail.views)) ?? true;
    });
    await draw(page, strokes, async () => {}, 8);
    await page.waitForTimeout(300);
    return page.evaluate(() => window.asked);
}

test('methods that are no longer shown are not computed, and leave nothing behind', async (t) => {
    const page = await web.open(t);
    await draw(page, digits[4]);
    const session = await page.context().newCDPSession(page);
    const counters = async () => {
        await session.send('HeapProfiler.collectGarbage');
        return session.send('Memory.getDOMCounters');
    };
    const round = async () => {
        for (const method of ['gradient', 'lrp', 'occlusion', 'smoothgrad']) {
            await page.evaluate((id) => {
                location.hash = `#/method/${id}`;
            }, method);
            await page.locator('pl-method').waitFor();
            // A change of its parameters, and away before it was rendered.
            await page.evaluate(() => {
                location.hash = '#/fool';
            });
            await page.locator('pl-fool').waitFor();
            await page.evaluate(() => {
                location.hash = '#/why';
            });
            await page.locator('pl-hero').waitFor();
        }
    };
    await round();
    await page.waitForTimeout(400);
    const before = await counters();
    for (let i = 0; i < 3; i++) await round();
    // What was under way when a room was left still holds it until it ends.
    await until(counters, (after) => after.nodes < 1.1 * before.nodes + 100, `${before.nodes} nodes before`, 20_000);
    await until(
        counters,
        (after) => after.jsEventListeners < 1.1 * before.jsEventListeners + 30,
        `${before.jsEventListeners} listeners before`,
        20_000,
    );
    await page.evaluate(() => {
        location.hash = '#/method/gradient';
    });
    await answered(page, 'gradient');
    const views = await viewsPerFrame(page, [
        [
            [0.2, 0.2],
            [0.5, 0.3],
            [0.8, 0.2],
        ],
    ]);
    assert.ok(views.length > 5, `${views.length} frames`);
    assert.deepEqual([...new Set(views)], [1]);
});

test('what is out of view is not computed; it is when it comes into view', async (t) => {
    const page = await web.open(t);
    await draw(page, digits[4]);
    const all = 1 + (await tiles(page).count());
    const first = await tiles(page).evaluateAll(
        (each) => 1 + each.filter((tile) => tile.getBoundingClientRect().top < innerHeight + 40).length,
    );
    assert.ok(first < all, 'some tiles are out of view');
    const views = await viewsPerFrame(page, [
        [
            [0.2, 0.9],
            [0.5, 0.9],
            [0.8, 0.9],
        ],
    ]);
    assert.ok(Math.max(...views) <= first, `${views} of ${first} in view`);
    await page.waitForTimeout(600);
    const last = tiles(page).last();
    const map = last.locator('pl-map');
    const inputOf = () =>
        map.evaluate((element) => element.current?.input?.data.join() ?? element.current?.map.data.length);
    await last.scrollIntoViewIfNeeded();
    await until(
        () => last.locator('.ms').textContent(),
        (text) => /ms/.test(text),
        'its answer',
    );
    assert.ok(await inputOf());
    // The large map is above by now, and no longer asked for.
    await page.evaluate(() => scrollTo(0, document.body.scrollHeight));
    await page.waitForTimeout(300);
    const low = await viewsPerFrame(page, [
        [
            [0.2, 0.1],
            [0.5, 0.1],
        ],
    ]);
    assert.ok(Math.max(...low) < all - 1, `${low}`);
});

test('a reload keeps the drawing, with what was rubbed out; an empty sheet and the ghost are not kept', async (t) => {
    const page = await web.open(t);
    const ghost = await pixels(page.locator('pl-board'));
    await draw(page, digits[7]);
    await page.getByRole('button', { name: 'Eraser (E)' }).click();
    await draw(page, [
        [
            [0.2, 0.24],
            [0.35, 0.24],
        ],
    ]);
    const drawn = await pixels(page.locator('pl-board'));
    await page.reload();
    await until(
        () => pixels(page.locator('pl-board')),
        (picture) => picture === drawn,
        'the drawing',
    );
    await until(
        () => said(page).textContent(),
        (text) => /\s7\s/.test(text),
        'its answer',
    );
    await page.getByRole('button', { name: 'Clear the sheet (C)' }).click();
    for (let i = 0; i < 2; i++) {
        await page.reload();
        await until(
            () => pixels(page.locator('pl-board')),
            (picture) => picture === ghost,
            'the ghost',
        );
    }
    // Damaged storage is no reason to fail.
    await page.evaluate(() =>
        addEventListener('pagehide', () =>
            sessionStorage.setItem('pellucid.drawing', '[{"points":[1,null,3],"width":9},7,null]'),
        ),
    );
    await page.reload();
    await until(
        () => pixels(page.locator('pl-board')),
        (picture) => picture === ghost,
        'the ghost again',
    );
});

test('the outline of the ink goes around what was rubbed out', async (t) => {
    const page = await web.open(t);
    await draw(page, [
        [
            [0.5, 0.15],
            [0.5, 0.85],
        ],
    ]);
    // The outlines are laid over the large map as a canvas of their own.
    await page.evaluate(() => {
        const { drawImage } = CanvasRenderingContext2D.prototype;
        CanvasRenderingContext2D.prototype.drawImage = function (image, ...where) {
            if (where.length === 2 && this.canvas.getRootNode().host?.steerable) window.outlines = image;
            return drawImage.call(this, image, ...where);
        };
    });
    await page.getByRole('button', { name: 'Eraser (E)' }).click();
    await draw(page, [
        [
            [0.2, 0.5],
            [0.8, 0.5],
        ],
    ]);
    await page.waitForTimeout(500);
    // Down the middle of the stroke: its upper end, the two edges of the cut, its lower end.
    const lines = await page.evaluate(() => {
        const { width, height } = window.outlines;
        const { data } = window.outlines.getContext('2d').getImageData(Math.floor(width / 2), 0, 1, height);
        return Array.from({ length: height }, (_, y) => (data[4 * y + 3] > 60 ? y / height : -1)).filter((y) => y >= 0);
    });
    const places = lines.filter((y, i) => i === 0 || y - lines[i - 1] > 0.02);
    const half = 11 / 280;
    assert.equal(places.length, 4, lines.join(' '));
    [0.15 - half, 0.5 - half, 0.5 + half, 0.85 + half].forEach((y, i) =>
        assert.ok(Math.abs(places[i] - y) < 0.012, `${places} at ${y}`),
    );
});
