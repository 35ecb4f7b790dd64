// Everything that reaches the page from outside, wrong: links, the network's files, pictures, kept settings. The page
// says so.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, test } from 'node:test';

import { badValues, Book, faultOf } from '../bad_input/rows.mjs';
import { go, methodCards, setUp } from './page.mjs';

const web = setUp();
const book = new Book('page');
after(() => book.done(assert, 100));
const quiet = /404|500|Failed to load|patterns|ERR_|wasm|net::/;

const words = (locator) =>
    locator.evaluateAll((elements) =>
        elements.map((element) => element.textContent.trim().replaceAll(/\s+/g, ' ')).join(' '),
    );
const silent = 'it said nothing';
/**
 * What the page says, or a fault where it has said nothing for so long that nothing will come, even on a busy machine.
 */
async function says(read) {
    const end = Date.now() + 20_000;
    for (;;) {
        const sentence = await read();
        if (sentence && !faultOf(sentence)) return { code: 'said', sentence };
        if (Date.now() > end) return sentence ? { code: 'said', sentence } : { fault: silent };
        await new Promise((resolve) => {
            setTimeout(resolve, 25);
        });
    }
}

/** What a method says about a parameter; waited for in the page, which costs less than asking it again and again. */
const refusal = (page, name) =>
    page.evaluate(async (word) => {
        const { renderRoot: stage } = document.querySelector('pl-app').renderRoot.querySelector('pl-stage');
        for (const end = Date.now() + 20_000; Date.now() < end; ) {
            const alert = stage.querySelector('pl-method')?.renderRoot.querySelector('[role=alert]')?.textContent ?? '';
            if (alert.includes(word)) return alert.trim().replaceAll(/\s+/g, ' ');
            await new Promise((resolve) => {
                setTimeout(resolve, 10);
            });
        }
        return '';
    }, name);

/** Words are read whether they are in view or not; what is not costs little. */
const low = { width: 800, height: 300 };

test('links with parameters that methods have not, or not with such values', async (t) => {
    const page = await web.open(t, { size: low });
    const cards = await methodCards();
    // There are 400 links. The table (npm run bad-input) has them all; otherwise lrp's and every fifteenth of the
    // others are followed: the package's own tests give every parameter every kind.
    const all = process.env.PELLUCID_BAD_INPUT !== undefined;
    let turn = 0;
    let count = 0;
    let before = '';
    for (const card of cards) {
        const links = [[['an unknown parameter', 'nonsense', 1]]];
        for (const param of card.params) {
            const bad = badValues(param);
            // All kinds for one method, one kind in turn for each parameter of the others.
            const chosen = card.id === 'lrp' ? bad : bad.length > 0 ? [bad[turn++ % bad.length]] : [];
            links.push(chosen.map(([kind, value]) => [`${param.name}: ${kind}`, param.name, value]));
        }
        // One link of each parameter, then the next of each: so mostly what is said names another than before.
        const rounds = Array.from({ length: Math.max(...links.map(({ length }) => length)) }, (_, round) => round);
        for (const [kind, name, value] of rounds.flatMap((round) =>
            links.flatMap((of) => of.slice(round, round + 1)),
        )) {
            if (!all && card.id !== 'lrp' && count++ % 15 !== 0) continue;
            const query = `${name}=${encodeURIComponent(String(value))}`;
            if (name === before) {
                await go(page, '#/method/-');
                await page.locator('pl-method').waitFor({ state: 'detached' });
            }
            before = name;
            await go(page, `#/method/${card.id}?${query}`);
            // As the page writes names.
            const sentence = await refusal(page, name.replaceAll('_', ' ').replace(/\bl2\b/, 'L2'));
            book.add(`#/method/${card.id}?…`, kind, query, sentence ? { code: 'said', sentence } : { fault: silent });
        }
    }
});

test('links to what is not there', async (t) => {
    const page = await web.open(t, { size: low });
    for (const method of [
        'nonsense',
        'LRP',
        'lrp%20',
        '__proto__',
        'constructor',
        '%3Cimg%20src%3Dx%20onerror%3Dalert(1)%3E',
        'a'.repeat(2000),
        '%E0%A4%A',
        '%',
        '%ff',
    ]) {
        await go(page, '#/input');
        await go(page, `#/method/${method}`);
        book.add(
            '#/method/…',
            'no method',
            method,
            await says(async () => {
                const text = await words(page.locator('main [role=alert]'));
                return /There is no method called/.test(text) ? text.match(/There is no method called[^.]*\.?/)[0] : '';
            }),
        );
        assert.equal(await page.locator('img[src="x"]').count(), 0, 'a link is text, never markup');
    }
    for (const hash of [
        '#',
        '#/',
        '#nonsense',
        '#/nonsense',
        '#/method',
        '#/method/',
        '#/why/extra',
        '#//',
        '#/%',
        '#/%E0%A4%A',
        '#/<script>',
        '#/method//?a=b',
        `#/${'a'.repeat(5000)}`,
    ]) {
        await go(page, '#/input');
        await go(page, hash);
        // There the page begins again.
        book.add(
            '#…',
            'no room',
            hash,
            await says(async () => {
                const heading = await words(page.locator('main h2').first());
                return heading ? `shows the room “${heading}”` : '';
            }),
        );
    }
});

