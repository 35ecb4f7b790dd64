// Fool it: the smallest ε, other networks, explanations before and after, and pixels changed by hand.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { digits, draw, pixels, setUp, until } from './page.mjs';
import { plainText } from './wording.mjs';

const web = setUp();
const drawn = (t, options) => web.drawn(t, { hash: '#/fool', ...options });
const verdict = (page) => page.locator('.verdict').textContent();
/** The smallest ε, as the button says it. */
const least = async (page) =>
    Number(
        /: (\d\.\d+)$/.exec(
            await until(
                async () => (await page.locator('pl-epsilon .flip').textContent()).trim(),
                (text) => /: \d\.\d+$/.test(text),
                'the smallest ε',
                30_000,
            ),
        )[1],
    );
const network = (page, id) => page.locator(`pl-networks tr[data-network=${id}]`);
const words = async (row) =>
    (await row.locator('th, td').allTextContents()).map((text) => text.replace(/\s+/g, ' ').trim());
const show = (part) => part.evaluate((element) => element.scrollIntoView({ block: 'start' }));

test('the room opens with the smallest ε that fools the network on this drawing; others hold longer', async (t) => {
    const page = await drawn(t);
    const slider = page.getByLabel('Largest change of a pixel');
    const smallest = await least(page);
    assert.ok(smallest > 0.01 && smallest < 0.5, `ε ${smallest}`);
    await until(
        () => verdict(page),
        (text) => /I now read an? [^4].* instead of a 4/.test(text),
        'fooled at the smallest ε',
        20_000,
    );
    assert.ok(Math.abs(Number(await slider.inputValue()) - smallest) < 1e-3, 'the slider stands there');
    await slider.fill(String(0.85 * smallest));
    await until(
        () => verdict(page),
        (text) => /I still read a 4/.test(text),
        'not fooled below it',
        20_000,
    );
    assert.equal(await page.locator('pl-epsilon .flip').getAttribute('aria-pressed'), 'false');
    await page.locator('pl-epsilon .flip').click();
    await until(
        () => verdict(page),
        (text) => /I now read/.test(text),
        'fooled again',
        20_000,
    );
    // The certificate is sound: it never reaches as far as what the attack found.
    const proved = await until(
        () => plainText(page.locator('pl-epsilon #known')),
        (text) => /up to \d.*\(proved\)|no certificate/s.test(text),
        'the certificate',
        20_000,
    );
    assert.ok(Number(/up to (\d\.\d+): nothing can change the answer/.exec(proved)?.[1] ?? 0) < smallest, proved);

    // LeNet is fooled where Robust holds; curves and dots say so for many digits.
    await show(page.locator('pl-networks'));
    const lenet = await until(
        () => words(network(page, 'lenet')),
        ([, , after, need]) => /^[^4…]/.test(after) && Number(need) > 0,
        'LeNet',
        30_000,
    );
    const robust = await until(
        () => words(network(page, 'robust')),
        ([, before, after, need]) => /^4/.test(before) && /^4/.test(after) && /0\.\d/.test(need),
        'Robust',
        30_000,
    );
    assert.ok(Math.abs(Number(lenet[3]) - smallest) < 2e-3, `${lenet[3]}, ${smallest}`);
    assert.ok(robust[3] === 'over 0.5' || Number(robust[3]) > 2 * Number(lenet[3]), `${robust[3]} and ${lenet[3]}`);
    assert.match(await page.locator('pl-networks .said').textContent(), /It fools LeNet/);

    const share = async (id) =>
        Number(/(\d+) %/.exec(await page.locator(`pl-held li[data-network=${id}]`).textContent())[1]);
    assert.ok((await page.locator('pl-held polyline').count()) >= 4);
    await until(
        () => page.locator('pl-held circle').count(),
        (count) => count >= 3,
        'a dot on each curve',
        30_000,
    );
    await page.getByLabel('Largest change of a pixel').fill('0.2');
    await until(
        () => share('lenet'),
        (percent) => percent < 50,
        'LeNet at 0.2',
    );
    assert.ok((await share('robust')) > 90);
    await page.getByLabel('Largest change of a pixel').fill('0');
    await until(
        () => share('lenet'),
        (percent) => percent >= 99,
        'LeNet without an attack',
    );

    // What fools LeNet on this drawing does not fool Robust when Robust is attacked.
    await page.getByLabel('Largest change of a pixel').fill(String(1.05 * smallest));
    await until(
        () => verdict(page),
        (text) => /I now read/.test(text),
        'LeNet attacked',
        20_000,
    );
    await page.getByRole('button', { name: 'Attack Robust instead' }).click();
    await until(
        () => verdict(page),
        (text) => /I still read a 4/.test(text),
        'Robust attacked',
        20_000,
    );

    // Another drawing has an ε of its own, and the slider follows.
    await page.getByRole('button', { name: 'Attack LeNet instead' }).click();
    await least(page);
    await page.locator('pl-epsilon .flip').click();
    await page.getByRole('button', { name: 'Clear' }).click();
    await draw(page, digits[1]);
    await until(
        () => verdict(page),
        (text) => /instead of a 1/.test(text),
        'the next drawing is fooled',
        30_000,
    );
    assert.notEqual(await least(page), smallest);
});

