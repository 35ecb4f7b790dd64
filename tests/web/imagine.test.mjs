// The room of syntheses: the wall grows and can be held, scrubbed and stopped; the morph, the pad and the strip over
// depth.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pixels, setUp, until } from './page.mjs';

const web = setUp();
const room = { hash: '#/imagine' };
const part = (page, name) => page.locator(`pl-${name}`);
const begin = (of) => of.locator('pl-strip button.main').click();
const ended = (of) => of.locator('pl-strip button', { hasText: 'Again' }).waitFor({ timeout: 120_000 });
const percent = async (of) => Number.parseInt(await of.locator('pl-strip .words').textContent(), 10);
const sayings = (of, wanted, what) =>
    until(
        () => of.locator('.said').first().textContent(),
        (text) => wanted.test(text),
        what,
    );

/**
 * Presses a button of a part's strip as soon as so many per cent are done: in the page, since the wall is soon
 * complete.
 */
const press = (of, name, least) =>
    of.evaluate(
        (part, [label, from]) =>
            new Promise((resolve) => {
                const look = () => {
                    const strip = part.renderRoot.querySelector('pl-strip')?.renderRoot;
                    const button = strip?.querySelector(`button[aria-label="${label}"]`);
                    if (button && Number.parseInt(strip.querySelector('.words').textContent, 10) >= from) {
                        button.click();
                        resolve();
                    } else requestAnimationFrame(look);
                };
                look();
            }),
        [name, least],
    );

test('the wall grows, holds, goes back and on, stops; pictures are compared and linked with their seed', async (t) => {
    const page = await web.drawn(t, room);
    const wall = part(page, 'wall');
    assert.equal(await wall.locator('pl-dream').count(), 10);
    await begin(wall);
    const pictures = async () =>
        Promise.all([0, 8].map((digit) => pixels(wall.locator('pl-dream').nth(digit).locator('pl-map'))));
    await press(wall, 'Pause', 25);
    // A slice that was under way may still come.
    const held = await until(
        async () => {
            const share = await percent(wall);
            await page.evaluate(
                () =>
                    new Promise((resolve) => {
                        setTimeout(resolve, 100);
                    }),
            );
            return share === (await percent(wall)) ? share : null;
        },
        (share) => share !== null,
        'a wall at rest',
    );
    assert.ok(held < 100, `held at ${held} %`);
    const picture = String(await pictures());
    const slider = wall.getByLabel('Back through the wall');
    await slider.fill('0.005');
    await until(pictures, (now) => String(now) !== picture, 'earlier pictures');
    await slider.fill(await slider.getAttribute('max'));
    await until(pictures, (now) => String(now) === picture, 'the newest pictures again');
    await wall.getByRole('button', { name: 'Go on' }).click();
    await ended(wall);
    await sayings(
        wall,
        /all ten; the other network \(.+\), which had no part in it, reads (all ten|\d of ten)/,
        'both readings',
    );
    for (let digit = 0; digit < 10; digit++)
        assert.match(await wall.locator('.reading').nth(digit).textContent(), new RegExp(`^read as ${digit}, >99`));

    await wall.getByRole('button', { name: 'Other noise' }).click();
    await press(wall, 'Stop', 5);
    await until(
        () => wall.locator('pl-strip .words').textContent(),
        (words) => /stopped/.test(words),
        'a stopped wall',
    );
    await wall.getByRole('button', { name: 'Compare an 8' }).click();
    await until(
        () => page.url(),
        (url) => decodeURIComponent(decodeURIComponent(url)).includes('activation_maximisation?seed=1;class:8'),
        'the picture in the link',
    );
    await wall.getByRole('link', { name: 'an 8' }).click();
    await page.locator('pl-method').getByRole('heading', { name: 'Activation maximisation', exact: true }).waitFor();
    assert.match(page.url(), /activation_maximisation\?seed=1$/);
    await until(
        () => new URL(page.url()).searchParams.get('why'),
        (why) => why === '8',
        'its digit as the question',
    );
});

test('the morph leads from the drawing to another answer; pad and strip answer for what they show', async (t) => {
    const page = await web.drawn(t, room);
    const morph = part(page, 'morph');
    await begin(morph);
    await ended(morph);
    await sayings(
        morph,
        /^For a 9 instead of a 4 this much has to change; the answer turns after \d+ % of the way/,
        'what has to change',
    );
    const caption = morph.locator('figcaption').nth(1);
    assert.match(await caption.textContent(), /read as 9/);
    const end = await pixels(morph.locator('#morph'));
    await morph.getByRole('slider', { name: 'Morph' }).fill('0');
    await until(
        () => caption.textContent(),
        (text) => /read as 4/.test(text),
        'the picture of the drawing',
    );
    assert.notEqual(await pixels(morph.locator('#morph')), end);

    const pad = part(page, 'pad');
    await begin(pad);
    const here = pad.locator('.here pl-map');
    await sayings(pad, /I read an? \d here/, 'a reading');
    // The corners are what they say.
    for (const [x, y, digit] of [
        ['0', '0', 3],
        ['1', '0', 8],
        ['0', '1', 1],
        ['1', '1', 7],
    ]) {
        await pad.getByLabel('across').fill(x);
        await pad.getByLabel('down').fill(y);
        await sayings(pad, new RegExp(`I read an? ${digit} here`), `the corner ${x}, ${y}`);
    }
    const corner = await pixels(here);
    const field = await pad.locator('.field').boundingBox();
    await pad.locator('.field').click({ position: { x: 0.5 * field.width, y: 0.4 * field.height } });
    await until(
        () => pixels(here),
        (picture) => picture !== corner,
        'the picture at another place',
    );

    const depth = part(page, 'depth');
    await begin(depth);
    await ended(depth);
    await sayings(depth, /conv1 cannot tell from your drawing/, 'what the layers know');
    const off = (await depth.locator('.said').textContent()).match(
        /are (?:under )?(\d+) % off it.* are (\d+) % off, and (\d+) % apart/s,
    );
    assert.ok(off && Number(off[1]) < 10 && Number(off[2]) > 50 && Number(off[3]) > 50, String(off));
});
