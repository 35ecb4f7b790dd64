// The walk down the network: in every layer, the messages of a unit add up to what it received.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setUp } from './page.mjs';
import { addsUp, chooseStrongest, openWalk, steps, turnTo } from './walk.mjs';

const web = setUp();
test('in every layer what a unit received adds up, whatever the rules', async (t) => {
    const page = await openWalk(web, t, 'lrp');
    const totals = new Set();
    for (const query of [
        '',
        '?composite=epsilon_gamma_box',
        '?composite=epsilon_alpha2_beta1',
        '?rule=w_square',
        '?rule=flat',
        '?rule=gamma',
    ]) {
        if (query !== '') await turnTo(page, `lrp${query}`);
        const count = await steps(page).count();
        assert.ok(count >= 7, `${query}: ${count} steps`);
        const score = await page.locator('pl-numbers dd').first().textContent();
        assert.equal(
            (await steps(page).first().locator('.sum').textContent()).split('in all')[0].trim(),
            score.trim(),
            query,
        );
        for (let index = 1; index < count; index++)
            await addsUp(await chooseStrongest(page, index), `${query}, step ${index}`);
        // Other rules, another walk.
        totals.add((await steps(page).locator('.sum').allTextContents()).join());
        const first = await chooseStrongest(page, 0);
        await first.getByText('Here the walk begins').waitFor();
    }
    assert.equal(totals.size, 6, [...totals].join(' | '));
});

test('every relevance method that keeps a ledger has its walk', async (t) => {
    const page = await openWalk(web, t, 'lrp');
    await page.evaluate(() => {
        location.hash = '#/why';
    });
    const family = page.locator('pl-why .family').filter({ has: page.getByRole('heading', { name: /^Relevance/ }) });
    await family.waitFor();
    const links = await family.getByRole('link').evaluateAll((all) => all.map((link) => link.getAttribute('href')));
    const walks = [];
    for (const link of links) {
        const method = link.split('/').at(-1);
        await turnTo(page, method);
        const count = await steps(page).count();
        if (count === 0) continue;
        walks.push(method);
        for (const index of [1, Math.floor(count / 2), count - 1])
            await addsUp(await chooseStrongest(page, index), `${link}, step ${index}`);
    }
    for (const method of ['lrp', 'deep_taylor', 'excitation_backprop', 'deeplift'])
        assert.ok(walks.includes(method), `${walks.join(', ')} have a walk, not ${method}`);
});
