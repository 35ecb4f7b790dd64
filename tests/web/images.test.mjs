// Images beside the map: the standard error of sampled methods, and what else methods answer; images as parameters.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { digits, draw, go, pixels, said, setUp, until } from './page.mjs';

const web = setUp();
const opened = async (t, hash) => {
    const page = await web.open(t, { hash: `#/${hash}` });
    await draw(page, digits[4]);
    await until(
        () => said(page).textContent(),
        (text) => /\s4\s/.test(text),
        'the sentence',
    );
    return page;
};
/** An IDX file of bytes. */
function idxFile(sizes, bytes) {
    const head = Buffer.alloc(4 + 4 * sizes.length);
    [0x800 + sizes.length, ...sizes].forEach((value, at) => head.writeUInt32BE(value, 4 * at));
    return Buffer.concat([head, bytes]);
}
const figure = (page, name) => page.locator('pl-results figure', { hasText: name });

test('a sampled method shows the standard error of its mean, in its own scale', async (t) => {
    const page = await opened(t, 'method/smoothgrad?samples=8');
    const error = figure(page, 'Standard error of the mean');
    await error.waitFor();
    const legend = async (within) =>
        (await within.locator('> pl-legend .scale').textContent()).replace(/\s+/g, ' ').trim();
    const most = async () => Number((await legend(error)).split(' ').at(-1));
    await until(most, (value) => value > 0, 'the legend of the error');
    assert.match(await legend(error), /^0 /);
    assert.notEqual(await legend(error), await legend(page.locator('pl-method .picture')));
    assert.match(await error.textContent(), /% of the map/);
    const [few, picture] = [await most(), await pixels(error)];
    await page.locator('pl-method').getByLabel('samples', { exact: true }).last().fill('200');
    await page.keyboard.press('Tab');
    await until(most, (value) => value < 0.5 * few, 'a smaller error from more samples');
    assert.notEqual(await pixels(error), picture);
});

test('further images and numbers are shown whatever the method calls them', async (t) => {
    const page = await opened(t, 'method/grad_cam');
    await figure(page, 'own map').waitFor();
    assert.ok(
        (await figure(page, 'own map')
            .locator('canvas')
            .first()
            .evaluate((canvas) => canvas.width)) < 28,
    );
    await page.evaluate(() => {
        location.hash = '#/method/integrated_gradients';
    });
    await until(
        () => page.locator('pl-numbers dl').textContent(),
        (text) => /completeness gap/.test(text),
        'the completeness gap',
    );
});

test('a drawing is kept as a baseline, and so are samples and files; the address keeps the choice', async (t) => {
    const page = await opened(t, 'method/integrated_gradients');
    const map = page.locator('pl-method .picture > pl-map');
    const control = page.locator('pl-picture');
    const refined = async () => {
        await until(
            () => page.locator('pl-method .picture > .quiet').first().textContent(),
            (text) => /ms/.test(text) && !/preview/.test(text),
            'the full answer',
        );
        await page.waitForTimeout(300);
        return pixels(map);
    };
    const plain = await refined();
    // The picture has a control only while it counts.
    assert.equal(await control.count(), 0);
    await page.getByLabel('baseline', { exact: true }).selectOption('image');
    await control.getByRole('button', { name: 'Keep this drawing' }).click();
    await until(
        () => page.url(),
        (url) => /baseline=image&baseline_image=kept-[0-9a-f]{8}/.test(url),
        'the address',
    );
    assert.equal(await page.getByLabel('baseline', { exact: true }).inputValue(), 'image');
    // The drawing is its own baseline, but for 255 steps of grey: next to nothing is left to explain.
    await until(
        () => page.locator('pl-numbers dd').nth(1).textContent(),
        (sum) => Math.abs(Number(sum.replaceAll('−', '-'))) < 0.02,
        'an empty map',
    );
    await control.getByLabel('A sample digit').selectOption('1');
    await until(
        () => page.url(),
        (url) => url.includes('baseline_image=digit-1'),
        'the sample in the address',
    );
    const sample = await until(refined, (picture) => picture !== plain, 'the map for the sample');
    await page.reload(); // which keeps the drawing, too
    await control.locator('pl-map').waitFor();
    assert.notEqual(await refined(), plain);
    const png = await page.evaluate(() => {
        const canvas = document.createElement('canvas');
        canvas.width = canvas.height = 56;
        const context = canvas.getContext('2d');
        context.fillRect(20, 8, 8, 40);
        return canvas.toDataURL('image/png').split(',')[1];
    });
    await control
        .locator('input[type=file]')
        .setInputFiles({ name: 'one.png', mimeType: 'image/png', buffer: Buffer.from(png, 'base64') });
    await until(
        () => page.url(),
        (url) => url.includes('baseline_image=kept-'),
        'the file in the address',
    );
    assert.notEqual(await until(refined, (picture) => picture !== sample, 'the map for the file'), plain);
    await control
        .locator('input[type=file]')
        .setInputFiles({ name: 'text.png', mimeType: 'image/png', buffer: Buffer.from('no picture') });
    await control.getByRole('alert').waitFor();
    await control.getByRole('button', { name: 'Default' }).click();
    await until(
        () => page.url(),
        (url) => !url.includes('baseline'),
        'the address without it',
    );
    await until(refined, (picture) => picture === plain, 'the map as it was');
});

