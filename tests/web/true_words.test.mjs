// What the page says is computed from what it shows: sentences, formulas, numbers, scales.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { answered, digits, draw, setUp, showAll, tile, tiles, until } from './page.mjs';
import { latex, plain, raw, wording } from './wording.mjs';

const web = setUp();
const drawn = (t, hash, options = {}) => web.drawn(t, { ...options, hash });
test('of what speaks for the answer the fullest ninth and its share are told', async (t) => {
    const page = await drawn(t, '#/why');
    const evidence = page.locator('pl-hero .evidence');
    await until(
        async () => plain(await evidence.textContent()),
        (text) => /strongest .* \(\d+ % of it\)/.test(text),
        'the share',
    );
    await page.waitForTimeout(600);
    const text = plain(await evidence.textContent());
    assert.doesNotMatch(text, /[Mm]ost of what/);
    // The map is read again: nine parts of the digit's box.
    const found = await page.locator('pl-hero').evaluate((hero) => {
        const { map, input } = hero.renderRoot.querySelector('pl-map').current;
        const inked = Array.from(input.data.keys()).filter((i) => input.data[i] >= 0.1);
        const [xs, ys] = [inked.map((i) => i % 28), inked.map((i) => Math.floor(i / 28))];
        const [left, top] = [Math.min(...xs), Math.min(...ys)];
        const third = (at, start, end) => Math.min(2, Math.max(0, Math.floor((3 * (at - start)) / (end - start + 1))));
        const sums = new Array(9).fill(0);
        map.data.forEach((value, i) => {
            if (value > 0)
                sums[3 * third(Math.floor(i / 28), top, Math.max(...ys)) + third(i % 28, left, Math.max(...xs))] +=
                    value;
        });
        const best = sums.indexOf(Math.max(...sums));
        return { best, share: Math.round((100 * sums[best]) / sums.reduce((a, b) => a + b)) };
    });
    const places = [
        'upper left',
        'at the top',
        'upper right',
        'on the left',
        'in the middle',
        'on the right',
        'lower left',
        'at the bottom',
        'lower right',
    ];
    assert.ok(
        text.includes(places[found.best]) && text.includes(`(${found.share} % of it)`),
        `${text} ${JSON.stringify(found)}`,
    );
});

test('maps that share a scale are painted with one, the one beneath each', async (t) => {
    const page = await drawn(t, '#/why', { size: { width: 1440, height: 2600 } });
    await page.getByRole('button', { name: 'Appearance' }).click();
    await page.getByLabel('One for all maps in view').check();
    await page.keyboard.press('Escape');
    const painted = () =>
        page.evaluate(() => {
            const why = document
                .querySelector('pl-app')
                .renderRoot.querySelector('pl-stage')
                .renderRoot.querySelector('pl-why').renderRoot;
            return [why.querySelector('pl-hero'), ...why.querySelectorAll('pl-tile')]
                .map((each) => {
                    const map = each.renderRoot.querySelector('pl-map');
                    const legend = each.renderRoot.querySelector('pl-legend');
                    const scale = legend.renderRoot.querySelector('.scale').textContent.trim().split(/\s+/).at(-1);
                    return { kind: map.current?.kind, painted: map.painted, legend: scale, most: map.most };
                })
                .filter(({ kind }) => kind !== 'image');
        });
    const consistent = (maps) => {
        const most = Math.max(...maps.map((map) => map.most));
        return maps.length >= 6 && maps.every((map) => map.painted === most && map.legend === maps[0].legend);
    };
    await until(painted, consistent, 'one scale at rest');
    // While drawing all maps are painted with the largest value that is shown, at every moment.
    await draw(
        page,
        [
            [
                [0.3, 0.3],
                [0.7, 0.35],
                [0.4, 0.7],
            ],
        ],
        async () => {
            const maps = await painted();
            const most = Math.max(...maps.map((map) => map.most));
            assert.deepEqual(
                maps.filter((map) => map.painted !== most),
                [],
            );
        },
        6,
    );
    // Occlusion is shortened while drawing; what counts afterwards is its full answer.
    await until(
        () => tile(page, 'Occlusion').locator('.meta').textContent(),
        (text) => !text.includes('preview'),
        'occlusion in full',
    );
    await until(painted, consistent, 'one scale at rest again');
    await tile(page, 'Occlusion').getByRole('link').click();
    await page.locator('pl-method').waitFor();
});

test('the formula is that of the rule in force, for each part of the network', async (t) => {
    const page = await drawn(t, '#/method/lrp');
    const formulas = async (query) => {
        await page.evaluate((hash) => {
            location.hash = `#/method/${hash}`;
        }, query);
        await answered(page, query.split('?')[0]);
        await page.waitForTimeout(600);
        return page
            .locator('pl-method')
            .evaluate((method) =>
                [...method.renderRoot.querySelectorAll('.where, pl-formula')].map(
                    (each) => each.latex ?? each.textContent,
                ),
            );
    };
    const seen = new Set();
    for (const composite of [
        'epsilon',
        'epsilon_plus',
        'epsilon_plus_flat',
        'epsilon_gamma_box',
        'epsilon_alpha2_beta1',
        'epsilon_alpha2_beta1_flat',
        'gamma',
        'z_plus',
    ]) {
        seen.add((await formulas(`lrp?composite=${composite}`)).join('|'));
    }
    assert.equal(seen.size, 8, [...seen].join('\n'));
    const box = await formulas('lrp?composite=epsilon_gamma_box');
    assert.deepEqual(
        box.filter((_, i) => i % 2 === 0),
        ['In the first layer', 'In the other convolutions', 'In dense layers'],
    );
    assert.match(box[1], /l\\, w_\{jk\}\^\+ - h\\, w_\{jk\}\^-/);
    assert.match(box[3], /\\gamma/);
    assert.match(box[5], /\\varepsilon/);
    // What another library's habits choose counts, too.
    assert.deepEqual(await formulas('lrp?compat=captum'), await formulas('lrp?composite=epsilon'));
    assert.notDeepEqual(await formulas('pgd?norm=l2'), await formulas('pgd'));
    assert.notDeepEqual(await formulas('occlusion?fill=blurred'), await formulas('occlusion'));
    assert.equal(await page.locator('pl-formula .katex-error').count(), 0);
});

