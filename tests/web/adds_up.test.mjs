// The walk down the network: in every layer, the messages of a unit add up to what it received.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { digits, draw, setUp } from './page.mjs';
import { addsUp, chooseStrongest, openWalk, steps } from './walk.mjs';

const web = setUp();
const opened = (...how) => openWalk(web, ...how);

for (const query of ['', '?composite=epsilon_gamma_box', '?composite=epsilon_alpha2_beta1', '?rule=w_square', '?rule=flat', '?rule=gamma']) {
    test(`in every layer what a unit received adds up: lrp${query}`, async (t) => {
        const page = await opened(t, `lrp${query}`);
        const count = await steps(page).count();
        assert.ok(count >= 7, `${count} steps`);
        const score = await page.locator('pl-numbers dd').first().textContent();
        assert.equal((await steps(page).first().locator('.sum').textContent()).split('in all')[0].trim(), score.trim());
        for (let index = 1; index < count; index++) {
            const unit = await chooseStrongest(page, index);
            await addsUp(unit, `step ${index}`);
        }
        const first = await chooseStrongest(page, 0);
        await first.getByText('Here the walk begins').waitFor();
    });
}

test('every relevance method that keeps a ledger has its walk', async (t) => {
    const page = await web.open(t);
    await draw(page, digits[4]);
    const family = page.locator('pl-why .family').filter({ has: page.getByRole('heading', { name: /^Relevance/ }) });
    const links = await family.getByRole('link').evaluateAll((all) => all.map((link) => link.getAttribute('href')));
    let walks = 0;
    for (const link of links) {
        await page.evaluate((hash) => { location.hash = hash; }, link);
        await page.locator('pl-method pl-numbers').waitFor();
        await page.waitForTimeout(1200);
        const count = await steps(page).count();
        if (count === 0) continue;
        walks++;
        for (const index of [1, Math.floor(count / 2), count - 1]) await addsUp(await chooseStrongest(page, index), `${link}, step ${index}`);
    }
    assert.ok(walks >= 1);
});
