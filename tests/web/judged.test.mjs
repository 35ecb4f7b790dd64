// What the league and the tests of maps say on the methods' own pages: badges, and this map checked by every test.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { before, test } from 'node:test';
import { digits, draw, go, setUp, until } from './page.mjs';

const web = setUp();
const long = 90_000;
let league;
before(async () => {
    league = JSON.parse(await readFile(new URL('../../models/lenet.league.json', import.meta.url), 'utf8'));
});

test('badges come from the league, and say on focus what they mean', async (t) => {
    const page = await web.open(t, { hash: '#/method/guided_backprop' });
    const badge = page.locator('pl-method .badge', { hasText: 'keeps its map' });
    await badge.waitFor();
    await badge.focus();
    const tip = page.locator('pl-method pl-badges [popover]');
    await until(
        () => tip.isVisible(),
        (is) => is,
        'the words',
    );
    const { mean } = league.league.guided_backprop.model_randomisation.mean_spearman;
    assert.match(
        await tip.textContent(),
        new RegExp(`stays when the network forgets.*${mean.toFixed(2)} on average over 100 test images`),
    );
    await go(page, '#/method/lime');
    await page.locator('pl-method pl-badges', { hasText: 'Not in LeNet’s league' }).waitFor();
    await go(page, '#/why');
    await page.getByRole('button', { name: 'Choose methods' }).click();
    await page.locator('pl-picker .line[data-key="occlusion"] .badge', { hasText: 'best at insertion' }).waitFor();
});

test("a method's page checks its map by every test when asked, with the league beside it", async (t) => {
    const page = await web.drawn(t, { hash: '#/method/occlusion?window=7' });
    const check = page.locator('pl-check');
    const row = (id) => check.locator(`tr[data-test="${id}"]`);
    await row('deletion')
        .getByText(/^best: /)
        .waitFor({ timeout: long });
    assert.equal(await row('deletion').locator('.own').textContent(), '');
    await check.getByRole('button', { name: 'Check this map' }).click();
    await until(
        () => row('deletion').locator('.own').textContent(),
        (text) => /^[\d.]+ *number \d+ of 15/.test(text.trim()),
        'the first test',
        long,
    );
    // The settings go with the link, and with the question.
    assert.equal(
        await row('deletion').getByRole('link').getAttribute('href'),
        '#/method/deletion?method=occlusion&method_params=window%3D7',
    );
    await check.getByRole('button', { name: 'Stop' }).click();
    await page.evaluate(() => {
        location.hash = '#/method/pattern_attribution';
    });
    const own = league.league.pattern_attribution.insertion.area.mean.toFixed(2);
    await row('insertion')
        .getByText(new RegExp(`^${own} ± `))
        .waitFor();
    await check.getByRole('button', { name: 'Check this map' }).click();
    await until(
        () => check.getByRole('status').textContent(),
        (text) => /^13 of 13 done/.test(text),
        'all tests',
        long,
    );
    assert.match(await row('model_randomisation').locator('.why').textContent(), /patterns.*random weights have none/);
    assert.match(
        await row('insertion').locator('.own').textContent(),
        /(better|worse) than for most drawings|as for most drawings/,
    );
    await draw(page, digits[1]);
    await until(
        () => check.getByRole('status').textContent(),
        (text) => /Of the drawing as it was/.test(text),
        'what it is about',
    );
});
