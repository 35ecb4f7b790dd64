// The room "Trust it?": the league of methods with the drawing's own figures, experiments on one map, quizzes with a
// computed truth, and what stands beside them on the methods' own pages.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { before, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { load } from '../wasm/support.mjs';
import { digits, draw, pixels, setUp, sizes, until } from './page.mjs';
import { plainText } from './wording.mjs';

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

test('the room, with a 4 drawn', async (t) => {
    const page = await web.drawn(t, { hash: '#/trust' });

    await t.test(
        'what a map ranks highest is taken away by a slider, and the curve tells what that costs',
        async () => {
            const eraser = page.locator('pl-eraser');
            const said = () => plainText(eraser.locator('.said'));
            const costs = (text) =>
                /answer is (?:under |over )?(\d+)\s%.*random order it would be (?:under |over )?(\d+)\s%/s.exec(text);
            await until(said, (text) => costs(text) !== null, 'the curves', long);
            const slider = eraser.getByRole('slider');
            await slider.fill('0');
            const [, all, same] = costs(
                await until(said, (text) => /Nothing is taken away/.test(text), 'the beginning'),
            );
            assert.equal(all, same);
            assert.ok(Number(all) > 80);
            await slider.fill('8');
            // 8 of 56 steps of 784 pixels.
            const [, ranked, random] = costs(
                await until(said, (text) => /Without the 112 pixels that LRP ranks highest/.test(text), 'a seventh'),
            );
            assert.ok(Number(ranked) + 30 < Number(random), `${ranked} % in the map's order, ${random} % at random`);
            // The point on the curve is where the slider stands, at what the sentence says; and what is read in what is
            // left is said.
            assert.match(
                await eraser.locator('.reading').textContent(),
                new RegExp(`${ranked} %.*${random} %.*0\\.14`, 's'),
            );
            await until(said, (text) => /and I read an? \d/.test(text), 'what is read');
            // What is gone is what the map ranks highest: no ink is left that ranks above the 112th pixel.
            const [map, left] = await eraser
                .locator('pl-map')
                .evaluateAll((both) => both.map((each) => Array.from(each.current.map.data)));
            const limit = [...map].sort((a, b) => b - a)[111];
            assert.equal(left.filter((value, at) => value > 0 && map[at] > limit).length, 0);
            assert.ok(
                left.some((value, at) => value > 0 && map[at] < limit),
                'all of the drawing is gone',
            );
            const [first, second] = await eraser
                .locator('circle.dot')
                .evaluateAll((all_) =>
                    all_.map((dot) => [Number(dot.getAttribute('cx')), Number(dot.getAttribute('cy'))]),
                );
            assert.equal(first[0], second[0]);
            assert.ok(first[1] > second[1] + 20, 'the map’s point lies below the random one');
            // The other way round, a few pixels bring it back.
            await eraser.getByLabel('bring back onto empty paper').check();
            await until(said, (text) => Number(costs(text)?.[1]) > Number(costs(text)?.[2]) + 30, 'the insertion');
            assert.match(await said(), /With nothing but the 112 pixels.*better than chance/s);
        },
    );

    await t.test('layer by layer the network forgets, and the map changes with it', async () => {
        const room = page.locator('pl-forgetting');
        await room.evaluate((element) => element.scrollIntoView());
        await room.locator('polyline').first().waitFor({ timeout: long });
        const map = room.locator('#forgotten');
        const slider = room.getByRole('slider');
        const trained = await pixels(map);
        const correlation = async () =>
            Number(
                /rank correlation ([\d.−]+\d)/.exec(await room.locator('.said').textContent())?.[1].replace('−', '-'),
            );
        await slider.fill('5');
        await until(
            () => room.locator('.said').textContent(),
            (text) => /With no trained layer left/.test(text),
            'the end',
        );
        const forgotten = await pixels(map);
        assert.notEqual(forgotten, trained);
        await room.getByRole('button', { name: 'Guided backprop' }).click();
        await until(
            () => room.locator('.said').textContent(),
            (text) => /the map of Guided backprop/.test(text),
            'another method',
            long,
        );
        const guided = await correlation();
        await room.getByRole('button', { name: 'Gradient' }).click();
        await until(
            () => room.locator('.said').textContent(),
            (text) => /the map of Gradient/.test(text),
            'a third',
            long,
        );
        const gradient = await correlation();
        assert.ok(guided > 0.3 && Math.abs(gradient) < 0.15, `guided ${guided}, gradient ${gradient}`);
        // Both experiments are about the same map.
        assert.equal(
            await page.locator('pl-eraser').getByRole('button', { name: 'Gradient' }).getAttribute('aria-pressed'),
            'true',
        );
    });

    await t.test('the quizzes reveal what was computed, and judge the guess by it', async () => {
        const survivor = page.locator('pl-quiz-survivor');
        await survivor.evaluate((element) => element.scrollIntoView());
        const left = survivor.getByRole('button', { name: 'The left one stays' });
        for (let round = 1; round <= 2; round++) {
            await until(
                () => left.isEnabled(),
                (is) => is,
                'the question',
                long,
            );
            assert.match(await survivor.locator('.verdict').textContent(), /Guess first/);
            await left.click();
            const kept = await survivor
                .locator('figure')
                .evaluateAll((all) => all.map((figure) => Number(figure.dataset.kept)));
            assert.ok(Math.abs(kept[0] - kept[1]) >= 0.15);
            const methods = await survivor
                .locator('figure')
                .evaluateAll((all) => all.map((figure) => figure.dataset.method));
            assert.match(
                await survivor.locator('.verdict').textContent(),
                kept[0] > kept[1] ? /^Right\./ : /^No\./,
                `${methods} ${kept}`,
            );
            await survivor.getByRole('button', { name: 'Another pair' }).click();
        }
        const mind = page.locator('pl-quiz-mind');
        await until(
            () => mind.getByRole('button', { name: /^Square/ }).count(),
            (count) => count === 3,
            'three squares',
            long,
        );
        await mind.getByRole('button', { name: 'Square B' }).click();
        const losses = await mind
            .locator('figure')
            .evaluateAll((all) => all.map((figure) => Number(figure.dataset.loss)));
        assert.equal(losses.length, 3);
        const most = losses.indexOf(Math.max(...losses));
        assert.match(
            await mind.locator('.verdict').textContent(),
            new RegExp(`^${most === 1 ? 'Right' : 'No'}\\. It is ${'ABC'[most]}:`),
        );
    });

    await t.test(
        'a cheat is shown: by maps of the marked drawing, and by groups of maps that nobody told of it',
        async () => {
            const marks = page.locator('pl-marks');
            await marks.evaluate((element) => element.scrollIntoView());
            await until(
                () => marks.locator('.said').first().textContent(),
                (text) => /drawing as a \d.*square in the corner it reads an 8/s.test(text),
                'the cheat',
                long,
            );
            const cue = JSON.parse(await readFile(inModels('spurious.cue.json'), 'utf8'));
            const shares = cue.methods.map((method) => cue.league[method].spurious_cue.share.mean);
            const captions = await marks.locator('.trio figcaption').allTextContents();
            assert.equal(cue.methods[shares.indexOf(Math.max(...shares))], 'lrp');
            assert.match(captions[1], /^LRP shows the mark most/);
            // The person's drawing in the network that cheats: most of LRP's map lies on nine pixels.
            const found = marks.locator('tr[data-method="lrp"] td[data-test="spurious_cue share"]');
            await until(
                () => own(found),
                (said) => Number(said) > 0.5,
                'its share',
                long,
            );

            const groups = marks.locator('pl-groups');
            await groups.evaluate((element) => element.scrollIntoView());
            await groups.locator('.group').first().waitFor({ timeout: long });
            const { clusters } = JSON.parse(await readFile(inModels('spurious.spray.json'), 'utf8'));
            assert.deepEqual(
                await groups.locator('.group figcaption').allTextContents(),
                clusters.map(
                    ({ images, marked }, index) =>
                        `group ${index + 1}: ${images} images, ` +
                        `${marked === 0 ? 'none' : 'all'} with the square; its mean map`,
                ),
            );
            // The strongest pixel of the marked group's mean map is in the mark.
            const strongest = await groups
                .locator('.group pl-map')
                .nth(1)
                .evaluate(({ current: { map } }) => {
                    const at = map.data.indexOf(Math.max(...map.data));
                    return [at % map.width, Math.floor(at / map.width)];
                });
            assert.ok(
                strongest.every((at) => at >= 1 && at <= 3),
                `at ${strongest}`,
            );
        },
    );

    await t.test('suspicious labels stand with their evidence; the images come from files that stay here', async () => {
        const directory = process.env.PELLUCID_MNIST_DIR;
        assert.ok(directory, 'PELLUCID_MNIST_DIR must name the folder with MNIST’s files');
        const audit = page.locator('pl-audit');
        await audit.evaluate((element) => element.scrollIntoView());
        const { test: part } = JSON.parse(await readFile(inModels('audit.json'), 'utf8'));
        await audit.getByText('a network can be right more often than its labels').waitFor({ timeout: long });
        assert.match(
            await audit.locator('.said').textContent(),
            new RegExp(
                `${(100 * part.accuracy).toFixed(2)}.*${part.suspicious} labels look\\s+wrong.*` +
                    `${(100 * part.accuracy_if_suggestions_hold).toFixed(2)}`,
                's',
            ),
        );
        const first = audit.locator('tbody tr').first();
        const [{ image, label, suggested }] = part.issues;
        assert.match(
            await first.textContent(),
            new RegExp(`${image.toLocaleString('en')}\\s*${label}\\s*${suggested}.*suspicious`, 's'),
        );
        assert.equal(await audit.locator('pl-map').count(), 0);
        const files = audit.getByLabel('MNIST’s image files');
        await files.setInputFiles({
            name: 'notes.txt',
            mimeType: 'text/plain',
            buffer: Buffer.from('no images here, only words'),
        });
        assert.match(
            await until(
                () => audit.getByRole('alert').allTextContents(),
                (all) => all.length > 0,
                'the refusal',
            ).then((all) => all[0]),
            /notes\.txt cannot be shown: it is no IDX file/,
        );
        await files.setInputFiles(`${directory}/t10k-labels-idx1-ubyte.gz`);
        await audit.getByRole('alert').getByText('it holds labels').waitFor();
        await files.setInputFiles(`${directory}/t10k-images-idx3-ubyte.gz`);
        await first.locator('pl-map').waitFor();
        const shown = await first
            .locator('pl-map')
            .evaluate((map) => Array.from(map.current.map.data, (value) => Math.round(255 * value)));
        const all = gunzipSync(await readFile(`${directory}/t10k-images-idx3-ubyte.gz`));
        assert.deepEqual(shown, [...all.subarray(16 + image * 784, 16 + (image + 1) * 784)]);
        assert.equal(await audit.getByRole('alert').count(), 0);
    });

    await t.test(
        'the league shows every mean with its interval, and the drawing fills a figure of its own into every cell',
        async (part) => {
            const section = page.locator('pl-league').first();
            await section.locator('tbody tr').first().waitFor();
            assert.deepEqual(
                await section.locator('tbody tr').evaluateAll((all) => all.map((row) => row.dataset.method)),
                league.methods,
            );
            const { mean, low, high } = league.league.occlusion.insertion.area;
            const words = await cell(page, 'occlusion', 'insertion area').locator('.mean').textContent();
            assert.equal(words, `${mean.toFixed(2)} ± ${((high - low) / 2).toFixed(2)}`);
            // The best quarter of fourteen are three, by insertion the largest.
            const best = await page
                .locator('pl-league td.best[data-test="insertion area"]')
                .evaluateAll((all) => all.map((each) => each.parentElement.dataset.method));
            const order = [...league.methods].sort(
                (a, b) => league.league[b].insertion.area.mean - league.league[a].insertion.area.mean,
            );
            assert.deepEqual(best.sort(), order.slice(0, 3).sort());

            // In view it begins, test by test; the words say how far it is.
            await section.evaluate((element) => element.scrollIntoView());
            const compared = cell(page, 'lrp', 'insertion area');
            await until(
                () => own(compared),
                (said) => said !== null,
                'the figures of a test',
                long,
            );
            const input = await page.evaluate(() =>
                Array.from(
                    document
                        .querySelector('pl-app')
                        .renderRoot.querySelector('pl-stage')
                        .renderRoot.querySelector('pl-trust')
                        .renderRoot.querySelector('pl-league').judged.input.data,
                ),
            );
            const pellucid = await load({ workers: 1 });
            part.after(() => pellucid.dispose());
            const model = await pellucid.loadModel(await readFile(inModels('lenet.onnx')));
            for (const test_ of ['deletion', 'insertion']) {
                const { outputs } = await model.explain(test_, Float32Array.from(input), { params: { method: 'lrp' } });
                const said = Number(await own(cell(page, 'lrp', `${test_} area`)));
                assert.ok(Math.abs(said - outputs.area[0]) < 0.006, `${test_}: ${said}, ${outputs.area[0]}`);
            }
            // What cannot be judged says why.
            const none = cell(page, 'pattern_attribution', 'model_randomisation mean_spearman');
            assert.match(await none.getAttribute('title'), /patterns/);

            // A test orders the rows by its numbers.
            await section.getByRole('button', { name: /^Insertion/ }).click();
            assert.deepEqual(
                await section.locator('tbody tr').evaluateAll((all) => all.map((row) => row.dataset.method)),
                order,
            );
            // It can be stopped, and goes on; another drawing begins anew.
            const done = async () =>
                Number(/^(\d+) of/.exec(await section.getByRole('status').textContent())?.[1] ?? Infinity);
            await section.getByRole('button', { name: 'Stop' }).click();
            await until(
                () => section.getByRole('status').textContent(),
                (text) => /stopped/.test(text),
                'the stop',
            );
            const there = await done();
            await section.getByRole('button', { name: 'Go on' }).click();
            await until(done, (count) => count > there, 'more figures', long);
            await draw(page, digits[1]);
            await until(done, (count) => count <= there, 'another start', long);
            // A row leads to its method.
            await section.getByRole('link', { name: /^Occlusion/ }).click();
            await page.locator('pl-method').getByRole('heading', { name: 'Occlusion' }).waitFor();
        },
    );
});

