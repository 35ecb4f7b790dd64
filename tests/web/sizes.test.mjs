// Six sizes and forced colours: the large map is seen whole, a knob together with its map, and nothing is lost.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { digits, draw, setUp, tiles, until } from './page.mjs';

const web = setUp();
const sizes = [
    [1440, 900],
    [1024, 768],
    [800, 600],
    [768, 1024],
    [390, 844],
    [360, 640],
].map(([width, height]) => ({ width, height }));
const drawn = (t, options) => web.drawn(t, options);

/** The part of the window that nothing covers: beneath the stuck desk, above the rooms. */
const free = (page) =>
    page.evaluate(() => {
        const root = document.querySelector('pl-app').renderRoot;
        const desk = root.querySelector('.desk');
        const nav = root.querySelector('pl-rooms').renderRoot.querySelector('nav');
        const top = desk.classList.contains('compact') ? desk.getBoundingClientRect().bottom : 0;
        return {
            top,
            bottom: getComputedStyle(nav).position === 'fixed' ? nav.getBoundingClientRect().top : innerHeight,
        };
    });
const box = (locator) =>
    locator.evaluate((element) => {
        const { top, bottom, width, height } = element.getBoundingClientRect();
        return { top, bottom, width, height };
    });

for (const size of sizes) {
    const name = `${size.width}×${size.height}`;
    test(`the large map can be seen whole, and a knob with its map: ${name}`, async (t) => {
        const page = await drawn(t, { size });
        assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), size.width);
        const hero = page.locator('pl-hero pl-map');
        await page.waitForTimeout(400);
        const place = () => hero.evaluate((map) => Math.round(map.getBoundingClientRect().top + scrollY));
        const before = await place();
        await hero.evaluate((map) => map.scrollIntoView({ block: 'start' }));
        await page.waitForTimeout(300);
        const room = await free(page);
        const map = await box(hero);
        assert.ok(map.height >= 224 && Math.abs(map.width - map.height) < 1, JSON.stringify(map));
        assert.ok(
            map.top >= room.top - 1 && map.bottom <= room.bottom + 1,
            `${JSON.stringify(map)} in ${JSON.stringify(room)}`,
        );
        // The desk shrinks without moving what is beneath it.
        assert.equal(await place(), before);

        // Each where it acts.
        for (const [knob, query] of [
            ['epsilon', ''],
            ['gamma', '?composite=epsilon_gamma_box'],
            ['alpha', '?rule=alpha_beta'],
        ]) {
            await page.evaluate((hash) => {
                location.hash = hash;
            }, `#/method/lrp${query}`);
            await page.locator('pl-method pl-numbers').waitFor();
            const slider = page.getByRole('slider', { name: knob, exact: true });
            await slider.evaluate((each) => each.scrollIntoView({ block: 'end' }));
            await page.waitForTimeout(250);
            // A knob high beside its map: one scrolls on until the map ends, too.
            const picture = page.locator('pl-method .picture > pl-map');
            if ((await box(picture)).bottom > (await box(slider)).bottom) {
                await picture.evaluate((each) => each.scrollIntoView({ block: 'end' }));
                await page.waitForTimeout(250);
            }
            const now = await free(page);
            const [large, small] = [await box(picture), await box(slider)];
            const where =
                `${knob}: map ${JSON.stringify(large)}, ` +
                `knob ${JSON.stringify(small)}, free ${JSON.stringify(now)}`;
            assert.ok(large.height >= 168, where);
            assert.ok(large.top >= now.top - 1 && large.bottom <= now.bottom + 1, where);
            assert.ok(small.top >= now.top - 1 && small.bottom <= now.bottom + 1, where);
            const covered = await slider.evaluate((each) => {
                const { left, top, width, height } = each.getBoundingClientRect();
                let at = document.elementFromPoint(left + width / 2, top + height / 2);
                while (
                    at?.shadowRoot?.elementFromPoint(left + width / 2, top + height / 2) &&
                    at.shadowRoot !== each.getRootNode()
                )
                    at = at.shadowRoot.elementFromPoint(left + width / 2, top + height / 2);
                return at?.tagName;
            });
            assert.match(covered, /PL-PARAM|INPUT/, `${where}: covered by ${covered}`);
        }
    });
}

