// Where a page's policy, frame, origin or server keeps workers from starting: one sentence, once, with cause and
// remedy.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { launch, serve, skip } from './site.mjs';
import { dist } from './support.mjs';

let browser, site, elsewhere;
/** How the servers answer in the test that runs: the page's policy, and what becomes of other files. */
let policy, change;
const page = '<!doctype html><title>pellucid</title><link rel="icon" href="/icon.js">';

before(async () => {
    if (skip) return;
    const answer = (path, response) => {
        response.setHeader('Access-Control-Allow-Origin', '*');
        if (path === '/icon.js') return Boolean(response.end());
        if (path === '/frame.html')
            return Boolean(response.end('<!doctype html><iframe sandbox="allow-scripts" src="/"></iframe>'));
        if (path === '/index.html') {
            if (policy) response.setHeader('Content-Security-Policy', policy);
            response.end(page);
            return true;
        }
        return change(path, response) ?? false;
    };
    [site, elsewhere] = [await serve(dist, answer), await serve(dist, answer)];
    browser = await launch();
});
after(async () => {
    await browser?.close();
    site?.close();
    elsewhere?.close();
});

/** What load() says in the page, and what came up besides. */
async function loading(t, { csp = null, files = () => false, at = '/', from = '/index.js', options = {} } = {}) {
    [policy, change] = [csp, files];
    const tab = await browser.newPage();
    t.after(() => tab.close());
    const thrown = [];
    tab.on('pageerror', (error) => thrown.push(error.message));
    await tab.goto(site.origin + at);
    const frame = tab.frames().at(-1);
    const outcome = await frame.evaluate(
        async ([address, asked]) => {
            const { load } = await import(address);
            try {
                const pellucid = await load({ workers: 2, ...asked });
                const { drawing } = await pellucid.penDigit(4);
                await pellucid.normalise(drawing);
                pellucid.dispose();
                return { variant: pellucid.variant };
            } catch ({ name, code, message }) {
                return { name, code, message };
            }
        },
        [from, options],
    );
    await tab.waitForTimeout(50);
    assert.deepEqual(thrown, [], 'nothing is thrown besides');
    return outcome;
}

function refused({ name, code, message }, ...patterns) {
    assert.equal(name, 'PellucidError');
    assert.equal(code, 'load_failed');
    assert.match(message, /^pellucid cannot start here: /);
    for (const pattern of patterns) assert.match(message, pattern);
    // Said once: no cause occurs twice, and no build of the core is named but the first.
    assert.equal(message.split('pellucid cannot').length, 2);
    assert.doesNotMatch(message, /;.*;|simd128|scalar/, message);
}

const self = "script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'; img-src 'self'";
const isWorker = (path) => path.startsWith('/worker-');
const send = (response, status, type, body) => Boolean(response.writeHead(status, { 'Content-Type': type }).end(body));

test('workers forbidden by the policy', { skip }, async (t) => {
    refused(
        await loading(t, { csp: `${self}; worker-src 'none'` }),
        /Content-Security-Policy forbids workers: add 'self' to its worker-src$/,
    );
});
test('WebAssembly forbidden by the policy', { skip }, async (t) => {
    refused(
        await loading(t, { csp: "script-src 'self'" }),
        /forbids WebAssembly: add 'wasm-unsafe-eval' to its script-src$/,
    );
});
test('fetching forbidden by the policy', { skip }, async (t) => {
    refused(
        await loading(t, { csp: "script-src 'self' 'wasm-unsafe-eval'; connect-src 'none'" }),
        /forbids fetching .*add 'self' to its connect-src$/,
    );
});
test('Trusted Types that do not allow the package', { skip }, async (t) => {
    refused(
        await loading(t, { csp: `${self}; require-trusted-types-for 'script'; trusted-types other` }),
        /add 'trusted-types pellucid' to it$/,
    );
});
test('Trusted Types that allow it', { skip }, async (t) => {
    for (const allowed of ['', '; trusted-types pellucid']) {
        assert.deepEqual(await loading(t, { csp: `${self}; require-trusted-types-for 'script'${allowed}` }), {
            variant: 'relaxed',
        });
    }
});
test('a sandboxed frame', { skip }, async (t) => {
    refused(await loading(t, { at: '/frame.html' }), /sandboxed frame.*add allow-same-origin/);
});
test('the package on another origin', { skip }, async (t) => {
    refused(
        await loading(t, { from: `${elsewhere.origin}/index.js` }),
        /another origin/,
        new RegExp(elsewhere.origin),
        new RegExp(`on ${site.origin}`),
    );
    refused(await loading(t, { options: { baseUrl: elsewhere.origin } }), /another origin/);
});
test('worker files that are missing', { skip }, async (t) => {
    refused(
        await loading(t, { files: (path, response) => isWorker(path) && send(response, 404, 'text/plain', 'no') }),
        /worker-relaxed\.js is missing \(the server answers 404\): put all files/,
    );
    // Where only the fastest one is missing, the next is used.
    const one = (path, response) => path === '/worker-relaxed.js' && send(response, 404, 'text/plain', 'no');
    assert.deepEqual(await loading(t, { files: one }), { variant: 'simd128' });
});
test('a server that answers everything with its page', { skip }, async (t) => {
    refused(
        await loading(t, { files: (path, response) => isWorker(path) && send(response, 200, 'text/html', page) }),
        /as text\/html, where/,
    );
});
test('modules that are missing', { skip }, async (t) => {
    refused(
        await loading(t, {
            files: (path, response) => path.endsWith('.wasm') && send(response, 404, 'text/plain', 'no'),
        }),
        /pellucid-relaxed\.wasm is missing \(the server answers 404\)/,
    );
});
test('a page without obstacles', { skip }, async (t) => {
    assert.deepEqual(await loading(t, { csp: `default-src 'none'; ${self}; worker-src 'self'` }), {
        variant: 'relaxed',
    });
});