test('finer settings are folded away until one of them is changed', async (t) => {
    const page = await opened(t, 'method/lrp');
    const finer = page.locator('pl-method details');
    const bias = finer.getByLabel('bias', { exact: true });
    await finer.getByText('finer settings').waitFor();
    assert.equal(await bias.isVisible(), false);
    // Gamma does nothing under this composite, and so has no control.
    assert.equal(await page.getByLabel('gamma', { exact: true }).count(), 0);
    await page.getByLabel('composite', { exact: true }).selectOption('epsilon_gamma_box');
    assert.equal(await page.getByLabel('gamma', { exact: true }).last().isVisible(), true);
    await finer.getByText('finer settings').click();
    await bias.selectOption('whole');
    await until(
        () => page.url(),
        (url) => url.includes('bias=whole'),
        'the address',
    );
    await page.reload();
    await bias.waitFor({ state: 'visible' });
    assert.equal(await bias.inputValue(), 'whole');
    await page.getByRole('button', { name: 'Back to the defaults' }).click();
    await bias.waitFor({ state: 'hidden' });
});

test('networks are trained without a feature on pen drawings, or on images that are dropped', async (t) => {
    const page = await web.open(t, { hash: '#/method/ablation_test?feature=top&epochs=1&samples=40' });
    const method = page.locator('pl-method');
    const bars = () => method.locator('.picture pl-bars li').allTextContents();
    const shares = async () => (await bars()).map((text) => Number.parseFloat(text.match(/([\d.]+) %/)?.[1] ?? 'NaN'));
    // Bars of the run before stand until the next one has some of its own.
    const start = async (accept, what) => {
        await method.getByRole('button', { name: 'Start' }).click();
        await until(shares, (all) => all.length === 2 && accept(all), what, 90_000);
    };
    const which = method.locator('pl-own-images .which');
    await which.getByText('300 built-in pen drawings').waitFor();
    await start((all) => all.every(Number.isFinite), 'two trainings on pen drawings');
    assert.match((await bars()).join(), /nothing.*the upper half/s);
    await method.locator('pl-numbers', { hasText: /trained.*30 images/is }).waitFor();

    // The class is where in the upper half a block stands; below there is nothing.
    const images = new Uint8Array(60 * 784);
    const labels = Uint8Array.from({ length: 60 }, (_, n) => n % 3);
    labels.forEach((label, n) => {
        for (let at = 0; at < 64; ++at) images[n * 784 + (3 + (at >> 3)) * 28 + 1 + 9 * label + (at & 7)] = 255;
    });
    await page.getByLabel('Files of images and labels').setInputFiles([
        { name: 'images', mimeType: '', buffer: idxFile([60, 28, 28], images) },
        { name: 'labels', mimeType: '', buffer: idxFile([60], labels) },
    ]);
    await which.getByText('your 60 images').waitFor();
    await go(page, '#/method/ablation_test?feature=top&epochs=12&samples=60');
    await start(([all, without]) => all > 90 && without < 70, 'that the upper half is missed');
    // What needs data has them now, and says what it lacks otherwise.
    await go(page, '#/method/label_audit');
    await method.getByRole('button', { name: 'Start' }).click();
    await method.locator('pl-table tbody tr').first().waitFor({ timeout: 60_000 });
});
