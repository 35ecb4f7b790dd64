// One state: a link opens the very same thing elsewhere, Back leads to other rooms and not to other drawings, and the
// comparison holds what may differ in anything. Runs are begun, held and stopped.
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { answered, digits, draw, go, methodCards, pixels, pressOnTile, said, setUp, until } from './page.mjs';

const web = setUp();
let cards;
before(async () => {
    cards = await methodCards();
});
const drawn = (t, options) => web.drawn(t, options);
const mapOf = (page, where) =>
    page
        .locator(where)
        .first()
        .evaluate((map) => Array.from(map.current?.map.data ?? []));
/** How alike two maps are, as a correlation. */
function alike(a, b) {
    const mean = (v) => v.reduce((x, y) => x + y, 0) / v.length;
    const [p, q] = [mean(a), mean(b)];
    const sum = (f) => a.reduce((total, _, i) => total + f(a[i] - p, b[i] - q), 0);
    return sum((x, y) => x * y) / Math.sqrt(sum((x) => x * x) * sum((_, y) => y * y));
}

test('a link opens the same thing elsewhere: drawing, target, method, parameters', async (t) => {
    const page = await drawn(t, { hash: '#/method/lrp?composite=epsilon_gamma_box' });
    await page.keyboard.press('9');
    await page.keyboard.press('Shift+Digit4');
    await answered(page, 'lrp');
    await until(
        () => page.url(),
        (url) => /why=9/.test(url) && /not=4/.test(url) && /drawing=p/.test(url),
        'the address',
    );
    const url = new URL(page.url());
    const map = await mapOf(page, 'pl-method .picture > pl-map');
    const probabilities = await page
        .locator('pl-probabilities button')
        .evaluateAll((all) => all.map((each) => each.getAttribute('aria-label')));

    // Another browser: nothing kept, only the address.
    const other = await web.open(t, { hash: `${url.search}${url.hash}` });
    await answered(other, 'lrp');
    assert.equal(await other.getByLabel('The digit to explain').inputValue(), '9');
    assert.equal(await other.getByLabel('The digit to compare with').inputValue(), '4');
    assert.equal(await other.getByLabel('composite', { exact: true }).inputValue(), 'epsilon_gamma_box');
    const there = await mapOf(other, 'pl-method .picture > pl-map');
    assert.equal(there.length, map.length);
    assert.ok(alike(map, there) > 0.97, `alike by ${alike(map, there)}`);
    assert.deepEqual(
        await other
            .locator('pl-probabilities button')
            .evaluateAll((all) => all.map((each) => each.getAttribute('aria-pressed'))),
        await page
            .locator('pl-probabilities button')
            .evaluateAll((all) => all.map((each) => each.getAttribute('aria-pressed'))),
    );
    assert.equal(probabilities.length, 10);
    // The drawing that came with a link is written as it came.
    await other.waitForTimeout(500);
    assert.equal(new URL(other.url()).searchParams.get('drawing'), url.searchParams.get('drawing'));
});

test('what an address says and nobody can use is left out', async (t) => {
    let page;
    for (const query of [
        '?drawing=%3Cscript%3E',
        '?drawing=pA',
        `?drawing=p${'_'.repeat(40)}`,
        '?why=12&not=x&part=<b>',
        '?model=tea',
        '?compare=%25%7C;;;',
        '?drawing=',
    ]) {
        page = await web.open(t, { hash: query, tab: page });
        await page.locator('pl-hero').waitFor();
        assert.equal(await page.getByLabel('The digit to explain').inputValue(), '', query);
    }
});

test('Back leads to the room before, with the drawing of now', async (t) => {
    const page = await drawn(t);
    await go(page, '#/fool');
    await page.locator('pl-fool').waitFor();
    await page.getByRole('button', { name: 'Clear the sheet (C)' }).click();
    await draw(page, digits[1]);
    await until(
        () => said(page).textContent(),
        (text) => /\s1\s/.test(text),
        'the 1',
    );
    await page.waitForTimeout(450);
    const drawing = new URL(page.url()).searchParams.get('drawing');
    await page.goBack();
    await page.locator('pl-hero').waitFor();
    await until(
        () => new URL(page.url()).searchParams.get('drawing'),
        (now) => now === drawing,
        'the drawing of now in the address',
    );
    assert.match(await said(page).textContent(), /\s1\s/);
});

