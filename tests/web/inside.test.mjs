// The room Inside: the network from drawing to answer, the arithmetic of single units, and a unit's page.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { draw, go, pixels, setUp, until } from './page.mjs';

const web = setUp();
const layer = (page, name) => page.locator(`pl-overview li[data-layer=${name}]`);
/** What an arithmetic says, exactly: its numbers stand in <data value>. */
const arithmetic = (page, within = 'pl-overview') =>
    page.locator(`${within} pl-arithmetic`).evaluate((element) => {
        const values = (what) =>
            [...element.renderRoot.querySelectorAll(`${what} data`)].map(({ value }) => Number(value));
        const activation = element.renderRoot.querySelector('data.activation');
        return {
            unit: element.computed?.unit ?? '',
            by: element.computed?.by ?? '',
            activation: activation ? Number(activation.value) : null,
            adds: values('.adds'),
            rest: values('.rest'),
            bias: values('.bias'),
            sum: values('.sum'),
            result: values('.result'),
            shown: element.renderRoot.textContent,
        };
    });
const computed = (page, unit, within) =>
    until(
        () => arithmetic(page, within).catch(() => ({})),
        (said) => said.unit === unit,
        `the arithmetic of ${unit}`,
        20_000,
    );
const total = (numbers) => numbers.reduce((sum, value) => sum + value, 0);

