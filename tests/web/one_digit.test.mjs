// "This does not look like one digit": how often the rule is wrong, on drawings that it was not made from; and the page
// says it.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { test } from 'node:test';
import { open, readLimits, refusedDrawings, refusedMnist } from './one_digit.mjs';
import { digits, draw, said, setUp, until } from './page.mjs';
import { kinds, scribble } from './unlike.mjs';

const web = setUp();

test('of digits few are refused, of scribbles and pairs few are taken', async () => {
    const opened = await open();
    const limits = readLimits();
    const rates = await refusedDrawings(opened, limits, 120);
    for (const [what, rate] of Object.entries(rates)) {
        if (what.startsWith('pen digits')) assert.ok(rate <= 0.01, `${what}: ${rate} refused`);
    }
    const scribbles = Object.keys(kinds).map((kind) => rates[kind]);
    assert.ok(Math.min(...scribbles) >= 0.55, JSON.stringify(rates));
    assert.ok(scribbles.reduce((sum, rate) => sum + rate, 0) / scribbles.length >= 0.85, JSON.stringify(rates));
    assert.ok(rates.pairs >= 0.95, JSON.stringify(rates));
    const directory = process.env.PELLUCID_MNIST_DIR;
    if (directory && existsSync(`${directory}/t10k-images-idx3-ubyte.gz`))
        assert.ok((await refusedMnist(opened, limits, directory)) <= 0.035);
    opened.pellucid.dispose();
});

/** A drawing's strokes as `draw` takes them. */
const strokes = ({ strokes: all, width }) =>
    all.map(({ points }) =>
        Array.from({ length: points.length / 3 }, (_, at) => [points[3 * at] / width, points[3 * at + 1] / width]),
    );

test('the page says so, and shows the reading all the same; a digit is not doubted', async (t) => {
    const page = await web.open(t);
    const unlike = /^I read an? \d\s\(.*%\), but this does not look like one digit\.$/;
    const clear = () => page.getByRole('button', { name: 'Clear the sheet (C)' }).click();
    for (const drawing of [
        strokes(scribble('hatching', 1)),
        strokes(scribble('zigzag', 4)),
        [
            ...digits[4].map((stroke) => stroke.map(([x, y]) => [0.45 * x, 0.2 + 0.6 * y])),
            ...digits[7].map((stroke) => stroke.map(([x, y]) => [0.5 + 0.45 * x, 0.2 + 0.6 * y])),
        ],
    ]) {
        await clear();
        await draw(page, drawing, async () => {}, 1);
        await until(
            () => said(page).textContent(),
            (text) => unlike.test(text),
            'the doubt',
        );
    }
    for (const [digit, each] of Object.entries(digits)) {
        await clear();
        await draw(page, each);
        await until(
            () => said(page).textContent(),
            (text) => text.startsWith(`I think this is a ${digit}`),
            'the sentence',
        );
        await page.waitForTimeout(250);
        assert.doesNotMatch(await said(page).textContent(), /does not look/);
    }
});
