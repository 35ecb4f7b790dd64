// A network with units changed: the answer and the compared maps follow, everywhere it says that it is broken.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { go, pixels, setUp, until } from './page.mjs';

const web = setUp();
const layer = (page, name) => page.locator(`pl-overview li[data-layer=${name}]`);
const bars = (page) =>
    page.locator('pl-app pl-probabilities .bar').evaluateAll((all) => all.map(({ style }) => style.transform));
const slot = (page, index) => page.locator('pl-slot').nth(index).locator('pl-map');
const settled = async (map) => {
    let last = '';
    return until(
        async () => {
            const now = await pixels(map);
            const same = now === last;
            last = now;
            await map.page().waitForTimeout(250);
            return same ? now : null;
        },
        (now) => now !== null,
        'a map at rest',
        20_000,
    );
};

test('break it: the answer and the compared maps follow, and one press mends it exactly', async (t) => {
    const compare = encodeURIComponent(';;;').replaceAll('%3B', ';');
    const page = await web.drawn(t, { hash: `?compare=lrp${compare}|lrp;;lenet;#/compare` });
    const before = { bars: await bars(page), own: await settled(slot(page, 0)), whole: await settled(slot(page, 1)) };
    await go(page, '#/inside/relu3/5,3,3');
    await page.getByLabel('all of relu3').check();
    await page.getByLabel('Activity times').fill('0.5');
    await page.locator('pl-broken').waitFor();
    assert.match(await page.locator('pl-broken p').textContent(), /LeNet is broken on purpose/);
    assert.match(await page.locator('pl-broken li').textContent(), /All of relu3 is at 50/);
    await until(
        () => bars(page),
        (now) => now.join() !== before.bars.join(),
        'another answer',
    );
    assert.match(
        await until(
            () => page.locator('pl-sentence .said').textContent(),
            (text) => /broken/.test(text),
            'the sentence',
        ),
        /I am broken on purpose/,
    );
    await layer(page, 'relu3_without').waitFor();
    await page.getByRole('button', { name: 'Switch off' }).click();
    await until(
        () => page.locator('pl-broken li').textContent(),
        (text) => /All of relu3 is off/.test(text),
        'that it is off',
    );
    await until(
        () => page.url(),
        (url) => /without=relu3%2Fall\*0/.test(url),
        'the change in the address',
    );
    await go(page, '#/compare');
    await until(
        () => pixels(slot(page, 0)),
        (now) => now !== before.own,
        'another map of the broken network',
        20_000,
    );
    assert.equal(await settled(slot(page, 1)), before.whole);
    // A reload keeps it; mending brings back the very same.
    await page.reload();
    await page.locator('pl-broken').waitFor();
    await go(page, '#/method/neuron_statistics');
    await until(
        () => page.locator('pl-method [role=alert]').first().textContent(),
        (text) => /of the network as it was: mend it first/.test(text),
        'what is missing',
        20_000,
    );
    await go(page, '#/compare');
    await page.getByRole('button', { name: 'Mend it' }).click();
    await until(
        () => bars(page),
        (now) => now.join() === before.bars.join(),
        'the same answer',
        20_000,
    );
    await until(
        () => pixels(slot(page, 0)),
        (now) => now === before.own,
        'the same map',
        20_000,
    );
    assert.equal(await page.locator('pl-broken').count(), 0);
    await until(
        () => page.url(),
        (url) => !/without/.test(url),
        'an address without it',
    );
    // What the network cannot take is told; another network is whole.
    await page.goto(`${page.url().split('?')[0]}?without=nowhere/0*0#/inside`);
    await until(
        () => page.locator('pl-stage').getByRole('alert').allTextContents(),
        (all) => all.some((text) => /could not be changed: .*nowhere/.test(text)),
        'why not',
        20_000,
    );
    assert.equal(await page.locator('pl-broken').count(), 0);
    await go(page, '#/inside/conv1/3,4,4');
    await page.getByRole('button', { name: 'Switch off' }).click();
    await page.locator('pl-broken').waitFor();
    assert.equal(await page.locator('pl-stage').getByRole('alert').count(), 0);
    await page.getByLabel('The network', { exact: true }).selectOption('gap');
    await until(
        () => page.locator('pl-broken').count(),
        (count) => count === 0,
        'a whole network',
        20_000,
    );
});
