// The walk down the network: what every layer was given, and the arithmetic of what a unit received.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { digits, draw, pixels, said, setUp, sizes, until } from './page.mjs';

const web = setUp();
const opened = async (t, method, options = {}) => {
    const page = await web.open(t, { ...options, hash: `#/method/${method}` });
    await draw(page, digits[4]);
    await until(() => said(page).textContent(), (text) => /\s4\s/.test(text), 'the sentence');
    await page.locator('pl-walk li').first().waitFor();
    // The pen rests: nothing is computed anew behind the test's back.
    await page.waitForTimeout(600);
    return page;
};
const steps = (page) => page.locator('pl-walk li');
/** A number as the page writes it. */
const number = (text) => Number(text.replaceAll('−', '-').replace('+', ''));
const texts = async (locator) => (await locator.allTextContents()).map((text) => text.trim());
/** Half a unit of the last digit shown. */
const rounding = (text) => {
    const [mantissa, exponent = '0'] = text.replaceAll('−', '-').split('e');
    return 0.5 * 10 ** (Number(exponent) - (mantissa.split('.')[1]?.length ?? 0));
};

/** Chooses the cell in the middle of a step's map, or where its strongest value is. */
async function chooseStrongest(page, index) {
    const units = steps(page).nth(index).locator('.map pl-units');
    const place = await units.evaluate(({ map }) => {
        const best = map.data.reduce((at, value, i) => (Math.abs(value) > Math.abs(map.data[at]) ? i : at), 0);
        return { x: ((best % map.width) + 0.5) / map.width, y: (Math.floor(best / map.width) + 0.5) / map.height };
    });
    await units.scrollIntoViewIfNeeded();
    const box = await units.boundingBox();
    await units.click({ position: { x: place.x * box.width, y: place.y * box.height } });
    await steps(page).nth(index).locator('.unit .relevance').waitFor();
    return steps(page).nth(index).locator('.unit');
}

/** Messages, the rest and the sum of one unit as they are displayed: they add up to the relevance that is displayed. */
async function addsUp(unit, what) {
    const relevance = (await unit.locator('.relevance').textContent()).trim();
    const sums = await texts(unit.locator('pl-received .sum'));
    assert.ok(sums.length > 0, `${what}: no table`);
    if (sums.length === 1) assert.equal(sums[0], relevance, what);
    const parts = await texts(unit.locator('pl-received :is(td.message, td.rest)'));
    const shown = parts.length > 0 ? parts : sums; // nothing was received: no rows
    const total = shown.reduce((sum, text) => sum + number(text), 0);
    const slack = shown.reduce((sum, text) => sum + rounding(text), rounding(relevance));
    assert.ok(Math.abs(total - number(relevance)) <= slack * 1.01, `${what}: ${shown.join(' ')} is ${total}, not ${relevance}`);
    return relevance;
}

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

test('every product shown is what its factors make', async (t) => {
    const page = await opened(t, 'lrp?composite=epsilon_alpha2_beta1');
    const count = await steps(page).count();
    let checked = 0;
    for (let index = 1; index < count; index++) {
        const unit = await chooseStrongest(page, index);
        for (const row of await unit.locator('pl-received tbody tr').all()) {
            const cells = await texts(row.locator('td'));
            if (cells.length < 5 || cells[0] === '') continue;
            const factor = (text) => number(text.split(' · ').at(-1).split(' ')[0]);
            const coefficient = cells[0].includes(' · ') ? number(cells[0].split(' · ')[0]) : 1;
            const product = (coefficient * factor(cells[0]) * factor(cells[1]) * number(cells[3])) / number(cells[2]);
            const written = number(cells[4]);
            // Four factors of two to three digits each.
            assert.ok(Math.abs(product - written) <= 0.08 * Math.abs(product) + rounding(cells[4]), `step ${index}: ${cells.join(' | ')} is ${product}`);
            checked++;
        }
    }
    assert.ok(checked > 20, `${checked} products`);
});

