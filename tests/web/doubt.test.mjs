// A network with evidential output says beside its bars how much it does not know.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { digits, draw, go, said, setUp, until } from './page.mjs';
import { scribble } from './unlike.mjs';

const web = setUp();
const long = 90_000;

/** A drawing's strokes as `draw` takes them. */
const strokes = ({ strokes: all, width }) =>
    all.map(({ points }) =>
        Array.from({ length: points.length / 3 }, (_, at) => [points[3 * at] / width, points[3 * at + 1] / width]),
    );

test('little of a digit, most of what is none, and the method says the same', async (t) => {
    const page = await web.open(t, { hash: '?model=evidential#/why' });
    const row = page.locator('pl-probabilities .doubt');
    const doubt = async () => Number(/([\d.]+) %/.exec(await row.textContent())?.[1]);
    const clear = () => page.getByRole('button', { name: 'Clear the sheet (C)' }).click();
    const height = (await page.locator('pl-probabilities').boundingBox()).height;
    await draw(page, digits[4]);
    await until(doubt, (share) => share < 40, 'little doubt', long);
    await until(
        () => said(page).textContent(),
        (text) => /I think this is a 4\s/.test(text),
        'the sentence',
        long,
    );
    await clear();
    await draw(page, strokes(scribble('hatching', 1)));
    await until(doubt, (share) => share > 60, 'much doubt', long);
    await until(
        () => said(page).textContent(),
        (text) => /^I do not know what this is \((over )?[\d.]+\s% without evidence\)/.test(text),
        'the sentence',
        long,
    );
    assert.equal((await page.locator('pl-probabilities').boundingBox()).height, height, 'nothing moves');
    // Of the same drawing, by the method: the same number, and the map.
    await go(page, '#/method/uncertainty?method=deeplift');
    await page.locator('pl-method').getByRole('button', { name: 'Start' }).click();
    const told = async () => (await page.locator('pl-method dl').allTextContents()).join();
    await until(
        async () => Number(/not known\D*([\d.]+)\s?%/i.exec(await told())?.[1]) - (await doubt()),
        (apart) => Math.abs(apart) <= 1,
        'what the method says',
        long,
    );
    // Other networks have no such row.
    await page.locator('pl-method').getByLabel('The network').selectOption('lenet');
    await row.waitFor({ state: 'detached', timeout: long });
});
