// The walk down the network: what every layer was given, and the arithmetic of what a unit received.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { answered, draw, pixels, setUp, sizes, until } from './page.mjs';
import { addsUp, chooseStrongest, number, openWalk, rounding, steps, texts, turnTo } from './walk.mjs';

const web = setUp();
const opened = (...how) => openWalk(web, ...how);

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
            assert.ok(
                Math.abs(product - written) <= 0.08 * Math.abs(product) + rounding(cells[4]),
                `step ${index}: ${cells.join(' | ')} is ${product}`,
            );
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
            const cells = await texts(row.locator('td:not(.picture)'));
            if (cells.length !== 4) continue;
            const product = number(cells[0]) * number(cells[1]) * number(cells[2]);
            assert.ok(
                Math.abs(product - number(cells[3])) <= 0.08 * Math.abs(product) + rounding(cells[3]),
                `step ${index}: ${cells.join(' | ')} is ${product}`,
            );
            checked++;
        }
    }
    assert.ok(checked > 10, `${checked} products`);
    await turnTo(page, 'deep_shap');
    await steps(page).first().waitFor();
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
    const above = steps(page)
        .nth(count - 2)
        .locator('.unit');
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
    await draw(page, [
        [
            [0.3, 0.2],
            [0.7, 0.2],
        ],
    ]);
    await until(sums, (now) => now[0] !== before[0], 'other sums for another drawing');
    const plain = await sums();
    await page.locator('pl-method').getByLabel('rule', { exact: true }).selectOption('alpha_beta');
    await until(sums, (now) => now.at(-1) !== plain.at(-1), 'other sums for another rule');
});

test('methods without a ledger have no walk; on a phone it fits', async (t) => {
    const page = await opened(t, 'lrp', { size: sizes.phone, touch: true });
    await chooseStrongest(page, 3);
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), sizes.phone.width);
    await page.evaluate(() => {
        location.hash = '#/method/gradient';
    });
    await answered(page, 'gradient');
    assert.equal(await page.locator('pl-walk').count(), 0);
});
