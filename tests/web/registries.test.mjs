// The page's registries: every method of the package has its place in a room and a page of its own, from its card
// alone; every kind of output has its view; only controls that act are there.
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { answered, draw, go, methodCards, setUp, sizes, tiles, until } from './page.mjs';
import { latex, raw, wording, plainText } from './wording.mjs';

const web = setUp();
let cards;
before(async () => {
    cards = await methodCards();
});
const drawn = (t, options) => web.drawn(t, options);
const rooms = (page) =>
    page
        .locator('pl-rooms')
        .getByRole('link')
        .evaluateAll((all) => all.map((link) => link.getAttribute('href')));

test('every family has a room, and every method is found in one', async (t) => {
    const page = await drawn(t, { size: { width: 1440, height: 1200 } });
    const offered = new Set();
    for (const room of await rooms(page)) {
        await go(page, room);
        await page.locator('pl-stage h2').first().waitFor();
        await page.waitForTimeout(150);
        assert.equal(await page.locator('pl-stage').getByRole('alert').count(), 0, room);
        for (const href of await page
            .locator('pl-stage')
            .getByRole('link')
            .evaluateAll((all) => all.map((link) => link.getAttribute('href')))) {
            offered.add(/^#\/method\/(\w+)/.exec(href)?.[1]);
        }
    }
    assert.deepEqual(
        cards.map(({ id }) => id).filter((id) => !offered.has(id)),
        [],
    );
});

/** What a method's page has come to. */
function stateOf({ renderRoot }) {
    const all = (root, which) => [
        ...root.querySelectorAll(which),
        ...Array.from(root.querySelectorAll('*'), ({ shadowRoot }) => shadowRoot)
            .filter((inner) => inner !== null)
            .flatMap((inner) => all(inner, which)),
    ];
    const words = (which) => all(renderRoot, which).map((each) => each.textContent.trim());
    return {
        heading: words('h2')[0],
        numbers: words('pl-numbers').length,
        start: words('button').filter((name) => name === 'Start').length,
        said: words('[role=alert]'),
    };
}

test('every method has a page: its name, and an answer, a start, or what is missing, without raw names', async (t) => {
    const page = await drawn(t, { size: { width: 1440, height: 2600 } });
    // Methods with a tile suit every drawing.
    const links = await tiles(page)
        .getByRole('link')
        .evaluateAll((all) => all.map((link) => link.hash));
    const suited = links.map((hash) => hash.split('/').at(-1));
    assert.ok(suited.length >= 6, suited.join());
    const method = page.locator('pl-method');
    for (const { id, title, pace } of cards) {
        await go(page, `#/method/${id}`);
        const state = await until(
            () => method.evaluate(stateOf),
            ({ heading, numbers, start, said }) => heading === title && numbers + start + said.length > 0,
            `${id}: something`,
            30_000,
        );
        assert.equal(state.start > 0, pace === 'asked', `${id}: ${JSON.stringify(state)}`);
        assert.ok(
            state.said.every((words) => / needs /.test(words)),
            `${id}: ${state.said.join(' ')}`,
        );
        if (suited.includes(id)) {
            await method.locator('pl-numbers').waitFor();
            assert.ok((await method.locator('.controls').textContent()).trim().length > 0, id);
            assert.equal(await method.getByRole('alert').count(), 0, id);
            assert.match(await method.locator('pl-numbers dl').textContent(), /score/, id);
        }
        await answered(page, id);
        const words = await wording(method);
        assert.doesNotMatch(words.replace(/conv1=z_box,dense1=epsilon/, '').replaceAll(latex, ''), raw, id);
    }
    await go(page, '#/method/lrp');
    await page.getByRole('heading', { name: 'Where the score goes, layer by layer' }).waitFor();
});

test('controls are there while they act, and only then', async (t) => {
    const page = await drawn(t, { hash: '#/method/lrp' });
    const shown = () => page.locator('pl-method pl-param').evaluateAll((all) => all.map((each) => each.card.name));
    const lrp = cards.find(({ id }) => id === 'lrp');
    const names = lrp.params.map(({ name }) => name);
    const always = lrp.params.filter((param) => !param.counts_when).map(({ name }) => name);
    let hidden = 0;
    for (const query of [
        '',
        '?composite=epsilon_gamma_box',
        '?rule=alpha_beta',
        '?rule=gamma',
        '?compat=captum',
        '?composite=z_plus&rule=epsilon',
    ]) {
        await go(page, `#/method/lrp${query}`);
        await page.waitForTimeout(200);
        const now = await shown();
        assert.deepEqual(
            always.filter((name) => !now.includes(name)),
            [],
            query,
        );
        hidden += names.length - now.length;
        // What is hidden changes nothing, and what is shown by a condition is shown for it.
        const values = Object.fromEntries(lrp.params.map(({ name, default: value }) => [name, value]));
        const chosen = Object.fromEntries(new URLSearchParams(query));
        Object.assign(values, lrp.presets[chosen.compat] ?? {}, chosen);
        const acts = ({ counts_when: when }) =>
            !when ||
            when.some(
                ({ param, values: wanted }) =>
                    wanted.includes(String(values[param])) && acts(lrp.params.find(({ name }) => name === param)),
            );
        assert.deepEqual(
            [...now].sort(),
            lrp.params
                .filter(acts)
                .map(({ name }) => name)
                .sort(),
            query,
        );
    }
    assert.ok(hidden > 6, `${hidden} controls were hidden`);
    // An attack has no "and not".
    await go(page, '#/method/fgsm');
    await page
        .locator('pl-method')
        .getByRole('heading', { name: cards.find(({ id }) => id === 'fgsm').title })
        .waitFor();
    assert.equal(await page.getByLabel('The digit to compare with').count(), 0);
});

/** Puts a thing of some kind into the page, as a method would give it. */
const showItem = (page, output, item, more = {}) =>
    page.evaluate(
        async ([how, what, rest]) => {
            const floats = (value) =>
                Array.isArray(value) ? (Array.isArray(value[0]) ? value.map(floats) : Float32Array.from(value)) : value;
            const revived = Array.isArray(what)
                ? what
                : Object.fromEntries(
                      Object.entries(what).map(([name, value]) => [
                          name,
                          ['data', 'at', 'values'].includes(name)
                              ? floats(value)
                              : name === 'images'
                                ? value.map((image) => ({ ...image, data: Float32Array.from(image.data) }))
                                : value,
                      ]),
                  );
            document.querySelector('#shown')?.remove();
            const element = document.createElement('pl-item');
            element.id = 'shown';
            Object.assign(element, {
                card: { id: 'made_up', needs: [], outputs: [how], ...rest },
                output: how,
                item: revived,
                explanation: { outputs: {} },
                captioned: true,
            });
            document.body.prepend(element);
            await element.updateComplete;
        },
        [output, item, more],
    );

test('every kind of output has a view, with its unit, for eyes and for ears', async (t) => {
    const page = await drawn(t);
    const shown = page.locator('#shown');
    const image = (value) => ({
        data: Array.from({ length: 16 }, (_, i) => value * i),
        height: 4,
        width: 4,
        channels: 1,
    });

    await showItem(
        page,
        { name: 'the_curve', kind: 'series', unit: 'share', along: 'pixels_gone', optional: false },
        { at: [0, 10, 20, 40], values: [[0.9, 0.5, 0.25, 0.1]] },
    );
    await shown.locator('polyline').waitFor();
    assert.match(await shown.locator('figcaption').textContent(), /The curve.*From 90 % to 10 % along pixels gone/s);
    assert.equal((await shown.locator('polyline').getAttribute('points')).split(' ').length, 4);
    await shown.locator('svg').focus();
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('ArrowRight');
    assert.match(await shown.locator('.reading').textContent(), /50 %\s+at pixels gone 10/);

    await showItem(
        page,
        { name: 'way', kind: 'frames', map: 'image', unit: '', optional: false },
        { steps: [0, 5, 10], images: [image(0), image(0.03), image(0.06)] },
        { progressive: true },
    );
    const slider = shown.getByRole('slider');
    await slider.waitFor();
    assert.match(await plainText(shown.locator('.step')), /step 10/);
    const last = await shown.locator('canvas').evaluate((canvas) => canvas.toDataURL());
    await slider.fill('0');
    assert.match(await plainText(shown.locator('.step')), /step 0/);
    assert.notEqual(await shown.locator('canvas').evaluate((canvas) => canvas.toDataURL()), last);

    // A collection is seen at once.
    await showItem(
        page,
        { name: 'channels', kind: 'frames', map: 'signed', unit: '', optional: false },
        { steps: [0, 1, 2], images: [image(0), image(0.03), image(-0.06)] },
        { progressive: false },
    );
    await until(
        () => shown.locator('pl-gallery pl-map').count(),
        (count) => count === 3,
        'three pictures',
    );
    assert.deepEqual(await shown.locator('pl-map').evaluateAll((all) => all.map((map) => map.painted.toFixed(2))), [
        '0.90',
        '0.90',
        '0.90',
    ]);

    await showItem(page, { name: 'smallest', kind: 'scalar', unit: 'share', optional: false }, [0.125]);
    await shown.locator('.number').waitFor();
    assert.equal(await shown.locator('.number').textContent(), '13 %');

    await showItem(
        page,
        { name: 'counts', kind: 'table', unit: '', optional: false },
        { columns: ['first_one', 'second'], rows: Array.from({ length: 30 }, (_, i) => [i, i / 8]) },
    );
    await shown.locator('table').waitFor();
    assert.match(await shown.locator('thead').textContent(), /First one/);
    assert.equal(await shown.locator('tbody tr').count(), 12);
    await shown.getByRole('button', { name: 'Show all 30 rows' }).click();
    assert.equal(await shown.locator('tbody tr').count(), 30);

    await showItem(
        page,
        { name: 'worth', kind: 'scores', unit: '', optional: false },
        { groups: ['upper_part', 'lower_part'], values: [[0.5, -0.25]] },
    );
    await shown.locator('.bar').first().waitFor();
    const bars = await shown
        .locator('.bar')
        .evaluateAll((all) => all.map((bar) => [bar.className.trim(), bar.getBoundingClientRect().width]));
    assert.deepEqual(
        bars.map(([name]) => name),
        ['bar', 'bar negative'],
    );
    assert.ok(Math.abs(bars[0][1] - 2 * bars[1][1]) < 1.5, JSON.stringify(bars));
    assert.match(await shown.locator('figcaption').textContent(), /Of 2, the strongest is upper part with 0\.50/);

    await showItem(
        page,
        { name: 'features', kind: 'map', map: 'positive', unit: '', optional: false },
        { data: Array.from({ length: 4 * 4 * 6 }, (_, i) => i), height: 4, width: 4, channels: 6 },
    );
    await until(
        () => shown.locator('pl-map').count(),
        (count) => count === 6,
        'a picture for each channel',
    );
    assert.doesNotMatch(await shown.textContent(), /_|undefined|NaN/);
});

test('scores of strokes are painted on the strokes', async (t) => {
    const page = await drawn(t);
    await showItem(
        page,
        { name: 'worth', kind: 'scores', unit: '', optional: false },
        { groups: ['stroke 1', 'stroke 2'], values: [[2.5, -0.75]] },
        { needs: ['strokes'] },
    );
    const strokes = page.locator('#shown pl-strokes');
    await strokes.waitFor();
    assert.deepEqual(await strokes.locator('span').allTextContents(), ['2.50', '−0.75']);
    const colours = await strokes.locator('canvas').evaluate((canvas) => {
        const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
        let [red, blue] = [0, 0];
        for (let i = 0; i < data.length; i += 4) {
            if (data[i] > data[i + 2] + 60) red++;
            if (data[i + 2] > data[i] + 25) blue++;
        }
        return { red, blue };
    });
    assert.ok(colours.red > 500 && colours.blue > 500, JSON.stringify(colours));
});

test('on a phone four rooms stand in the bar, the others behind More', async (t) => {
    const page = await drawn(t, { size: sizes.phone, touch: true });
    const nav = page.locator('pl-rooms nav');
    const all = (await rooms(page)).length;
    const seen = () =>
        nav.getByRole('link').evaluateAll((links) => links.filter((link) => link.checkVisibility()).length);
    if (all <= 4) {
        assert.equal(await seen(), all);
        return;
    }
    assert.equal(await seen(), 4);
    await nav.getByRole('button', { name: 'More' }).tap();
    assert.equal(await seen(), all);
    await nav.getByRole('link').last().tap();
    await until(seen, (count) => count === 4, 'the bar again');
    assert.equal(await nav.getByRole('button', { name: 'More' }).getAttribute('data-here'), '');
});

test('an explanation leads to what judges it', async (t) => {
    const judges = cards.filter(
        ({ subject, params }) => subject === 'attribution' && params.some(({ role }) => role === 'method'),
    );
    const page = await drawn(t, { hash: '#/method/lrp' });
    await page.locator('pl-numbers').waitFor();
    const links = await page
        .locator('pl-method .checks')
        .getByRole('link')
        .evaluateAll((all) => all.map((link) => link.getAttribute('href')));
    assert.equal(links.length, judges.length);
    for (const link of links) assert.match(link, /^#\/method\/\w+\?\w+=lrp$/);
});

test('each stroke that is drawn has its value, on the stroke itself', async (t) => {
    assert.ok(
        cards.some(({ id }) => id === 'stroke_shapley'),
        'the package has no method of strokes',
    );
    const page = await drawn(t, { hash: '#/method/stroke_shapley' });
    const values = page.locator('pl-method pl-strokes span');
    await until(
        () => values.count(),
        (count) => count === 2,
        'a number on each of two strokes',
        20_000,
    );
    await draw(page, [
        [
            [0.2, 0.85],
            [0.8, 0.85],
        ],
    ]);
    await until(
        () => values.count(),
        (count) => count === 3,
        'a number on each of three strokes',
        20_000,
    );
    assert.equal(await page.locator('pl-method').getByRole('alert').count(), 0);
});
