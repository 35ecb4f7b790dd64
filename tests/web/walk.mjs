// What the tests of the walk down the network share: opening it, its steps, and the arithmetic of what is displayed.
import assert from 'node:assert/strict';
import { answered, digits, draw, said, until } from './page.mjs';

/** The walk of a method on a drawn 4. */
export async function openWalk(web, t, method, options = {}) {
    const page = await web.open(t, { ...options, hash: `#/method/${method}` });
    await draw(page, digits[4]);
    await until(
        () => said(page).textContent(),
        (text) => /\s4\s/.test(text),
        'the sentence',
    );
    await page.locator('pl-walk li').first().waitFor();
    await rested(page, method);
    return page;
}

/** The walk of another method, or of other parameters, on the same drawing. */
export async function turnTo(page, method) {
    await page.evaluate((hash) => {
        location.hash = `#/method/${hash}`;
    }, method);
    await rested(page, method);
}

/** The pen rests: nothing is computed anew behind the test's back. */
async function rested(page, method) {
    await answered(page, method.split('?')[0]);
    await page.waitForTimeout(300);
}

export const steps = (page) => page.locator('pl-walk li');
/** A number as the page writes it: "+0.12", "1,234", "−1.7 × 10⁷"; the last one as 1.7e7. */
const plain = (text) =>
    text
        .replaceAll(',', '')
        .replace('+', '')
        .replaceAll('−', '-')
        .replace(
            /\s×\s10([⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)/,
            (_, power) => `e${Array.from(power, (sign) => (sign === '⁻' ? '-' : '⁰¹²³⁴⁵⁶⁷⁸⁹'.indexOf(sign))).join('')}`,
        );
export const number = (text) => Number(plain(text));
export const texts = async (locator) => (await locator.allTextContents()).map((text) => text.trim());
/** Half a unit of the last digit shown. */
export const rounding = (text) => {
    const [mantissa, exponent = '0'] = plain(text).split('e');
    return 0.5 * 10 ** (Number(exponent) - (mantissa.split('.')[1]?.length ?? 0));
};

/** Chooses the cell in the middle of a step's map, or where its strongest value is. */
export async function chooseStrongest(page, index) {
    const units = steps(page).nth(index).locator('.map pl-units');
    const place = await units.evaluate(({ map }) => {
        const best = map.data.reduce((at, value, i) => (Math.abs(value) > Math.abs(map.data[at]) ? i : at), 0);
        return { x: ((best % map.width) + 0.5) / map.width, y: (Math.floor(best / map.width) + 0.5) / map.height };
    });
    await units.scrollIntoViewIfNeeded();
    const box = await units.boundingBox();
    await units.click({ position: { x: place.x * box.width, y: place.y * box.height } });
    await steps(page).nth(index).locator('.unit .relevance').waitFor();
    return steps(page).nth(index).locator('.unit');
}

/** Messages, the rest and the sum of one unit as they are displayed: they add up to the relevance that is displayed. */
export async function addsUp(unit, what) {
    const relevance = (await unit.locator('.relevance').textContent()).trim();
    const sums = await texts(unit.locator('pl-received .sum'));
    assert.ok(sums.length > 0, `${what}: no table`);
    if (sums.length === 1) assert.equal(sums[0], relevance, what);
    const parts = await texts(unit.locator('pl-received :is(td.message, td.rest)'));
    const shown = parts.length > 0 ? parts : sums; // nothing was received: no rows
    const total = shown.reduce((sum, text) => sum + number(text), 0);
    const slack = shown.reduce((sum, text) => sum + rounding(text), rounding(relevance));
    assert.ok(
        Math.abs(total - number(relevance)) <= slack * 1.01,
        `${what}: ${shown.join(' ')} is ${total}, not ${relevance}`,
    );
    return relevance;
}
