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

/** Presses a step's map where its value is strongest, and waits for what that unit received. */
export async function chooseStrongest(page, index) {
    await page.locator('pl-walk').evaluate(async (walk, at) => {
        const step = walk.renderRoot.querySelectorAll('li')[at];
        const units = step.querySelector('.map pl-units');
        const { map, renderRoot } = units;
        const best = map.data.reduce((most, value, i) => (Math.abs(value) > Math.abs(map.data[most]) ? i : most), 0);
        units.scrollIntoView({ block: 'center' });
        const { left, top, width, height } = units.getBoundingClientRect();
        const press = {
            clientX: left + (((best % map.width) + 0.5) * width) / map.width,
            clientY: top + ((Math.floor(best / map.width) + 0.5) * height) / map.height,
            detail: 1,
            bubbles: true,
        };
        renderRoot.querySelector('canvas').dispatchEvent(new MouseEvent('click', press));
        await walk.updateComplete;
        // What the unit before received is gone now.
        const end = Date.now() + 20_000;
        while (!step.querySelector('.unit .relevance')) {
            if (Date.now() > end) throw new Error(`step ${at} does not say what its strongest unit received`);
            await new Promise((resolve) => {
                setTimeout(resolve, 10);
            });
        }
        await step.querySelector('.unit pl-received').updateComplete;
    }, index);
    return steps(page).nth(index).locator('.unit');
}

/** Messages, the rest and the sum of one unit as they are displayed: they add up to the relevance that is displayed. */
export async function addsUp(unit, what) {
    const { relevance, sums, parts } = await unit.evaluate((element) => {
        const table = element.querySelector('pl-received').renderRoot;
        const said = (root, which) => Array.from(root.querySelectorAll(which), (each) => each.textContent.trim());
        return {
            relevance: said(element, '.relevance')[0],
            sums: said(table, '.sum'),
            parts: said(table, 'td.message, td.rest'),
        };
    });
    assert.ok(sums.length > 0, `${what}: no table`);
    if (sums.length === 1) assert.equal(sums[0], relevance, what);
    const shown = parts.length > 0 ? parts : sums; // nothing was received: no rows
    const total = shown.reduce((sum, text) => sum + number(text), 0);
    const slack = shown.reduce((sum, text) => sum + rounding(text), rounding(relevance));
    assert.ok(
        Math.abs(total - number(relevance)) <= slack * 1.01,
        `${what}: ${shown.join(' ')} is ${total}, not ${relevance}`,
    );
    return relevance;
}
