// What stands beside the board: targets, the linked pixel, methods in full, the attack, what the network gets, choices.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pixels, pressOnTile, setUp, showAll, tile, tiles, until } from './page.mjs';

const web = setUp();
const drawn = (t, options) => web.drawn(t, options);
/** The picture once it no longer changes: drawing and refinement are over. */
async function settled(map) {
    let last = await pixels(map);
    return until(
        async () => {
            const before = last;
            await new Promise((resolve) => {
                setTimeout(resolve, 400);
            });
            last = await pixels(map);
            return before === last ? last : null;
        },
        (picture) => picture !== null,
        'a picture at rest',
    );
}

test('digit keys choose the target, Shift the comparison', async (t) => {
    const page = await drawn(t);
    const map = page.locator('pl-hero pl-map');
    const target = page.getByLabel('The digit to explain');
    const rather = page.getByLabel('The digit to compare with');
    const answer = await settled(map);
    await page.keyboard.press('9');
    assert.equal(await target.inputValue(), '9');
    await until(
        () => pixels(map),
        (picture) => picture !== answer,
        'the map for 9',
    );
    assert.equal(await page.getByRole('button', { name: /^Explain 9/ }).getAttribute('aria-pressed'), 'true');
    await page.keyboard.press('9');
    assert.equal(await target.inputValue(), '');
    await until(
        () => pixels(map),
        (picture) => picture === answer,
        'the map for the answer again',
    );
    await page.keyboard.press('Shift+Digit9');
    assert.equal(await rather.inputValue(), '9');
    assert.equal(await target.inputValue(), '4');
    await until(
        () => pixels(map),
        (picture) => picture !== answer,
        'the map for 4 rather than 9',
    );
    await until(
        () => page.locator('pl-hero .evidence').textContent(),
        (text) => text.includes('4 rather than 9'),
        'the words',
    );
});

test('the same pixel is shown in all maps', async (t) => {
    const page = await drawn(t, { size: { width: 1440, height: 2600 } });
    await settled(page.locator('pl-hero pl-map'));
    const box = await tile(page, 'Gradient').locator('pl-map').boundingBox();
    await page.mouse.move(box.x + 0.5 * box.width, box.y + 0.5 * box.height);
    const count = await tiles(page).count();
    for (let index = 0; index < count; index++)
        assert.match(await tiles(page).nth(index).locator('.value').textContent(), /\d/);
    assert.match(await page.locator('pl-hero .value').textContent(), /\d/);
    await page.mouse.move(5, 5);
    assert.equal(await page.locator('.value').count(), 0);
});

