// Why, further down: a part of the drawing hidden under the pointer, and networks that were trained without a part.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { pixels, setUp, until } from './page.mjs';
import { plainText } from './wording.mjs';

const web = setUp();
/** The page with a part of the room Why that is loaded when it comes into view. */
async function at(t, index, element) {
    const page = await web.drawn(t);
    assert.equal(await page.locator(element).count(), 0, 'nothing is loaded before it is needed');
    await page
        .locator('pl-later')
        .nth(index)
        .evaluate((later) => later.scrollIntoView({ block: 'center' }));
    await page.locator(element).waitFor();
    await page.locator(element).evaluate((part) => part.scrollIntoView({ block: 'start' }));
    return page;
}

test('a square under the pointer hides a part, and answer and maps follow', async (t) => {
    const page = await at(t, 0, 'pl-hiding');
    const eraser = page.locator('pl-hiding');
    const said = () => eraser.locator('.said').textContent();
    const map = (id) => eraser.locator(`#${id}`);
    await until(said, (text) => /^With nothing hidden I read a 4/.test(text), 'the answer', 20_000);
    await until(
        () => map('occlusion').evaluate((each) => each.current !== null),
        (there) => there,
        'the maps',
        20_000,
    );
    const before = [await pixels(map('lrp')), await pixels(map('occlusion'))];
    const pad = eraser.locator('.pad');
    const box = await pad.boundingBox();
    const over = (column, row) =>
        page.mouse.move(box.x + ((column + 0.5) * box.width) / 28, box.y + ((row + 0.5) * box.height) / 28);

    // Where there is paper anyway, hiding changes nothing; on the digit's corner it costs score.
    await over(2, 2);
    await until(said, (text) => /^Without this part I still read a 4\s.*stays\.$/.test(text), 'paper', 20_000);
    await over(9, 15);
    const text = await until(
        said,
        (words) => /^Without this part .* score of 4 changes by −\d/.test(words),
        'the corner',
        20_000,
    );
    const bar = (digit) =>
        eraser
            .locator('li')
            .nth(digit)
            .locator('.bar')
            .evaluate((each) => new DOMMatrix(getComputedStyle(each).transform).a);
    const number = async () =>
        Number(/(\d+) %/.exec(await eraser.locator('li').nth(4).locator('.number').textContent())[1]);
    await until(
        async () => Math.abs(100 * (await bar(4)) - (await number())),
        (off) => off < 1,
        `the bar, ${text}`,
    );
    assert.notEqual(await pixels(map('lrp')), before[0]);
    assert.notEqual(await pixels(map('occlusion')), before[1]);
    // What the network got is paper there.
    const got = () => eraser.locator('.sheet pl-map').evaluate((each) => each.current.map.data[15 * 28 + 9]);
    assert.equal(await got(), 0);
    await page.mouse.move(5, 5);
    await until(said, (words) => /^With nothing hidden/.test(words), 'uncovered', 20_000);
    assert.ok((await got()) > 0.2);

    // By the keyboard, with another size.
    await eraser.getByRole('slider', { name: 'Size' }).fill('14');
    await pad.focus();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowRight');
    await until(said, (words) => /^Without this part/.test(words), 'the middle hidden', 20_000);
    const { width } = await eraser.locator('.window').boundingBox();
    assert.ok(Math.abs(width - box.width / 2) < 4, `a window of ${width} in ${box.width}`);
    await page.keyboard.press('Escape');
    await until(said, (words) => /^With nothing hidden/.test(words), 'uncovered', 20_000);

    // Everywhere, as fast as frames come: each square is answered once, and the trail is by definition the map of
    // occlusion, the mean fall of the score over the squares that cover a pixel. The core's own answer is the oracle.
    await eraser.getByRole('button', { name: 'Wipe it' }).click();
    const answers = await pad.evaluate(async (element) => {
        let [count, told] = [0, () => {}];
        const note = ({ detail }) => {
            count++;
            told(detail.at);
        };
        addEventListener('pellucid:hidden', note);
        const sheet = element.getBoundingClientRect();
        for (let i = 0; i < 225; i++) {
            const answered = new Promise((resolve) => {
                told = (square) => square?.x === i % 15 && square.y === Math.floor(i / 15) && resolve();
            });
            const at = (place, start, side) => start + ((7.5 + place) * side) / 28;
            element.dispatchEvent(
                new PointerEvent('pointermove', {
                    pointerType: 'mouse',
                    bubbles: true,
                    clientX: at(i % 15, sheet.x, sheet.width),
                    clientY: at(Math.floor(i / 15), sheet.y, sheet.height),
                }),
            );
            await answered;
        }
        removeEventListener('pellucid:hidden', note);
        return count;
    });
    assert.ok(answers < 240, `${answers} answers`);
    await until(
        () => plainText(eraser.locator('figcaption').last()),
        (words) => /squares you were at \(225\)/.test(words),
        'all squares',
    );
    const values = (id) => eraser.locator(`#${id}`).evaluate((each) => Array.from(each.current.map.data));
    const trail = await values('trail');
    await pad.dispatchEvent('pointerleave', { pointerType: 'mouse' });
    const off = async () => {
        const occlusion = await values('occlusion');
        return Math.max(...trail.map((value, i) => Math.abs(value - occlusion[i])));
    };
    await until(off, (most) => most < 1e-3, 'the largest difference to Occlusion', 20_000);
    assert.ok(Math.max(...trail) > 0.1);
});

test('trainings without a part are drawn as they were measured', async (t) => {
    const page = await at(t, 1, 'pl-ablation');
    const { rows } = JSON.parse(await readFile(new URL('../../models/lenet.ablation.json', import.meta.url), 'utf8'));
    const figure = page.locator('pl-ablation');
    const features = rows.filter(({ kind }) => kind === 'feature');
    for (const { without, accuracy } of features) {
        const line = figure.locator(`li[data-without=${without}]`);
        assert.match(
            await line.textContent(),
            new RegExp(`${(Math.round(1000 * accuracy) / 10).toFixed(1)} %`),
            without,
        );
    }
    const [worst] = features.sort((a, b) => a.accuracy - b.accuracy);
    assert.match(
        await figure.locator('.said').textContent(),
        worst.without === 'middle' ? /^Without the middle accuracy falls most/ : /accuracy falls most/,
    );
    assert.equal(
        await figure.locator('pl-series polyline').count(),
        new Set(rows.filter(({ kind }) => kind === 'ranked').map(({ without }) => without)).size,
    );
    assert.equal(await figure.locator('pl-series').getByText('Gradient').count(), 1);
});
