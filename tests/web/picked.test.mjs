// Where methods are chosen, each shows what it makes of the drawing; in the comparison, pictures that grow are gone
// through.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { digits, draw, pixels, setUp, tile, until } from './page.mjs';

const web = setUp();
const thumb = (page, method) => page.locator(`pl-picker .line[data-key="${method}"] pl-thumb`);
const small = (page, method) =>
    thumb(page, method)
        .evaluate((element) => Array.from(element.shown?.map.data ?? []))
        .catch(() => []);
const large = (page, title) =>
    tile(page, title)
        .locator('pl-map')
        .evaluate((map) => Array.from(map.current?.map.data ?? []));
const open = (page) => page.getByRole('button', { name: 'Choose methods' }).click();
/** Of all thumbnails: whether it is painted, whether any of it can be seen, and its size. */
const all = (page) =>
    page.locator('pl-picker pl-thumb').evaluateAll((found) =>
        found.map((element) => {
            const { top, bottom, width, height } = element.getBoundingClientRect();
            return { painted: element.painted, seen: bottom > 0 && top < innerHeight, size: `${width}×${height}` };
        }),
    );

test('the list of methods shows what each makes of the drawing, where somebody looks, and keeps it', async (t) => {
    const page = await web.drawn(t);
    await until(
        () => large(page, 'Gradient'),
        (map) => map.length === 784,
        'the tile',
    );
    await open(page);
    await until(
        () => small(page, 'gradient'),
        (map) => map.length === 784,
        'the first thumbnail',
        30_000,
    );
    assert.deepEqual(await small(page, 'gradient'), await large(page, 'Gradient'));
    const unpainted = await all(page);
    assert.deepEqual([...new Set(unpainted.map(({ size }) => size))], ['64×64'], 'a place changes its size');
    const there = await until(
        () => all(page),
        (thumbs) => thumbs.every(({ painted, seen }) => painted || !seen),
        'all that can be seen',
        60_000,
    );
    assert.ok(
        there.some(({ painted }) => !painted),
        'what nobody sees is computed, too',
    );
    // Opened again it is all there, and not computed anew.
    await thumb(page, 'gradient').evaluate((element) => {
        window.kept = element.shown;
    });
    await page.keyboard.press('Escape');
    await open(page);
    await until(
        () => thumb(page, 'gradient').evaluate((element) => element.shown === window.kept),
        (same) => same,
        'the one that was kept',
    );
    // Of another drawing there are others.
    await page.keyboard.press('Escape');
    const before = await small(page, 'gradient');
    await page.getByRole('button', { name: 'Clear' }).click();
    await draw(page, digits[1]);
    await until(
        () => large(page, 'Gradient'),
        (map) => map.length === 784 && map.join() !== before.join(),
        'the map of the other drawing',
    );
    await open(page);
    const now = await until(
        () => small(page, 'gradient'),
        (map) => map.length === 784 && map.join() !== before.join(),
        'the thumbnail of the other drawing',
        30_000,
    );
    assert.deepEqual(now, await large(page, 'Gradient'));
});

test('in a slot a synthesis is begun, watched and stopped, and its pictures are gone through', async (t) => {
    const compare = encodeURIComponent('activation_maximisation?steps=10000&frames=40');
    const page = await web.drawn(t, { hash: `?compare=${compare};;;#/compare` });
    const slot = page.locator('pl-slot');
    await slot.getByRole('button', { name: 'Start' }).click();
    const slider = slot.locator('pl-frames').getByRole('slider');
    await until(
        async () => Number((await slider.count()) && (await slider.getAttribute('max'))),
        (last) => last >= 3,
        'some pictures',
        60_000,
    );
    await slot.getByText(/^\d+ %/).waitFor();
    await slot.getByRole('button', { name: 'Stop' }).click();
    await slot.getByText(/Stopped at \d+ %/).waitFor();
    const map = slot.locator('pl-frames pl-map');
    const toTheEnd = async () => slider.fill(await slider.getAttribute('max'));
    // The picture that was under way when it was stopped may still come.
    let last = '';
    await until(
        async () => {
            await toTheEnd();
            await page.waitForTimeout(300);
            const before = last;
            last = await pixels(map);
            return before === last;
        },
        (same) => same,
        'the picture at which it stopped',
        20_000,
    );
    await slider.fill('0');
    await until(
        () => pixels(map),
        (first) => first !== last,
        'the first picture',
    );
    await toTheEnd();
    await until(
        () => pixels(map),
        (again) => again === last,
        'the last picture',
    );
});
