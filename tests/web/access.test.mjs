// Accessibility: axe-core on every room, light and dark, on a desktop and a phone; keyboard; announcements.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { digits, draw, setUp, sizes, until } from './page.mjs';

const web = setUp();
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** Violations in short; the page's policy does not hold for what the debugger evaluates. */
async function violations(page, schemes) {
    if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(axe);
    const found = [];
    for (const colorScheme of schemes) {
        await page.emulateMedia({ colorScheme });
        // In the dark only colours differ.
        const options = { resultTypes: ['violations'], ...(colorScheme === 'dark' ? { runOnly: ['cat.color'] } : {}) };
        const list = await page.evaluate(async (how) => (await window.axe.run(document, how)).violations, options);
        found.push(
            ...list.map(
                ({ id, help, nodes }) =>
                    `${colorScheme}: ${id}: ${help}: ${nodes
                        .slice(0, 3)
                        .map(({ target }) => target.flat().join(' '))
                        .join(' | ')}`,
            ),
        );
    }
    return found;
}

const rooms = [
    'why',
    'fool',
    'inside/conv2/3,6,6',
    'unit/relu2/3,6,6',
    'trust',
    'input',
    'compare',
    'method/lrp',
    'method/pgd',
    'method/rise',
];
// On a phone the same elements stand below one another, in the same colours: one room of each kind, by light.
for (const [name, size, where, schemes] of [
    ['desktop', sizes.desktop, rooms, ['light', 'dark']],
    ['phone', sizes.phone, ['why', 'fool', 'inside/conv2/3,6,6', 'trust', 'method/lrp'], ['light']],
]) {
    test(`axe finds nothing: ${name}`, async (t) => {
        const page = await web.open(t, { size });
        await draw(page, digits[4]);
        for (const room of where) {
            await page.evaluate((hash) => {
                location.hash = `#/${hash}`;
            }, room);
            await page.waitForTimeout(200);
            assert.deepEqual(await violations(page, schemes), [], room);
        }
        await page.evaluate(() => {
            location.hash = '#/method/lrp';
        });
        await page
            .locator('pl-walk')
            .getByRole('button', { name: /^Show \d+ channels/ })
            .last()
            .click();
        await page.locator('pl-walk li').last().locator('canvas').press('Enter');
        await page.locator('pl-received table').waitFor();
        assert.deepEqual(await violations(page, schemes), [], 'a unit');
        await page.evaluate(() => {
            location.hash = '#/method/smoothgrad';
        });
        await page.locator('pl-results').waitFor();
        assert.deepEqual(await violations(page, schemes), [], 'standard error');
        await page.keyboard.press('?');
        await page.waitForTimeout(200);
        assert.deepEqual(await violations(page, schemes), [], 'keys');
        await page.keyboard.press('Escape');
        await page.getByRole('button', { name: 'Appearance' }).click();
        assert.deepEqual(await violations(page, schemes), [], 'appearance');
    });
}

test('nothing sticks out of the page at 360 pixels', async (t) => {
    const page = await web.open(t, { size: sizes.phone });
    await draw(page, digits[4]);
    // DeepLIFT's formula is the widest.
    for (const room of [
        'why',
        'fool',
        'inside/conv1/3,6,6',
        'unit/relu2/3,6,6',
        'trust',
        'input',
        'method/lrp',
        'method/deeplift',
    ]) {
        await page.evaluate((hash) => {
            location.hash = `#/${hash}`;
        }, room);
        await page.waitForTimeout(200);
        assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 360, room);
    }
});

test('nothing sticks out of a phone on its side', async (t) => {
    const page = await web.open(t, { size: sizes.landscape, touch: true });
    await draw(page, digits[4]);
    for (const room of ['why', 'fool', 'trust', 'input', 'method/lrp', 'method/integrated_gradients']) {
        await page.evaluate((hash) => {
            location.hash = `#/${hash}`;
        }, room);
        await page.waitForTimeout(200);
        assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), sizes.landscape.width, room);
        const { bottom } = await page.locator('.desk').evaluate((desk) => desk.getBoundingClientRect());
        assert.ok(bottom <= sizes.landscape.height, `${room}: the board and its tools end at ${bottom}`);
    }
    await page.getByRole('button', { name: 'Samples' }).click();
    for (const digit of [0, 9]) {
        const { y, height } = await page.getByRole('button', { name: `Draw ${digit}` }).boundingBox();
        assert.ok(y >= 0 && y + height <= sizes.landscape.height, `sample ${digit} from ${y}`);
    }
});