test('explanations of the drawing and of the changed drawing stand side by side', async (t) => {
    const page = await drawn(t, { size: { width: 1440, height: 2200 } });
    await least(page);
    await show(page.locator('pl-before-after'));
    const pairs = page.locator('pl-before-after article');
    const numbers = () => pairs.locator('.correlation').allTextContents();
    const first = await until(numbers, (all) => all.length >= 5, 'correlations', 30_000);
    assert.ok(
        first.every((text) => /^−?\d\.\d+$|^none$/.test(text)),
        first.join(),
    );
    await until(
        () => page.locator('pl-before-after .said').textContent(),
        (text) => /The answer turned from 4 to \d/.test(text),
        'the words',
        20_000,
    );
    const lrp = page.locator('pl-before-after article', { hasText: 'LRP' });
    assert.notEqual(await pixels(lrp.locator('pl-map').first()), await pixels(lrp.locator('pl-map').last()));
    assert.match(await lrp.textContent(), /why 4\s.*why [^4], changed/s);
    const own = await pixels(lrp.locator('pl-map').last());
    await page.getByRole('checkbox', { name: 'Explain 4 in both' }).check();
    await until(
        () => pixels(lrp.locator('pl-map').last()),
        (picture) => picture !== own,
        'the map of 4 in the changed drawing',
        20_000,
    );
    // It is the changed drawing that is explained: otherwise both maps would be the same now.
    assert.ok(Number((await lrp.locator('.correlation').textContent()).replace('−', '-')) < 0.999);
    const count = await pairs.count();
    await page.locator('pl-before-after').getByRole('button', { name: 'Another method' }).click();
    await page.locator('pl-before-after').getByRole('searchbox').fill('SmoothGrad');
    await page
        .locator('pl-before-after pl-picker')
        .getByRole('button', { name: /^SmoothGrad/ })
        .first()
        .click();
    assert.equal(await pairs.count(), count + 1);
    await until(numbers, (all) => all.length === count + 1, 'the added method', 30_000);
});

test('pixels are changed by hand, counted, and set beside what attacks need', async (t) => {
    const page = await drawn(t, { size: { width: 1440, height: 1400 } });
    const part = page.locator('pl-by-hand');
    await show(part);
    const caption = (title) => part.locator('figcaption', { hasText: title });
    const said = () => plainText(part.locator('.said'));
    await until(said, (text) => /^It reads a 4/.test(text), 'the start', 20_000);
    await until(
        () => caption('Saliency map attack').textContent(),
        (text) => /read as \d: \d+ pixels|found nothing/.test(text),
        'the rival',
        60_000,
    );

    // By the keyboard: a pixel of ink in the corner, and put back.
    const pad = part.locator('.pad');
    await pad.focus();
    for (let step = 0; step < 15; step++) await page.keyboard.press('ArrowUp');
    await page.keyboard.press('Space');
    await until(
        () => caption('Your change').textContent(),
        (text) => /1 pixel, L2 1\.00, L∞ 1\.00/.test(text),
        'a pixel',
    );
    await part.getByRole('button', { name: 'Put back' }).click();
    await pad.focus();
    for (let step = 0; step < 15; step++) await page.keyboard.press('ArrowUp');
    await page.keyboard.press('Space');
    await until(
        () => caption('Your change').textContent(),
        (text) => /nothing yet/.test(text),
        'the pixel as it was',
    );

    // By the mouse: paper over the digit, row by row, until it is no 4 any more.
    await part.getByRole('button', { name: 'Paper', exact: true }).click();
    const box = await pad.boundingBox();
    const at = (column, row) => [box.x + ((column + 0.5) * box.width) / 28, box.y + ((row + 0.5) * box.height) / 28];
    for (let row = 12; row < 24 && !/: done/.test(await said()); row++) {
        await page.mouse.move(...at(6, row));
        await page.mouse.down();
        await page.mouse.move(...at(22, row), { steps: 3 });
        await page.mouse.up();
        await until(said, (text) => /^After \d+ changed pixels/.test(text), 'the count');
        await page.waitForTimeout(250);
    }
    const best = await until(
        () => caption('Your best').textContent(),
        (text) => /read as [^4]: \d+ pixels, L2 \d/.test(text),
        'a best',
    );
    await until(said, (text) => /: done\. Your best: \d+\./.test(text), 'the words');
    await part.getByRole('button', { name: 'Begin again' }).click();
    await until(
        () => caption('Your change').textContent(),
        (text) => /nothing yet/.test(text),
        'the start again',
    );
    assert.equal(await caption('Your best').textContent(), best, 'the best stays');
    await part.getByRole('button', { name: 'Undo a pixel stroke' }).click();
    await until(said, (text) => /: done/.test(text), 'undone');
    // Another aim: what was found for the old one does not count.
    await part.getByLabel('What it should read').selectOption('8');
    await until(
        () => caption('Your best').textContent(),
        (text) => !/read as [^8]/.test(text),
        'no best for 8',
    );
});