test('the small desk is a board, too', async (t) => {
    const page = await drawn(t, { size: sizes[4] });
    await page.evaluate(() => scrollTo(0, 700));
    await page.locator('.desk.compact').waitFor();
    await page.getByRole('button', { name: /^Explain 9/ }).click();
    assert.equal(await page.getByRole('button', { name: /^Explain 9/ }).getAttribute('aria-pressed'), 'true');
    const { width } = await page.locator('pl-board canvas').boundingBox();
    assert.ok(width < 120, `a board of ${width}`);
    await draw(page, [
        [
            [0.2, 0.95],
            [0.8, 0.95],
        ],
    ]);
    await until(
        () =>
            page.evaluate(() => {
                dispatchEvent(new Event('pagehide'));
                return JSON.parse(sessionStorage.getItem('pellucid.drawing')).length;
            }),
        (count) => count === digits[4].length + 1,
        'one more stroke',
    );
    await page.evaluate(() => scrollTo(0, 0));
    await until(
        () => page.locator('.desk.compact').count(),
        (count) => count === 0,
        'the desk in full',
    );
});

test('tiles are shown large and compared by touch', async (t) => {
    const page = await web.open(t, { size: sizes[4], touch: true });
    const tile = tiles(page).filter({ has: page.getByRole('link', { name: 'Occlusion', exact: true }) });
    for (const name of ['Show Occlusion large', 'Compare Occlusion']) {
        const button = tile.getByRole('button', { name });
        const { width, height } = await button.boundingBox();
        assert.ok(width >= 44 && height >= 44, `${name}: ${width}×${height}`);
    }
    await tile.getByRole('button', { name: 'Show Occlusion large' }).tap();
    await page.locator('pl-hero').getByRole('heading', { name: 'Occlusion' }).waitFor();
    await page.waitForTimeout(500); // the words beside it may be longer
    await tile.getByRole('button', { name: 'Compare Occlusion' }).tap();
    const more = page.getByRole('button', { name: 'More' });
    if (await more.isVisible()) await more.tap();
    await page.getByRole('link', { name: /^Compare/ }).tap();
    await page.locator('pl-slot').getByRole('button', { name: 'Another method than Occlusion' }).waitFor();
});

/** How many colours of a screenshot differ clearly from its first pixel. */
const contrasting = (page, png) =>
    page.evaluate(async (bytes) => {
        const bitmap = await createImageBitmap(new Blob([Uint8Array.from(atob(bytes), (each) => each.charCodeAt(0))]));
        const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
        const context = canvas.getContext('2d');
        context.drawImage(bitmap, 0, 0);
        const { data } = context.getImageData(0, 0, bitmap.width, bitmap.height);
        let count = 0;
        for (let at = 0; at < data.length; at += 4) {
            if ([0, 1, 2].some((c) => Math.abs(data[at + c] - data[c]) > 60)) count++;
        }
        return count / (data.length / 4);
    }, png.toString('base64'));

for (const dark of [false, true]) {
    test(`forced colours keep bars, legends, maps and edges${dark ? ' (dark)' : ''}`, async (t) => {
        const page = await drawn(t, { size: sizes[0], dark, forced: true });
        await page.waitForTimeout(500);
        const shot = async (locator) => contrasting(page, await locator.screenshot());
        assert.ok(
            (await shot(page.getByRole('button', { name: /^Explain 4/ }).locator('.track'))) > 0.5,
            'the bar of the answer',
        );
        assert.ok((await shot(page.locator('pl-hero pl-legend .bar'))) > 0.3, 'the legend');
        assert.ok((await shot(page.locator('pl-hero pl-map'))) > 0.02, 'the map');
        assert.ok((await shot(page.locator('pl-board'))) > 0.05, 'the ink');
        for (const edged of ['pl-hero pl-map', 'pl-board']) {
            assert.notEqual(
                await page
                    .locator(edged)
                    .first()
                    .evaluate((each) => getComputedStyle(each).outlineStyle),
                'none',
                edged,
            );
        }
        await page.evaluate(() => {
            location.hash = '#/fool';
        });
        await until(
            () => page.locator('.verdict').textContent(),
            (text) => /I (now|still) read/.test(text),
            'the verdict',
        );
        assert.ok(
            (await shot(page.locator('pl-compare tbody tr').nth(4).locator('.track').first())) > 0.5,
            'the bar before the attack',
        );
    });
}
