// Drawing: the answer, and tiles that change while the pen is down; mouse, keyboard, fingers.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { digits, draw, pixels, said, setUp, showAll, sizes, tile, tiles, until } from './page.mjs';

const web = setUp();

test('drawn digits are read as what they are', async (t) => {
    const page = await web.open(t);
    for (const [digit, strokes] of Object.entries(digits)) {
        await page.getByRole('button', { name: 'Clear the sheet (C)' }).click();
        await draw(page, strokes);
        await until(
            () => said(page).textContent(),
            (text) => new RegExp(`^I think this is an? ${digit}\\s`).test(text),
            'the sentence',
        );
        // Numbers follow at their own pace.
        const share = page.getByRole('button', { name: new RegExp(`^Explain ${digit}, `) });
        await until(
            () => share.getAttribute('aria-label'),
            (label) => /(>99|[5-9]\d) %$/.test(label),
            `the share of ${digit}`,
        );
    }
});

test('every tile in view changes while the stroke is being drawn', async (t) => {
    const page = await web.open(t, { size: { width: 1440, height: 3600 } });
    await showAll(page);
    // But for those whose cards say that they wait until the drawing rests, or until they are asked, and those that
    // have no map.
    const live = () =>
        tiles(page).evaluateAll((all) =>
            all
                .filter(
                    ({ card, renderRoot }) =>
                        card.pace === 'frame' && card.subject === 'input' && renderRoot.querySelector('pl-map'),
                )
                .filter((each) => each.getBoundingClientRect().top < innerHeight)
                .map((each) => each.renderRoot.querySelector('pl-map').renderRoot.querySelector('canvas').toDataURL()),
        );
    const count = (await live()).length;
    assert.ok(count >= 12, `${count} tiles`);
    const seen = Array.from({ length: count }, () => new Set());
    await draw(
        page,
        digits[4],
        async () => {
            const pictures = await live();
            pictures.forEach((picture, index) => seen[index].add(picture));
        },
        12,
    );
    seen.forEach((pictures, index) => assert.ok(pictures.size >= 3, `tile ${index} showed ${pictures.size} pictures`));
});

test('shortened methods say so, and are computed in full when the pen rests', async (t) => {
    const page = await web.open(t, { size: { width: 1440, height: 2600 } });
    const meta = tile(page, 'Integrated gradients').locator('.meta');
    const previews = new Set();
    await draw(page, digits[4], async () => previews.add(await meta.textContent()), 6);
    assert.ok(
        [...previews].some((text) => text.includes('preview: 5 points')),
        [...previews].join(' | '),
    );
    await until(
        () => meta.textContent(),
        (text) => /ms/.test(text) && !text.includes('preview'),
        'the tile at rest',
    );
});

test('undo, redo, clear and the eraser', async (t) => {
    const page = await web.open(t);
    const board = page.locator('pl-board');
    await draw(page, digits[4]);
    const both = await pixels(board);
    await page.keyboard.press('z');
    const one = await pixels(board);
    assert.notEqual(one, both);
    await page.keyboard.press('y');
    assert.equal(await pixels(board), both);
    await page.getByRole('button', { name: 'Undo (Z)' }).click();
    assert.equal(await pixels(board), one);
    await page.getByRole('button', { name: 'Redo (Y)' }).click();
    await page.getByRole('button', { name: 'Eraser (E)' }).click();
    await draw(page, [
        [
            [0.5, 0.5],
            [0.75, 0.5],
        ],
    ]);
    assert.notEqual(await pixels(board), both);
    await page.getByRole('button', { name: 'Clear the sheet (C)' }).click();
    await until(
        () => said(page).textContent(),
        (text) => text.startsWith('Draw a digit'),
        'the empty sheet',
    );
    await page.keyboard.press('z');
    await until(
        () => said(page).textContent(),
        (text) => /^I/.test(text),
        'the sheet after undoing the clearing',
    );
});

test('the first stroke of a person replaces the ghost', async (t) => {
    const page = await web.open(t, { motion: 'no-preference' });
    await page.getByText('now draw your own digit').waitFor();
    await draw(page, digits[1]);
    await until(
        () => said(page).textContent(),
        (text) => /this is a 1\s/.test(text),
        'the sentence',
    );
    await page.keyboard.press('z');
    await until(
        () => said(page).textContent(),
        (text) => text.startsWith('Draw a digit'),
        'the sheet after undo',
    );
});

test('samples draw themselves', async (t) => {
    const page = await web.open(t, { motion: 'no-preference' });
    for (const digit of [3, 8]) {
        await page.getByRole('button', { name: 'Samples' }).click();
        await page.getByRole('button', { name: `Draw ${digit}` }).click();
        await until(
            () => said(page).textContent(),
            (text) => new RegExp(`this is an? ${digit}\\s`).test(text),
            `sample ${digit}`,
        );
    }
});

test('the keyboard alone draws a digit', async (t) => {
    const page = await web.open(t);
    await page.locator('pl-board canvas').focus();
    // A seven: from the start at column 15, row 8.
    const go = async (key, times) => {
        for (let i = 0; i < times; i++) await page.keyboard.press(key);
    };
    await go('ArrowLeft', 5);
    await page.keyboard.press('Space');
    await go('ArrowRight', 10);
    for (let i = 0; i < 7; i++) {
        await go('ArrowDown', 2);
        await go('ArrowLeft', 1);
    }
    await page.keyboard.press('Space');
    await until(
        () => said(page).textContent(),
        (text) => /\s7\s/.test(text),
        'the sentence',
    );
    // Arrows without ink leave the drawing as it is.
    const before = await pixels(page.locator('pl-board'));
    await go('ArrowUp', 3);
    assert.equal(await pixels(page.locator('pl-board')), before);
});

test('one finger draws and does not scroll; a second one scrolls and does not draw', async (t) => {
    const page = await web.open(t, { size: sizes.phone, touch: true });
    const session = await page.context().newCDPSession(page);
    const touch = (type, points) =>
        session.send('Input.dispatchTouchEvent', { type, touchPoints: points.map(([x, y], id) => ({ x, y, id })) });
    await touch('touchStart', [[120, 90]]);
    for (let y = 90; y <= 240; y += 10) await touch('touchMove', [[120, y]]);
    await touch('touchEnd', []);
    await until(
        () => said(page).textContent(),
        (text) => /\s1\s/.test(text),
        "the finger's drawing",
    );
    assert.equal(await page.evaluate(() => scrollY), 0);

    const before = await pixels(page.locator('pl-board'));
    await touch('touchStart', [[80, 220]]);
    await touch('touchStart', [
        [80, 220],
        [160, 220],
    ]);
    for (let y = 220; y >= 80; y -= 10)
        await touch('touchMove', [
            [80, y],
            [160, y],
        ]);
    await touch('touchEnd', []);
    await until(
        () => page.evaluate(() => scrollY),
        (y) => y > 60,
        'the scrolled page',
    );
    assert.equal(await pixels(page.locator('pl-board')), before);
});
