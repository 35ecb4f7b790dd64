// What is set in a room is in the address, beside the drawing and the network (tests/web/state.test.mjs).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { go, setUp, until } from './page.mjs';

const web = setUp();

test('what is set in a room is in the address, for a link and a reload; nonsense does no harm', async (t) => {
    const nonsense = 'fool.attack=nonsense&fool.epsilon=-3&imagine.gap=x&trust.subject=no_such_method&trust.league=no';
    const page = await web.drawn(t, { hash: `?${nonsense}#/fool` });
    const slider = page.getByLabel('Largest change of a pixel');
    await until(
        () => slider.inputValue(),
        (value) => Number(value) > 0,
        'the standard, where the address says nothing that can be used',
    );
    await page.getByLabel('Attack', { exact: true }).selectOption('mi_fgsm');
    await page.getByLabel('It should be taken for').selectOption('9');
    await slider.fill('0.23');
    // Rooms that were not entered yet keep what the address says, and what is standard is not said.
    await until(
        () => page.url(),
        (url) => /fool\.aim=9&fool\.attack=mi_fgsm&fool\.epsilon=0\.23&imagine\.gap=x&/.test(url),
        'the attack in the address',
    );

    await go(page, '#/imagine');
    await page.getByRole('button', { name: 'the left half' }).click();
    await page.getByLabel('noise', { exact: true }).fill('0.45');
    await page.locator('pl-duel').getByLabel('It should be read as').selectOption('2');
    await page.locator('pl-wall').getByLabel('made of').selectOption('am_expert');
    await go(page, '#/trust');
    await page.locator('pl-eraser').getByRole('button', { name: 'Occlusion' }).click();
    await page.locator('pl-eraser #erased').fill('20');
    await page.locator('pl-forgetting #stage').fill('3');
    const column = page.locator('pl-trust section[aria-labelledby=league] pl-league thead button').first();
    await column.click();
    await until(
        () => page.url(),
        (url) =>
            [
                'imagine.gap=',
                'imagine.noise=0.45',
                'imagine.fooling=2',
                'imagine.way=am_expert',
                'trust.subject=occlusion',
                'trust.erased=20',
                'trust.forgotten=3',
            ].every((part) => url.includes(part)) && /trust\.league=(?!no[&#])/.test(url),
        'all of it in the address',
    );
    // A reload reads it all from the address, as a link does elsewhere.
    await page.reload();
    await page
        .locator('pl-eraser')
        .getByRole('button', { name: 'Occlusion', pressed: true })
        .waitFor({ timeout: 30_000 });
    assert.equal(await page.locator('pl-eraser #erased').inputValue(), '20');
    assert.equal(await page.locator('pl-forgetting #stage').inputValue(), '3');
    await until(
        () => page.locator('pl-league th[aria-sort=ascending], pl-league th[aria-sort=descending]').count(),
        (count) => count === 1,
        'the league in order',
    );
    await go(page, '#/imagine');
    await page.locator('pl-fill').getByRole('button', { name: 'nothing', disabled: false }).waitFor();
    assert.deepEqual(
        await page
            .locator('pl-fill')
            .evaluate(({ mask }) => [
                mask[0],
                mask[13],
                mask[14],
                mask[783],
                mask.reduce((sum, each) => sum + each, 0),
            ]),
        [0, 0, 1, 1, 392],
    );
    assert.equal(await page.getByLabel('noise', { exact: true }).inputValue(), '0.45');
    assert.equal(await page.locator('pl-duel').getByLabel('It should be read as').inputValue(), '2');
    assert.equal(await page.locator('pl-wall').getByLabel('made of').inputValue(), 'am_expert');
    await go(page, '#/fool');
    await until(
        () => page.getByLabel('Attack', { exact: true }).inputValue(),
        (value) => value === 'mi_fgsm',
        'the attack',
    );
    assert.equal(await page.getByLabel('It should be taken for').inputValue(), '9');
    assert.equal(Number(await page.getByLabel('Largest change of a pixel').inputValue()), 0.23);
    await page.locator('pl-epsilon .flip:enabled').click({ timeout: 30_000 });
    await until(
        () => page.url(),
        (url) => !url.includes('fool.epsilon'),
        'the ε that follows is the standard',
    );
});