test('files of the page that are not what they should be', async (t) => {
    const model = await readFile(new URL('../../models/lenet.onnx', import.meta.url));
    const other = await readFile(new URL('../parity/networks/residual.onnx', import.meta.url));
    // Status, kind and body of an answer; null for a connection that breaks.
    const bad = {
        'not there': [404, 'text/plain', 'not found'],
        'a failing server': [500, 'text/plain', 'no'],
        'a connection that breaks': null,
        'a page in its place': [200, 'text/html', '<!doctype html>'],
        nothing: [200, 'application/octet-stream', ''],
        'a text': [200, 'application/octet-stream', 'not what you think'],
        'all bits set': [200, 'application/octet-stream', Buffer.alloc(5000, 255)],
        'cut in the middle': [200, 'application/octet-stream', model.subarray(0, model.length / 2)],
    };
    const respond = (answer) => (response) => {
        if (answer === null) response.destroy();
        else response.writeHead(answer[0], { 'content-type': answer[1] }).end(answer[2]);
    };
    const fulfil = (answer) => (route) =>
        answer === null ? route.abort() : route.fulfill({ status: answer[0], contentType: answer[1], body: answer[2] });
    const anywhere = (page) => page.getByRole('alert');
    const inMethod = (page) => page.locator('pl-method [role=alert]');
    /** What the page says where the server answers with something else instead of a file. */
    const instead = (name, file, kind, answer, where, hash = '') =>
        t.test(`${name}: ${kind}`, async (inner) => {
            inner.after(() => web.instead.delete(file));
            web.instead.set(file, respond(answer));
            const page = await web.open(inner, { ready: false, expected: quiet, hash });
            book.add(file, kind, '', await says(() => words(where(page))));
        });
    for (const [kind, answer] of Object.entries(bad)) {
        await instead('network', 'models/lenet.onnx', kind, answer, anywhere);
        await instead('patterns', 'models/lenet.patterns.onnx', kind, answer, inMethod, '#/method/pattern_net');
        if (['not there', 'a failing server', 'nothing', 'a text', 'a connection that breaks'].includes(kind)) {
            await t.test(`program: ${kind}`, async (inner) => {
                // In a tab of its own, which has not the program yet.
                const prepare = (context) => context.route('**/*.wasm', fulfil(answer));
                const page = await web.open(inner, { ready: false, expected: quiet, prepare });
                book.add('the program (*.wasm)', kind, '', await says(() => words(anywhere(page))));
            });
        }
    }
    const another = [200, 'application/octet-stream', other];
    const patterns = 'models/lenet.patterns.onnx';
    await instead('patterns', patterns, "another network's", another, inMethod, '#/method/pattern_net');
});

test('pictures that are none', async (t) => {
    const page = await web.open(t, { hash: '#/method/integrated_gradients?baseline=image' });
    const field = page.locator('pl-picture input[type=file]').first();
    await field.waitFor({ state: 'attached' });
    const png = Buffer.from('89504e470d0a1a0a0000000d494844520000001c0000001c0800000000', 'hex');
    for (const [kind, name, buffer] of [
        ['nothing', 'empty.png', Buffer.alloc(0)],
        ['a text', 'text.png', Buffer.from('not what you think')],
        ['a cut PNG', 'cut.png', png],
        ['all bits set', 'ones.png', Buffer.alloc(5000, 255)],
        ['a network', 'lenet.onnx', await readFile(new URL('../../models/lenet.onnx', import.meta.url))],
        ['an HTML page', '<b>page<b>.png', Buffer.from('<script>alert(1)</script>')],
        [
            'an SVG with a script',
            'script.png',
            Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'),
        ],
    ]) {
        await field.setInputFiles({ name, mimeType: 'image/png', buffer });
        book.add(
            'a picture as parameter',
            kind,
            name,
            await says(async () => {
                const text = await words(page.locator('pl-picture [role=alert]'));
                return text.includes(name) ? text : '';
            }),
        );
    }
});