test("the overview shows every layer and follows the drawing; a unit's arithmetic adds up to its output", async (t) => {
    const page = await web.drawn(t, { hash: '#/inside' });
    await layer(page, 'answer').waitFor();
    const shown = await page
        .locator('pl-overview li.layer')
        .evaluateAll((all) => all.map((each) => each.dataset.layer));
    assert.equal(shown[0], 'input');
    assert.equal(shown.at(-1), 'answer');
    assert.deepEqual(shown.slice(1, 4), ['conv1', 'relu1', 'pool1']);
    assert.match(await layer(page, 'conv2').locator('.head').textContent(), /32 maps of 14 × 14/);
    const best = async () => (await layer(page, 'answer').locator('.best').textContent()).trim();
    await until(best, (text) => text.startsWith('4'), 'the answer 4');
    const before = await Promise.all(
        ['conv1', 'relu3', 'dense1', 'dense2'].map((name) => pixels(layer(page, name).locator('pl-layer-maps'))),
    );
    const boxes = () =>
        page
            .locator('pl-overview li.layer')
            .evaluateAll((all) => all.map((each) => each.getBoundingClientRect().height));
    const heights = await boxes();
    await draw(page, [
        [
            [0.3, 0.2],
            [0.7, 0.25],
        ],
    ]);
    for (const [index, name] of ['conv1', 'relu3', 'dense1', 'dense2'].entries())
        await until(
            () => pixels(layer(page, name).locator('pl-layer-maps')),
            (now) => now !== before[index],
            `another ${name}`,
        );
    assert.deepEqual(await boxes(), heights);

    // A press on a map shows the arithmetic of that unit, which adds up to what the network put out.
    const maps = layer(page, 'conv2').locator('pl-layer-maps');
    await maps.scrollIntoViewIfNeeded();
    await maps.locator('canvas').click({ position: { x: 21, y: 21 } });
    const address = await until(
        () => page.url(),
        (url) => /#\/inside\/conv2\/0,[5-8],[5-8]$/.test(url),
        'the unit in the address',
    );
    assert.equal((await computed(page, address.split('#/inside/')[1])).by, 'sum');
    const kinds = new Set();
    for (const unit of [
        'conv2/0,7,7',
        'conv1/3,14,12',
        'conv3/7,3,3',
        'dense1/5',
        'dense2/4',
        'pool2/3,3,3',
        'relu2/3,6,6',
        'relu4/9',
        'input/0,14,14',
    ]) {
        await go(page, `#/inside/${unit}`);
        const said = await computed(page, unit);
        kinds.add(said.by);
        assert.notEqual(said.activation, null, unit);
        if (said.by === 'function') assert.equal(said.activation, Math.max(0, said.result[0]), unit);
        if (said.by !== 'sum') continue;
        // What is displayed line by line, the rest and the bias is the sum, and the sum is the activation.
        const sum = total([...said.adds, ...said.rest, ...said.bias]);
        const size = Math.max(Math.abs(said.activation), ...said.adds.map(Math.abs));
        assert.ok(Math.abs(sum - said.sum[0]) <= 1e-9 * size, `${unit}: ${sum} and ${said.sum[0]}`);
        assert.ok(
            Math.abs(said.sum[0] - said.activation) <= 1e-4 * Math.abs(said.activation),
            `${unit}: ${said.sum[0]} and ${said.activation}`,
        );
        assert.ok(said.adds.length >= 1 && said.adds.length <= 8, unit);
    }
    assert.deepEqual([...kinds].sort(), ['function', 'largest', 'same', 'sum']);
    // Down from a ReLU to what it reads, by steps, and by the keyboard.
    await go(page, '#/inside/relu2/3,6,6');
    await computed(page, 'relu2/3,6,6');
    await page.getByRole('button', { name: 'Down to conv2' }).click();
    await computed(page, 'conv2/3,6,6');
    await page.locator('pl-overview').getByLabel('channel', { exact: true }).fill('4');
    await page.keyboard.press('Enter');
    await computed(page, 'conv2/4,6,6');
    await layer(page, 'conv2').locator('pl-layer-maps canvas').focus();
    await page.keyboard.press('ArrowRight');
    await computed(page, 'conv2/4,6,7');
    await page.keyboard.press('Shift+ArrowRight');
    const last = await computed(page, 'conv2/5,6,7');
    // It follows the drawing.
    await draw(page, [
        [
            [0.35, 0.3],
            [0.65, 0.3],
        ],
    ]);
    await until(
        () => arithmetic(page),
        (now) => now.unit === 'conv2/5,6,7' && now.activation !== last.activation,
        'another number',
    );
    await page.getByRole('button', { name: 'Close', exact: true }).click();
    assert.match(page.url(), /#\/inside$/);
    // A layer is looked at closely: each map large, with its number, and the address knows it.
    const tallness = () => layer(page, 'pool2').evaluate((each) => each.getBoundingClientRect().height);
    const low = await tallness();
    await layer(page, 'pool2').getByRole('button', { name: 'pool2' }).click();
    await until(tallness, (now) => now > 2 * low, 'larger maps');
    assert.match(page.url(), /#\/inside\/pool2$/);
    await layer(page, 'pool2').getByRole('button', { name: 'pool2' }).click();
    await until(tallness, (now) => now === low, 'the maps as they were');
    // What is not there is told in a sentence.
    await go(page, '#/inside/nowhere/3');
    const told = (place) => page.locator(place).getByRole('alert').textContent();
    await until(
        () => told('pl-overview'),
        (text) => /no layer “nowhere”/.test(text),
        'that there is no such layer',
    );
    await go(page, '#/inside/conv2/99,0,0');
    await until(
        () => told('pl-overview'),
        (text) => /channels 0 to 31/.test(text),
        'which channels there are',
    );
    await go(page, '#/unit/conv2/3,14,0');
    await until(
        () => told('pl-unit'),
        (text) => /14 rows/.test(text),
        'which rows there are',
    );
    await go(page, '#/unit/%/x');
    await until(
        () => told('pl-unit'),
        (text) => /names no unit/.test(text),
        'what a unit is',
    );
    // Escape leads from a unit to its room; another network has other layers.
    await page.locator('pl-unit').getByRole('link').focus();
    await page.keyboard.press('Escape');
    await page.getByLabel('The network', { exact: true }).selectOption('linear');
    await until(
        () => page.locator('pl-overview li.layer').count(),
        (count) => count === 4,
        'the layers of softmax regression',
        20_000,
    );
});

const tall = { width: 1440, height: 4600 };
const evidence = (page, method, nth = 0) => page.locator(`pl-evidence[data-method=${method}]`).nth(nth);
const saidOf = (page, method, pattern) =>
    until(
        () => evidence(page, method).locator('.said').textContent(),
        (text) => pattern.test(text),
        `what ${method} says`,
        30_000,
    );

test('a unit has a page: what it sees, reacts to, adds, and what happens without it', async (t) => {
    const page = await web.drawn(t, { hash: '#/inside/relu2/9,6,6', size: tall });
    await page.getByRole('link', { name: 'More about this unit' }).click();
    await page.getByRole('heading', { name: 'The unit at row 6, column 6 of channel 9 of relu2' }).waitFor();
    assert.match(page.url(), /#\/unit\/relu2\/9,6,6$/);
    await computed(page, 'relu2/9,6,6', 'pl-unit');
    await until(
        () => page.locator('pl-unit figcaption').allTextContents(),
        (all) => all.some((text) => /10 × 10 pixels of the drawing/.test(text)),
        'its receptive field',
    );
    await page.getByRole('button', { name: 'The whole channel' }).click();
    await page.getByRole('heading', { name: 'Channel 9 of relu2' }).waitFor();
    await saidOf(page, 'neuron_statistics', /It tells \d best: in \d+ % of pairs/);
    assert.equal(
        await evidence(page, 'neuron_statistics')
            .locator('pl-histograms canvas')
            .evaluate(({ height }) => height),
        10,
    );
    await saidOf(page, 'channel_attribution', /It adds (nothing|[+−][\d.]+ to a score of [\d.]+: number \d+ of 32)/);
    await saidOf(page, 'unit_ablation', /Without it the score (falls|rises|stays)/);
    const drawn = (method) =>
        until(
            () =>
                evidence(page, method)
                    .locator('pl-map canvas')
                    .first()
                    .evaluate(
                        (canvas) =>
                            new Set(canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data).size,
                    ),
            (colours) => colours > 8,
            `a map of ${method}`,
            20_000,
        );
    for (const method of ['receptive_field', 'concept_relevance', 'guided_backprop', 'deconvnet']) await drawn(method);
    await evidence(page, 'top_activating').getByRole('button', { name: 'Start' }).click();
    await until(
        () => evidence(page, 'top_activating').locator('pl-gallery figure').count(),
        (count) => count === 9,
        'nine drawings',
        30_000,
    );
    await saidOf(page, 'top_activating', /\d of these 9 drawings are of an? \d/);
    // Images of one's own are looked through instead, with what their labels say.
    const file = (magic, sizes, bytes) => {
        const head = Buffer.alloc(4 + 4 * sizes.length);
        [magic, ...sizes].forEach((value, at) => head.writeUInt32BE(value, 4 * at));
        return Buffer.concat([head, Buffer.from(bytes)]);
    };
    const images = Uint8Array.from(
        { length: 12 * 784 },
        (_, at) => ((at * 7919) % 251) * (Math.floor(at / 784) % 3 === 0 ? 1 : 0.4),
    );
    const choose = (...buffers) =>
        page
            .getByLabel('Files of images and labels')
            .setInputFiles(buffers.map((buffer, at) => ({ name: `file-${at}`, mimeType: '', buffer })));
    await choose(file(0x801, [12], new Uint8Array(12).fill(7)));
    await until(
        () => page.locator('pl-own-images').getByRole('alert').allTextContents(),
        (all) => /images are missing/.test(all.join()),
        'what is missing',
    );
    await choose(file(0x803, [12, 28, 28], images), file(0x801, [12], new Uint8Array(12).fill(7)));
    await until(
        () => page.locator('pl-own-images .which').textContent(),
        (text) => /your 12 images/.test(text),
        'that they are taken',
    );
    await evidence(page, 'top_activating').getByRole('button', { name: 'Start' }).click();
    await saidOf(page, 'top_activating', /9 of these 9 drawings are of a 7/);
    // Another channel has another address, and is about itself.
    await page.locator('pl-unit').getByLabel('channel', { exact: true }).fill('10');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Channel 10 of relu2' }).waitFor();
    assert.match(page.url(), /#\/unit\/relu2\/10$/);
    // Every map of units leads to such a page.
    for (const [method, link, place] of [
        ['activations', /^All about Channels, 5:/, 'relu3/5'],
        ['filters', /^All about Kernels, 2:/, 'conv1/2'],
        ['channel_attribution', /^All about \d+$/, /relu3\/\d+/],
    ]) {
        await go(page, `#/method/${method}`);
        await page
            .locator('pl-method')
            .getByRole('link', { name: link, exact: true })
            .first()
            .click({ timeout: 20_000 });
        await until(
            () => page.url(),
            (url) => (typeof place === 'string' ? url.endsWith(`#/unit/${place}`) : place.test(url)),
            `the unit of ${method}`,
        );
        assert.equal(await page.locator('pl-unit').getByRole('alert').count(), 0);
    }
    await go(page, '#/method/lrp');
    await page.locator('pl-walk pl-units').nth(2).click();
    await page.locator('pl-walk').getByRole('link', { name: 'All about it' }).click({ timeout: 20_000 });
    await until(
        () => page.url(),
        (url) => /#\/unit\/\w+\//.test(url),
        'the unit of the walk',
    );
});