test('an opened address takes no focus; a followed link does', async (t) => {
    const page = await web.open(t, { hash: '#/method/lrp' });
    assert.equal(await page.evaluate(() => document.activeElement === document.body), true);
    await page.getByRole('link', { name: 'All methods' }).click();
    // By the keyboard: while the page still grows, a tile may move away from under the pointer.
    await page.locator('pl-tile').getByRole('link', { name: 'Gradient', exact: true }).press('Enter');
    const heading = page.locator('pl-method').getByRole('heading', { name: 'Gradient' });
    await until(
        () => heading.evaluate((each) => each.getRootNode().activeElement === each),
        (is) => is,
        'the focus on the heading',
    );
});

test('the ghost leaves room for what to do', async (t) => {
    let page;
    for (const size of [sizes.desktop, sizes.phone, sizes.landscape]) {
        page = await web.open(t, { size, tab: page });
        const inked = await page.locator('pl-board').evaluate((board) => {
            const canvas = board.renderRoot.querySelector('canvas');
            const [sheet, hint] = [canvas, board.renderRoot.querySelector('.invitation')].map((each) =>
                each.getBoundingClientRect(),
            );
            const top = ((hint.top - sheet.top) / sheet.height) * canvas.height;
            const { data } = canvas
                .getContext('2d')
                .getImageData(0, Math.floor(top), canvas.width, canvas.height - Math.floor(top));
            return data.filter((value, index) => index % 4 === 3 && value > 0).length;
        });
        assert.equal(inked, 0, `${size.width}×${size.height}`);
    }
});

test('controls are at least 44 pixels', async (t) => {
    const page = await web.open(t, { size: sizes.phone, touch: true });
    for (const room of [
        'why',
        'fool',
        'trust',
        'inside/conv2/3,6,6',
        'unit/dense1/5',
        'method/lrp',
        'method/integrated_gradients',
    ]) {
        await page.evaluate((hash) => {
            location.hash = `#/${hash}`;
        }, room);
        await page.waitForTimeout(200);
        const small = await page
            .locator('button:visible, select:visible, nav a:visible, input[type=range]:visible')
            .evaluateAll((all) =>
                all
                    .map((each) => [
                        each.getAttribute('aria-label') ?? each.textContent.trim(),
                        each.getBoundingClientRect(),
                    ])
                    .filter(([, { width, height }]) => width < 44 || height < 44)
                    .map(([name, { width, height }]) => `${name}: ${width}×${height}`),
            );
        assert.deepEqual(small, [], room);
    }
});

test('the answer is announced once it holds, and maps have words', async (t) => {
    const page = await web.open(t);
    const live = page.locator('pl-sentence [aria-live=polite]');
    await live.evaluate((region) => {
        window.announced = [];
        const note = () => window.announced.push(performance.now());
        new MutationObserver(note).observe(region, { childList: true, characterData: true, subtree: true });
    });
    await draw(page, digits[4]);
    await draw(page, [
        [
            [0.1, 0.1],
            [0.2, 0.1],
        ],
    ]);
    await page.keyboard.press('z');
    await until(
        () => live.textContent(),
        (text) => /\s4\s/.test(text),
        'the announcement',
    );
    const times = await page.evaluate(() => window.announced);
    times.slice(1).forEach((time, index) => assert.ok(time - times[index] > 700, `announcements at ${times}`));
    await until(
        () => page.locator('pl-hero pl-map').getByRole('img').getAttribute('aria-label'),
        (text) => /propagation.*Strongest/i.test(text),
        'the map in words',
    );
});

test('the keyboard reaches the board, the tools and a method, and Escape leads back', async (t) => {
    const page = await web.open(t);
    const focused = () =>
        page.evaluate(() => {
            let at = document.activeElement;
            while (at?.shadowRoot?.activeElement) at = at.shadowRoot.activeElement;
            return at?.getAttribute('aria-label') ?? at?.textContent?.trim() ?? '';
        });
    const order = [];
    for (let i = 0; i < 60; i++) {
        await page.keyboard.press('Tab');
        order.push(await focused());
        if (order.at(-1) === 'Gradient') break;
    }
    const position = (name) => order.findIndex((each) => each.startsWith(name));
    const expected = [
        'Skip to',
        'pellucid',
        'Why',
        'Appearance',
        'Drawing board',
        'Explain 0',
        'Clear',
        'The digit to explain',
        'How this is',
        'Choose',
        'Gradient',
    ];
    expected.reduce((before, name) => {
        assert.ok(position(name) > before, `${name} at ${position(name)} after ${before}: ${order.join(', ')}`);
        return position(name);
    }, -1);
    await page.keyboard.press('Enter');
    await page.locator('pl-method').getByRole('heading', { name: 'Gradient' }).waitFor();
    await until(focused, (name) => name === 'Gradient', 'the focus on the heading');
    await page.keyboard.press('Escape');
    await page.locator('pl-hero').waitFor();
});