test('DeepLIFT tells changes, weights and multipliers; Deep SHAP means over its baselines', async (t) => {
    const page = await opened(t, 'deeplift');
    await page.getByText('what the score has over the baseline’s').waitFor();
    const count = await steps(page).count();
    let checked = 0;
    for (let index = 1; index < count; index++) {
        const unit = await chooseStrongest(page, index);
        await addsUp(unit, `step ${index}`);
        for (const row of await unit.locator('pl-received tbody tr').all()) {
            const cells = (await texts(row.locator('td:not(.picture)')));
            if (cells.length !== 4) continue;
            const product = number(cells[0]) * number(cells[1]) * number(cells[2]);
            assert.ok(Math.abs(product - number(cells[3])) <= 0.08 * Math.abs(product) + rounding(cells[3]), `step ${index}: ${cells.join(' | ')} is ${product}`);
            checked++;
        }
    }
    assert.ok(checked > 10, `${checked} products`);
    await page.evaluate(() => { location.hash = '#/method/deep_shap'; });
    await page.locator('pl-method').getByRole('heading', { name: 'Deep SHAP' }).waitFor();
    await steps(page).first().waitFor();
    await page.waitForTimeout(1200);
    const last = await chooseStrongest(page, (await steps(page).count()) - 1);
    await addsUp(last, 'Deep SHAP');
    assert.match(await last.locator('caption').first().textContent(), /mean over \d+ baselines/);
});

test('the keyboard chooses units, and the way leads up', async (t) => {
    const page = await opened(t, 'lrp');
    const count = await steps(page).count();
    const last = steps(page).nth(count - 1);
    await last.locator('.map canvas').focus();
    await page.keyboard.press('Enter');
    await last.locator('.unit .relevance').waitFor();
    const name = () => last.locator('.which strong').textContent();
    assert.match(await name(), /Row 14, column 14/);
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('ArrowUp');
    await until(name, (text) => /Row 13, column 15/.test(text), 'the unit up and right');
    assert.match(page.url(), /#\/method\/lrp$/);
    const unit = await chooseStrongest(page, count - 1);
    await addsUp(unit, 'the input');
    const going = unit.getByRole('button', { name: /^Go up to/ }).first();
    const to = (await going.getAttribute('aria-label')).match(/to (\S+) (\d+)/);
    await going.click();
    const above = steps(page).nth(count - 2).locator('.unit');
    await above.locator('.relevance').waitFor();
    assert.equal(await above.locator('select').inputValue(), to[2]);
    await addsUp(above, 'the unit above');
    await above.getByRole('button', { name: 'Close' }).click();
    assert.equal(await page.locator('pl-walk .unit').count(), 0);
});

test('channels are shown one by one on demand, and each is a map of units', async (t) => {
    const page = await opened(t, 'lrp');
    const index = (await steps(page).count()) - 2;
    const step = steps(page).nth(index);
    const button = step.getByRole('button', { name: /^Show \d+ channels/ });
    const wanted = Number((await button.textContent()).match(/\d+/)[0]);
    await button.click();
    const figures = step.locator('.channels figure');
    assert.equal(await figures.count(), wanted);
    const pictures = new Set();
    for (const figure of await figures.all()) pictures.add(await pixels(figure.locator('pl-units')));
    assert.ok(pictures.size > wanted / 2, `${pictures.size} different pictures of ${wanted}`);
    await figures.nth(3).locator('canvas').click();
    await step.locator('.unit .relevance').waitFor();
    assert.equal(await step.locator('.unit select').inputValue(), '3');
});

test('the walk follows the drawing and the parameters', async (t) => {
    const page = await opened(t, 'lrp', { size: { width: 1440, height: 2600 } });
    const sums = () => texts(steps(page).locator('.sum'));
    const before = await sums();
    await draw(page, [[[0.3, 0.2], [0.7, 0.2]]]);
    await until(sums, (now) => now[0] !== before[0], 'other sums for another drawing');
    const plain = await sums();
    await page.locator('pl-method').getByLabel('rule', { exact: true }).selectOption('alpha_beta');
    await until(sums, (now) => now.at(-1) !== plain.at(-1), 'other sums for another rule');
});

test('methods without a ledger have no walk; on a phone it fits', async (t) => {
    const page = await opened(t, 'lrp', { size: sizes.phone, touch: true });
    await chooseStrongest(page, 3);
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), sizes.phone.width);
    await page.evaluate(() => { location.hash = '#/method/gradient'; });
    await page.locator('pl-method').getByRole('heading', { name: 'Gradient' }).waitFor();
    await page.waitForTimeout(400);
    assert.equal(await page.locator('pl-walk').count(), 0);
});
