// The room "Trust it?": the league of methods with the drawing's own figures, experiments on one map, quizzes with a computed
// truth, and what stands beside them on the methods' own pages.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { before, test } from 'node:test';
import { load } from '../wasm/support.mjs';
import { digits, draw, go, setUp, sizes, until } from './page.mjs';

const web = setUp();
const inModels = (name) => new URL(`../../models/${name}`, import.meta.url);
let league;
before(async () => {
    league = JSON.parse(await readFile(inModels('lenet.league.json'), 'utf8'));
});
const long = 90_000;
const cell = (page, method, key) => page.locator(`pl-league tr[data-method="${method}"] td[data-test="${key}"]`);
/** What a cell says of the drawing, a number or a word; null while it says nothing. */
const own = async (found) => /your drawing(.+)$/.exec((await found.locator('.own').textContent()).trim())?.[1] ?? null;

test('the league shows every mean with its interval, and the drawing fills a figure of its own into every cell', async (t) => {
    const page = await web.drawn(t, { hash: '#/trust' });
    const section = page.locator('pl-league').first();
    await section.locator('tbody tr').first().waitFor();
    assert.deepEqual(await section.locator('tbody tr').evaluateAll((all) => all.map((row) => row.dataset.method)), league.methods);
    const { mean, low, high } = league.league.occlusion.insertion.area;
    const words = await cell(page, 'occlusion', 'insertion area').locator('.mean').textContent();
    assert.equal(words, `${mean.toFixed(2)} ± ${((high - low) / 2).toFixed(2)}`);
    // The best quarter of fourteen are three, by insertion the largest.
    const best = await page.locator('pl-league td.best[data-test="insertion area"]').evaluateAll((all) => all.map((each) => each.parentElement.dataset.method));
    const order = [...league.methods].sort((a, b) => league.league[b].insertion.area.mean - league.league[a].insertion.area.mean);
    assert.deepEqual(best.sort(), order.slice(0, 3).sort());

    // In view it begins, test by test; the words say how far it is.
    await section.evaluate((element) => element.scrollIntoView());
    const compared = cell(page, 'lrp', 'insertion area');
    await until(() => own(compared), (said) => said !== null, 'the figures of a test', long);
    const input = await page.evaluate(() => Array.from(document.querySelector('pl-app').renderRoot.querySelector('pl-stage').renderRoot
        .querySelector('pl-trust').renderRoot.querySelector('pl-league').judged.input.data));
    const pellucid = await load({ workers: 1 });
    t.after(() => pellucid.dispose());
    const model = await pellucid.loadModel(await readFile(inModels('lenet.onnx')));
    for (const test_ of ['deletion', 'insertion']) {
        const { outputs } = await model.explain(test_, Float32Array.from(input), { params: { method: 'lrp' } });
        const said = Number((await own(cell(page, 'lrp', `${test_} area`))));
        assert.ok(Math.abs(said - outputs.area[0]) < 0.006, `${test_}: ${said}, ${outputs.area[0]}`);
    }
    // What cannot be judged says why.
    const none = cell(page, 'pattern_attribution', 'model_randomisation mean_spearman');
    assert.match(await none.getAttribute('title'), /patterns/);

    // A test orders the rows by its numbers.
    await section.getByRole('button', { name: /^Insertion/ }).click();
    assert.deepEqual(await section.locator('tbody tr').evaluateAll((all) => all.map((row) => row.dataset.method)), order);
    // It can be stopped, and goes on; another drawing begins anew.
    const done = async () => Number(/^(\d+) of/.exec(await section.getByRole('status').textContent())?.[1] ?? Infinity);
    await section.getByRole('button', { name: 'Stop' }).click();
    await until(() => section.getByRole('status').textContent(), (text) => /stopped/.test(text), 'the stop');
    const there = await done();
    await section.getByRole('button', { name: 'Go on' }).click();
    await until(done, (count) => count > there, 'more figures', long);
    await draw(page, digits[1]);
    await until(done, (count) => count <= there, 'another start', long);
    // A row leads to its method.
    await section.getByRole('link', { name: /^Occlusion/ }).click();
    await page.locator('pl-method').getByRole('heading', { name: 'Occlusion' }).waitFor();
});

test('on a phone the matrix scrolls in its own box, its first column stays', async (t) => {
    const page = await web.open(t, { size: sizes.phone, touch: true, hash: '#/trust' });
    const box = page.locator('pl-league .wide').first();
    await box.waitFor();
    const first = box.locator('tbody th').first();
    const before = await first.boundingBox();
    assert.ok(await box.evaluate((element) => element.scrollWidth > element.clientWidth + 200));
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), true, 'the page itself scrolls sideways');
    await box.evaluate((element) => element.scrollTo({ left: 300 }));
    assert.ok(Math.abs((await first.boundingBox()).x - before.x) < 1.5);
});

test('badges come from the league, and say on focus what they mean', async (t) => {
    const page = await web.open(t, { hash: '#/method/guided_backprop' });
    const badge = page.locator('pl-method .badge', { hasText: 'keeps its map' });
    await badge.waitFor();
    await badge.focus();
    const tip = page.locator('pl-method pl-badges [popover]');
    await until(() => tip.isVisible(), (is) => is, 'the words');
    const { mean } = league.league.guided_backprop.model_randomisation.mean_spearman;
    assert.match(await tip.textContent(), new RegExp(`stays when the network forgets.*${mean.toFixed(2)} on average over 100 test images`));
    await go(page, '#/method/lime');
    await page.locator('pl-method pl-badges', { hasText: 'Not in LeNet’s league' }).waitFor();
    await go(page, '#/why');
    await page.getByRole('button', { name: 'Choose methods' }).click();
    await page.locator('pl-picker .line[data-key="occlusion"] .badge', { hasText: 'best at insertion' }).waitFor();
});