test('a copy of the network learns in rounds, which are compared, held and stopped; then it is chosen', async (t) => {
    const page = await drawn(t, { hash: '?fool.epsilon=0.15#/fool' });
    const part = page.locator('pl-rounds');
    await show(part);
    const start = part.getByRole('button', { name: 'Attack, add, retrain' });
    assert.ok(await start.isDisabled(), 'nothing to learn from yet');
    await part.getByLabel('What the drawing is').selectOption('4');
    await part.getByRole('button', { name: 'Add the drawing' }).click();
    await until(
        () => plainText(part.locator('.said')),
        (text) => /^One drawing of yours and 200 pen digits/.test(text),
        'a drawing to learn from',
    );
    await start.click();
    await part.getByRole('button', { name: 'Pause' }).click({ timeout: 60_000 });
    const words = () => part.locator('pl-run .words').textContent();
    await until(words, (text) => /^Paused at \d+ %/.test(text), 'a round that is held');
    await part.getByRole('button', { name: 'Go on' }).click();
    const row = (number) => part.locator('tr[data-round]').nth(number);
    const numbers = async (number) => {
        await row(number).waitFor({ timeout: 60_000 });
        const cells = await row(number).locator('td').allTextContents();
        return cells.map((text) => Number.parseFloat(text.trim()));
    };
    const [clean, held] = await numbers(0);
    const [cleanAfter, heldAfter] = await numbers(1);
    assert.ok(clean >= 98 && held < 50, `before: ${clean} and ${held}`);
    assert.ok(
        cleanAfter >= 95 && heldAfter > held + 3,
        `after a round: ${cleanAfter} and ${heldAfter}, before ${held}`,
    );
    const said = await until(
        () => plainText(part.locator('.said')),
        (text) => /after 1 round/.test(text),
        'the comparison',
    );
    assert.ok(said.includes(`reads ${held} of 100`) && said.includes(`after 1 round it is ${heldAfter}`), said);
    assert.match(
        await plainText(part.locator('.samples')),
        /attacked: read as \d\s*retrained: \d\s*attacked again: \d/,
    );
    const own = await until(
        async () => (await numbers(1))[3],
        (epsilon) => epsilon > 0,
        'its smallest ε',
        30_000,
    );

    // It is a network like the others, but not in the address, which another visit would open.
    await show(page.locator('pl-networks'));
    const beside = page.locator('pl-networks tr', { hasText: 'LeNet, round 1' });
    await until(
        async () => Number(await beside.locator('.least').textContent()),
        (epsilon) => Math.abs(epsilon - own) < 2e-3,
        'the same beside the others',
        30_000,
    );
    await beside.getByRole('button', { name: 'Attack LeNet, round 1 instead' }).click();
    await until(
        () => page.locator('pl-networks .said').textContent(),
        (text) => /LeNet, round 1/.test(text),
        'the retrained network attacked',
        20_000,
    );
    await until(
        least.bind(null, page),
        (epsilon) => Math.abs(epsilon - own) < 2e-3,
        'its smallest ε on the slider',
        20_000,
    );
    assert.ok(!page.url().includes('model='), page.url());

    // Another sequence, with attacks in every step: stopped, it leaves nothing behind.
    await show(part);
    await part.getByRole('button', { name: 'Begin again' }).click();
    await part.getByLabel('What it learns from').selectOption('every');
    await start.click();
    await until(
        () => plainText(part.locator('[role=status]')),
        (text) => /it trains/.test(text),
        'the training',
        60_000,
    );
    await part.getByRole('button', { name: 'Stop', exact: true }).click();
    await part.getByText('Stopped: nothing was learned in that round.').waitFor();
    assert.equal(await part.locator('tr[data-round]').count(), 1);
    assert.equal(await page.locator('pl-networks tr', { hasText: 'round 1' }).count(), 0);
});
