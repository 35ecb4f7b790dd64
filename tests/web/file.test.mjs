// The page opened as a file, which no browser starts: it says why it stays blank.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { setUp } from './page.mjs';

const web = setUp();

test('opened as a file, the page says why it does not start and what to do', async (t) => {
    const page = await web.empty(t, { expected: /file:|ERR_FAILED/ });
    await page.goto(`file://${fileURLToPath(new URL('../../web/dist/index.html', import.meta.url))}`);
    await page.getByText(/has not started.*file:\/\/.*http\.server/s).waitFor();
});

test('from a server it starts without a word of that', async (t) => {
    const page = await web.open(t);
    const box = await page.locator('.unstarted').boundingBox();
    assert.equal(box, null, 'the words take up room in the page that runs');
});