test('on a phone the matrix scrolls in its own box, its first column stays', async (t) => {
    const page = await web.drawn(t, { size: sizes.phone, touch: true, hash: '#/trust' });
    const box = page.locator('pl-league .wide').first();
    await box.waitFor();
    // With the drawing's own figures.
    await box.evaluate((element) => element.scrollIntoView());
    await until(
        () => own(cell(page, 'lrp', 'deletion area')),
        (said) => said !== null,
        'a figure of its own',
        long,
    );
    const first = box.locator('tbody th').first();
    const before = await first.boundingBox();
    assert.ok(await box.evaluate((element) => element.scrollWidth > element.clientWidth + 200));
    // A page that is too wide would make innerWidth as wide.
    assert.equal(
        await page.evaluate(() => document.documentElement.scrollWidth),
        sizes.phone.width,
        'the page itself scrolls sideways',
    );
    // What is hidden for the eye scrolls with its cell; else it would make the page as wide as the matrix.
    assert.equal(
        await box.evaluate((element) =>
            [...element.querySelectorAll('.visually-hidden')].every(({ offsetParent }) =>
                element.contains(offsetParent),
            ),
        ),
        true,
    );
    await box.evaluate((element) => element.scrollTo({ left: 300 }));
    assert.ok(Math.abs((await first.boundingBox()).x - before.x) < 1.5);
});