test('the comparison: slots that differ in method, target and drawing, their correlation and difference', async (t) => {
    const page = await drawn(t);
    for (const title of ['Gradient', 'Occlusion']) await pressOnTile(page, title, `Compare ${title}`);
    await page.getByRole('link', { name: /^Compare/ }).click();
    const slots = page.locator('pl-slot');
    await until(
        () => slots.count(),
        (count) => count === 2,
        'two slots',
    );
    await page.getByRole('button', { name: 'Another', exact: true }).click();
    const search = page.getByRole('searchbox');
    await search.fill('simonyan pixels change');
    await page.locator('pl-picker').getByRole('button', { name: 'Gradient', exact: true }).waitFor();
    await search.fill('no such thing');
    await page.getByText('No method has “no such thing”').waitFor();
    await search.fill('gradient');
    await page.locator('pl-picker').getByRole('button', { name: 'Gradient', exact: true }).click();
    assert.equal(await slots.count(), 3);
    const data = async (index) => mapOf(page, `pl-slot >> nth=${index} >> pl-map`);
    await until(
        async () => (await Promise.all([0, 1, 2].map(data))).every((map) => map.length === 784),
        (there) => there,
        'three maps',
    );
    assert.deepEqual(await data(0), await data(2), 'the same method of the same drawing');
    await until(
        () => page.locator('.correlation').allTextContents(),
        (all) => all.length === 2 && all[1] === '1.00',
        'a correlation of one with itself',
    );

    // Spearman's correlation, computed anew.
    const ranks = (v) => {
        const order = v.map((_, i) => i).sort((a, b) => v[a] - v[b]);
        const found = [];
        for (let i = 0; i < order.length; ) {
            let end = i + 1;
            while (end < order.length && v[order[end]] === v[order[i]]) end++;
            for (let k = i; k < end; k++) found[order[k]] = (i + end - 1) / 2;
            i = end;
        }
        return found;
    };
    const settled = async () => {
        const expected = alike(ranks(await data(0)), ranks(await data(1)));
        const shown = Number((await page.locator('.correlation').first().textContent()).replace('−', '-'));
        return Math.abs(expected - shown);
    };
    await until(settled, (off) => off < 0.006, 'the rank correlation of gradient and occlusion');

    // The third explains a 9, and then keeps the drawing while the others follow.
    await page.getByLabel('What is explained in slot 3').selectOption('9');
    await until(
        async () => alike(await data(0), await data(2)),
        (value) => value < 0.999,
        'another target',
    );
    await slots.nth(2).getByRole('button', { name: 'keep this drawing' }).click();
    await page.waitForTimeout(600);
    const kept = await data(2);
    const before = await data(0);
    await draw(page, [
        [
            [0.2, 0.2],
            [0.8, 0.2],
        ],
    ]);
    await until(
        async () => alike(before, await data(0)),
        (value) => value < 0.999,
        'the first slot follows the drawing',
    );
    await page.waitForTimeout(500);
    assert.deepEqual(await data(2), kept);

    // All of it is in the address.
    await page.waitForTimeout(400);
    const { search: query, hash } = new URL(page.url());
    const other = await web.open(t, { hash: query + hash, ready: false });
    await until(
        () => other.locator('pl-slot').count(),
        (count) => count === 3,
        'three slots',
        30_000,
    );
    assert.equal(await other.getByLabel('What is explained in slot 3').inputValue(), '9');
    await until(
        () => mapOf(other, 'pl-slot >> nth=2 >> pl-map'),
        (map) => map.length === 784 && alike(map, kept) > 0.99,
        'the kept drawing elsewhere',
    );
    await slots
        .first()
        .getByRole('button', { name: /^Take .* out$/ })
        .click();
    assert.equal(await slots.count(), 2);
});

