// Pen, palm and finger on one board, with the events that a browser makes of them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pixels, setUp, sizes } from './page.mjs';

const web = setUp();

/** The page with a board that is empty, and ways to touch it; places as shares of the board. */
async function opened(t) {
    const page = await web.open(t, { size: sizes.tablet, touch: true });
    await page.getByRole('button', { name: 'Samples' }).waitFor();
    const box = await page.locator('pl-board canvas').boundingBox();
    const session = await page.context().newCDPSession(page);
    const at = ([x, y]) => ({ x: box.x + x * box.width, y: box.y + y * box.height });
    const pen = (type, place) =>
        session.send('Input.dispatchMouseEvent', {
            type,
            ...at(place),
            pointerType: 'pen',
            button: type === 'mouseMoved' ? 'none' : 'left',
            buttons: type === 'mouseReleased' ? 0 : 1,
            clickCount: 1,
        });
    const touch = (type, places) =>
        session.send('Input.dispatchTouchEvent', {
            type,
            touchPoints: places.map((place, id) => ({ ...at(place), id })),
        });
    const strokes = () =>
        page.evaluate(() => {
            dispatchEvent(new Event('pagehide'));
            return JSON.parse(sessionStorage.getItem('pellucid.drawing')).map(({ points }) => points.length / 3);
        });
    const write = async (...places) => {
        await pen('mousePressed', places[0]);
        for (const place of places.slice(1)) await pen('mouseMoved', place);
        await pen('mouseReleased', places.at(-1));
    };
    return { page, pen, touch, strokes, write };
}
const palm = [0.8, 0.9];

test('a palm that rests before the pen comes draws nothing', async (t) => {
    const { touch, strokes, write } = await opened(t);
    await touch('touchStart', [palm]);
    await touch('touchMove', [[0.81, 0.9]]);
    await write([0.3, 0.2], [0.3, 0.5], [0.3, 0.8]);
    assert.deepEqual(await strokes(), [3]);
    // It rolls on, and is lifted.
    await touch('touchMove', [[0.82, 0.88]]);
    await touch('touchEnd', []);
    assert.deepEqual(await strokes(), [3]);
});

test('touches beside the pen undo nothing, and draw nothing', async (t) => {
    const { page, pen, touch, strokes, write } = await opened(t);
    await write([0.6, 0.2], [0.6, 0.8]);
    await pen('mousePressed', [0.3, 0.2]);
    await pen('mouseMoved', [0.3, 0.4]);
    await touch('touchStart', [palm]);
    await touch('touchStart', [palm, [0.9, 0.9]]);
    await touch('touchMove', [
        [0.8, 0.7],
        [0.9, 0.7],
    ]);
    await pen('mouseMoved', [0.3, 0.6]);
    await touch('touchEnd', []);
    await pen('mouseMoved', [0.3, 0.8]);
    await pen('mouseReleased', [0.3, 0.8]);
    assert.deepEqual(await strokes(), [2, 4]);
    assert.equal(await page.evaluate(() => scrollY), 0);
    // Between two strokes the hand comes down again.
    await touch('touchStart', [palm]);
    await touch('touchEnd', []);
    assert.deepEqual(await strokes(), [2, 4]);
});

test('what a finger drew before stays; after a while without a pen fingers draw again', async (t) => {
    const { page, touch, strokes, write } = await opened(t);
    await touch('touchStart', [[0.2, 0.2]]);
    await touch('touchMove', [[0.2, 0.5]]);
    await touch('touchEnd', []);
    const before = await strokes();
    assert.equal(before.length, 1);
    await write([0.6, 0.2], [0.6, 0.8]);
    assert.deepEqual(await strokes(), [...before, 2]);
    await page.waitForTimeout(1700);
    const picture = await pixels(page.locator('pl-board'));
    await touch('touchStart', [[0.4, 0.2]]);
    await touch('touchMove', [[0.4, 0.5]]);
    await touch('touchEnd', []);
    assert.equal((await strokes()).length, 3);
    assert.notEqual(await pixels(page.locator('pl-board')), picture);
});

test('a touch that the system takes away leaves nothing', async (t) => {
    const { touch, strokes } = await opened(t);
    await touch('touchStart', [palm]);
    await touch('touchCancel', []);
    assert.deepEqual(await strokes(), []);
});