test('a tile leads to its method; a changed parameter changes the map, and the address keeps it', async (t) => {
    const page = await drawn(t, { size: { width: 1440, height: 2600 } });
    await tile(page, 'Occlusion').getByRole('link').click();
    await page.locator('pl-method').getByRole('heading', { name: 'Occlusion' }).waitFor();
    assert.match(page.url(), /#\/method\/occlusion$/);
    const map = page.locator('pl-method .picture pl-map');
    const before = await settled(map);
    await page.getByRole('slider', { name: 'window' }).fill('10');
    await until(
        () => pixels(map),
        (picture) => picture !== before,
        'the map with a larger window',
    );
    assert.match(page.url(), /window=10/);
    await page.locator('pl-formula .katex').first().waitFor();
    await page.getByText('What it cannot tell').waitFor();
    await page.getByRole('button', { name: 'Back to the defaults' }).click();
    await settled(map);
    assert.equal(await pixels(map), before);
    await page.keyboard.press('Escape');
    await page.locator('pl-hero').waitFor();
});

test("an attack changes the answer's numbers, and more so with a larger ε", async (t) => {
    const page = await drawn(t, { hash: '#/fool' });
    const row = (digit, column) =>
        page
            .locator('pl-compare tbody tr')
            .nth(digit)
            .locator('td')
            .nth(column)
            .locator('.bar')
            .evaluate((bar) => new DOMMatrix(getComputedStyle(bar).transform).a);
    await page.getByLabel('Largest change of a pixel').fill('0');
    await until(
        () => page.locator('.verdict').textContent(),
        (text) => text.startsWith('Nothing is changed yet'),
        'the verdict at 0',
    );
    // Bars glide to their numbers: what counts is where they come to rest.
    const fallen = async () => (await row(4, 0)) - (await row(4, 1));
    await until(fallen, (fall) => Math.abs(fall) < 1e-3, 'equal bars at 0');
    await page.getByLabel('Attack', { exact: true }).selectOption('pgd');
    await page.getByLabel('Largest change of a pixel').fill('0.4');
    await until(
        () => page.locator('.verdict').textContent(),
        (text) => /I now read an? [^4]/.test(text),
        'the verdict at 0.4',
    );
    await until(fallen, (fall) => fall > 0.3, 'a shorter bar at 0.4');
    await page.getByLabel('It should be taken for').selectOption('8');
    await until(
        () => row(8, 1),
        (share) => share > 0.5,
        'the share of 8',
    );
});

test('what the network gets is shown step by step', async (t) => {
    const page = await drawn(t, { hash: '#/input' });
    const sizes = await page.locator('pl-input pl-map canvas').evaluateAll((all) => all.map(({ width }) => width));
    assert.deepEqual(sizes, [80, 20, 28]);
});

test('tiles are chosen, compared, shown large, and remembered', async (t) => {
    const page = await drawn(t);
    const count = await tiles(page).count();
    await page.getByRole('button', { name: 'Choose methods' }).click();
    await page.getByLabel('Gradient', { exact: true }).uncheck();
    await page.getByRole('button', { name: 'Compare Occlusion' }).last().click();
    await page.keyboard.press('Escape');
    const arranged = async () => {
        assert.equal(await tiles(page).count(), count - 1);
        assert.equal(
            await tile(page, 'Occlusion')
                .locator('button[aria-label="Compare Occlusion"]')
                .getAttribute('aria-pressed'),
            'true',
        );
        assert.match(await page.getByRole('link', { name: /^Compare/ }).textContent(), /1/);
    };
    await arranged();
    await pressOnTile(page, 'Occlusion', 'Show Occlusion large');
    await page.locator('pl-hero').getByRole('heading', { name: 'Occlusion' }).waitFor();
    await page.reload();
    await page.locator('pl-hero').getByRole('heading', { name: 'Occlusion' }).waitFor();
    await arranged();
});

test('the page starts with some tiles; the others are a press away, by family', async (t) => {
    const page = await drawn(t);
    const first = await tiles(page).count();
    assert.ok(first >= 6 && first <= 9, `${first} tiles`);
    const families = page.locator('pl-why .family');
    assert.ok((await families.count()) >= 5);
    const links = families.getByRole('link');
    const methods = await links.count();
    assert.ok(methods > first, `${methods} methods`);
    await showAll(page);
    assert.ok((await tiles(page).count()) >= methods);
    await page.getByRole('button', { name: 'Choose methods' }).click();
    await page.getByRole('button', { name: 'Standard selection' }).click();
    await page.keyboard.press('Escape');
    assert.equal(await tiles(page).count(), first);
    await page.getByRole('link', { name: /^Guided backpropagation|^Guided backprop/ }).click();
    await page
        .locator('pl-method')
        .getByRole('heading', { name: /Guided/ })
        .waitFor();
});

test('palette, signs and shared scale repaint the maps', async (t) => {
    const page = await drawn(t, { size: { width: 1440, height: 2600 } });
    const map = tile(page, 'Gradient').locator('pl-map');
    let last = await settled(map);
    await page.getByRole('button', { name: 'Appearance' }).click();
    for (const name of [
        'Orange and purple',
        'Plus and minus signs on the colours',
        'One for all maps in view',
        'Dark',
    ]) {
        await page.getByLabel(name).check();
        const now = await pixels(map);
        assert.notEqual(now, last, name);
        last = now;
    }
});

test('the large map is of whatever method is picked for it', async (t) => {
    const page = await drawn(t);
    await page.locator('pl-hero').getByRole('button', { name: 'Another method' }).click();
    await page.getByRole('searchbox').fill('small window is covered');
    await page.locator('pl-picker').getByRole('button', { name: 'Occlusion' }).click();
    await page.locator('pl-hero').getByRole('heading', { name: 'Occlusion' }).waitFor();
    await page.reload();
    await page.locator('pl-hero').getByRole('heading', { name: 'Occlusion' }).waitFor();
});