test('what takes its time shows how far it is, and can be held and stopped', async (t) => {
    const page = await drawn(t, { hash: '#/method/rise?samples=100000' });
    const strip = page.locator('pl-method pl-run .words');
    const share = async () => Number(/(\d+) %/.exec(await strip.textContent())?.[1]);
    await strip.waitFor();
    await until(
        () => strip.textContent(),
        (text) => /\d+ %, at most .* left/.test(text),
        'the time left',
        20_000,
    );
    const first = await pixels(page.locator('pl-method .picture > pl-map'));
    await until(
        () => pixels(page.locator('pl-method .picture > pl-map')),
        (picture) => picture !== first,
        'another snapshot',
    );
    await page.getByRole('button', { name: 'Pause' }).click();
    await page.waitForTimeout(300);
    assert.match(await strip.textContent(), /^Paused at/);
    const held = await pixels(page.locator('pl-method .picture > pl-map'));
    const at = await share();
    await page.waitForTimeout(700);
    assert.equal(await pixels(page.locator('pl-method .picture > pl-map')), held, 'nothing goes on while it is held');
    await page.getByRole('button', { name: 'Go on' }).click();
    await until(share, (now) => now > at, 'it goes on');
    await page.getByRole('button', { name: 'Stop', exact: true }).click();
    await until(
        () => strip.textContent(),
        (text) => /^Stopped at \d+ %, after/.test(text),
        'it has stopped',
    );
    const stopped = await pixels(page.locator('pl-method .picture > pl-map'));
    await page.waitForTimeout(500);
    assert.equal(await pixels(page.locator('pl-method .picture > pl-map')), stopped);
});

test('what is computed only when asked begins with a press, and goes on in other rooms', async (t) => {
    const card = cards.find(
        ({ pace, needs, targets }) => pace === 'asked' && needs.length === 0 && targets.includes('class'),
    );
    assert.ok(card, 'no method of the package waits to be asked');
    const page = await drawn(t, { hash: `#/method/${card.id}` });
    const start = page.locator('pl-method').getByRole('button', { name: 'Start' });
    await start.click();
    const strip = page.locator('pl-method pl-run');
    await until(
        () => strip.locator('.words').textContent(),
        (text) => /\d+ %|Done/.test(text),
        'it runs',
        20_000,
    );
    await go(page, '#/why');
    await page.locator('pl-hero').waitFor();
    await go(page, `#/method/${card.id}`);
    await until(
        () => strip.locator('.words').textContent(),
        (text) => /\d+ %|Done/.test(text),
        'it is still there',
        20_000,
    );
    const stop = page.locator('pl-method').getByRole('button', { name: 'Stop', exact: true });
    if ((await stop.count()) > 0) await stop.click().catch(() => {});
    await until(
        () => strip.locator('.words').textContent(),
        (text) => /^(Stopped|Done)/.test(text),
        'its end',
        20_000,
    );
    await draw(page, [
        [
            [0.2, 0.2],
            [0.8, 0.2],
        ],
    ]);
    await until(
        () => strip.locator('.words').textContent(),
        (text) => text.includes('Of the drawing as it was.'),
        'that the drawing has changed',
    );
});

test('another network answers once it is chosen, and the address keeps it', async (t) => {
    const page = await drawn(t, { hash: '#/method/gradient' });
    const picker = page.locator('pl-method').getByLabel('The network');
    await picker.waitFor();
    const standard = await picker.inputValue();
    const other = (await picker.locator('option').evaluateAll((all) => all.map(({ value }) => value))).find(
        (id) => id !== standard,
    );
    await answered(page, 'gradient');
    const before = await mapOf(page, 'pl-method .picture > pl-map');
    await picker.selectOption(other);
    await until(
        async () => alike(before, await mapOf(page, 'pl-method .picture > pl-map')),
        (value) => value < 0.99,
        'the map of another network',
        20_000,
    );
    await until(
        () => page.url(),
        (url) => url.includes(`model=${other}`),
        'the address',
    );
    const there = await mapOf(page, 'pl-method .picture > pl-map');
    await page.reload();
    await until(
        () => mapOf(page, 'pl-method .picture > pl-map'),
        (map) => map.length === there.length && alike(map, there) > 0.999,
        'the same after a reload',
        20_000,
    );
    assert.equal(await picker.inputValue(), other);
});
