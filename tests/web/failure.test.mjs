// What the page says when something is missing.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { digits, draw, said, setUp, until } from './page.mjs';

const web = setUp();

test('without the model the page says what is missing and what to do; trying again helps', async (t) => {
    web.missing.add('models/lenet.onnx');
    const page = await web.open(t, { ready: false, expected: /404/ });
    const alert = page.getByRole('alert');
    await alert.waitFor();
    assert.match(await alert.textContent(), /network could not be loaded.*404.*models\/lenet\.onnx/s);
    // Drawing still works, and is answered once the network has come.
    await draw(page, digits[1]);
    web.missing.delete('models/lenet.onnx');
    await page.getByRole('button', { name: 'Try again' }).click();
    await until(
        () => said(page).textContent(),
        (text) => /\s1\s/.test(text),
        'the answer after trying again',
    );
});

test('a method that does not exist is said not to exist', async (t) => {
    const page = await web.open(t, { hash: '#/method/tea_leaves' });
    await page.getByText('There is no method called “tea_leaves”').waitFor();
});

test('a parameter that is not allowed is explained, not swallowed', async (t) => {
    const page = await web.open(t, { hash: '#/method/lrp?composite=tea_leaves', ready: true });
    const alert = page.locator('pl-method').getByRole('alert');
    await alert.waitFor();
    assert.match(await alert.textContent(), /composite/);
});

test('a network that does not come keeps none of the others from answering', async (t) => {
    web.missing.add('models/robust.onnx');
    t.after(() => web.missing.delete('models/robust.onnx'));
    const page = await web.drawn(t, { hash: '#/fool', expected: /404|robust\.onnx/ });
    await page.locator('pl-networks').evaluate((part) => part.scrollIntoView({ block: 'start' }));
    const row = (id) => page.locator(`pl-networks tr[data-network=${id}]`);
    await until(
        () => row('robust').textContent(),
        (text) => /could not be asked: .*404/s.test(text),
        'what is missing',
        20_000,
    );
    await until(
        () => row('smooth').locator('.read').allTextContents(),
        (read) => read.length === 2 && read.every((text) => /^4 /.test(text)),
        'the others',
        20_000,
    );
});