test('the walk says what it begins with, and whether the score is divided up', async (t) => {
    const page = await drawn(t, '#/method/lrp');
    const walk = async (query) => {
        await page.evaluate((hash) => {
            location.hash = `#/method/${hash}`;
        }, query);
        await answered(page, query.split('?')[0]);
        await page.locator('pl-walk li').first().waitFor();
        await page.waitForTimeout(400);
        return plain(
            `${await page.locator('pl-walk h3').first().textContent()}: ` +
                `${await page.locator('pl-walk .lead').textContent()}`,
        );
    };
    assert.match(await walk('lrp'), /^Where the score goes.*From the score at the top/);
    assert.match(await walk('lrp?seed=one'), /^Where the score goes.*From 1, whatever the score is, at the top/);
    assert.match(await walk('excitation_backprop'), /From 1, whatever the score is, at the top/);
    assert.match(await walk('deeplift'), /From what the score has over the baseline’s at the top/);
    const patterns = await walk('pattern_net');
    assert.match(patterns, /^What each layer hands down.*it is not divided up: sums grow or shrink/);
    assert.doesNotMatch(await page.locator('pl-walk').textContent(), /stabiliser|\de\d/);
});

test('an attack says its own bound, and whether it hit what it aimed at', async (t) => {
    const page = await drawn(t, '#/fool');
    const verdict = () => page.locator('.verdict').textContent();
    assert.doesNotMatch(await page.locator('pl-fool').textContent(), /Nothing about the digit changes/);
    await page.getByLabel('Largest change of a pixel').fill('0.05');
    await page.getByLabel('It should be taken for').selectOption('0');
    await until(
        verdict,
        (text) =>
            /no pixel changed by more than 0\.05/.test(text) && /It was to be taken for a 0: that failed\.$/.test(text),
        'the missed target',
    );
    await page.getByLabel('Largest change of a pixel').fill('0.5');
    await until(verdict, (text) => /I now read a 0\s/.test(text) && !/failed/.test(text), 'the target that was hit');
    await page.getByLabel('It should be taken for').selectOption('');
    await until(verdict, (text) => !/I now read a 0\s/.test(text) && !/taken for/.test(text), 'no target');
});

test('no raw names and numbers on the screen', async (t) => {
    const page = await drawn(t, '#/why', { size: { width: 1440, height: 2600 } });
    await showAll(page);
    await until(
        () => tiles(page).count(),
        (count) => count > 12,
        'all tiles',
    );
    // What has moved out of view while others grew stays a preview until it is seen again.
    const previews = () =>
        tiles(page).evaluateAll(
            (all) =>
                all.filter(
                    (each) =>
                        each.getBoundingClientRect().top < innerHeight && /preview/.test(each.renderRoot.textContent),
                ).length,
        );
    await until(previews, (count) => count === 0, 'no previews', 40_000);
    await until(
        () => wording(tiles(page)),
        (text) => text.split(' ms').length > 12,
        'all answers',
        40_000,
    );
    assert.doesNotMatch(await wording(page.locator('pl-why')), raw);
    // The methods' own pages: tests/web/registries.test.mjs. One that is not as its standard has it:
    await page.evaluate(() => {
        location.hash = '#/method/pgd?norm=l2';
    });
    await answered(page, 'pgd');
    assert.doesNotMatch((await wording(page.locator('pl-method'))).replaceAll(latex, ''), raw);
    await page.evaluate(() => {
        location.hash = '#/method/pgd';
    });
    await answered(page, 'pgd');
    const numbers = await wording(page.locator('pl-numbers dl'));
    assert.match(numbers, /fooled (yes|no) read as \d with a probability of [a-z\d ]+ %/);
});

test('what is said of size holds: a small digit comes out with a thicker stroke', async (t) => {
    const page = await web.open(t, { hash: '#/input' });
    assert.match(await wording(page.locator('pl-input')), /How large matters through the pen/);
    const ink = async (scale) => {
        await page.getByRole('button', { name: 'Clear the sheet (C)' }).click();
        await draw(
            page,
            digits[7].map((stroke) => stroke.map(([x, y]) => [0.35 + scale * (x - 0.3), 0.35 + scale * (y - 0.2)])),
        );
        await page.waitForTimeout(400);
        return page
            .locator('pl-input')
            .evaluate((room) => room.renderRoot.querySelector('#input').current.map.data.reduce((a, b) => a + b));
    };
    const [large, small] = [await ink(0.9), await ink(0.3)];
    assert.ok(small > 1.5 * large, `${small} of ink, ${large} when large`);
});
