// Every public entry × every kind of bad argument: always a PellucidError of the right code, with a sentence, and the
// package goes on working. The last test says how many combinations there were.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import vm from 'node:vm';
import { inputFor, lenet, load, networks, PellucidError } from './support.mjs';

let pellucid, model, input, drawing;
before(async () => {
    pellucid = await load({ workers: 2 });
    model = await pellucid.loadModel(networks[0]);
    input = await inputFor(pellucid, model);
    ({ drawing } = await pellucid.penDigit(4));
});
after(() => pellucid.dispose());

let refusals = 0;
async function refused(what, call, codes = ['bad_argument']) {
    const outcome = await (async () => call())().then(
        (answer) => ({ answer }),
        (error) => ({ error }),
    );
    assert.ok('error' in outcome, `${what} was answered`);
    const { error } = outcome;
    assert.ok(error instanceof PellucidError, `${what}: a raw ${error?.name}: ${error?.message}`);
    assert.ok(codes.includes(error.code), `${what}: ${error.code}: ${error.message}`);
    assert.ok(
        error.message.length > 20 && error.message.length < 1200,
        `${what}: no sentence: ${error.message.slice(0, 300)}`,
    );
    assert.doesNotMatch(
        error.message,
        /\[object|of undefined|of null|is not a function|not iterable|Cannot (read|convert)/,
        what,
    );
    ++refusals;
}

function detached(array = Float32Array.from(input)) {
    structuredClone(array.buffer, { transfer: [array.buffer] });
    return array;
}
function shrunk() {
    const buffer = new ArrayBuffer(4 * input.length, { maxByteLength: 8 * input.length });
    const array = new Float32Array(buffer, 0, input.length);
    buffer.resize(8);
    return array;
}

/** Values of every kind that JavaScript has, by name. */
const values = () => ({
    null: null,
    true: true,
    'a number': 7,
    NaN: Number.NaN,
    'a bigint': 7n,
    'a symbol': Symbol('s'),
    'a string': 'nonsense',
    'no text': '',
    'a function': () => 1,
    'an array': [1, 2, 3],
    'an empty array': [],
    'an object': { a: 1 },
    'a bare object': Object.create(null),
    'a Map': new Map([['target', 'class:3']]),
    'a Date': new Date(),
    'a Promise': Promise.resolve(1),
    'an Error': new Error('e'),
    'a Float64Array': new Float64Array(784),
    'a DataView': new DataView(new ArrayBuffer(8)),
    'a Proxy': new Proxy(new Float32Array(784), {}),
    'a controller': new AbortController(),
    'a long text': 'x'.repeat(200_000),
    'control characters': '\u001b[31m\u0000\u202e\n',
    'a hostile tag': {
        get [Symbol.toStringTag]() {
            throw new Error('tag');
        },
    },
    'a forged tag': { [Symbol.toStringTag]: 'Blob' },
});
const without = (...names) => Object.entries(values()).filter(([name]) => !names.includes(name));

test('inputs', async () => {
    const calls = {
        predict: (x) => model.predict(x),
        explain: (x) => model.explain('lrp', x),
        occlusion: (x) => model.explain('occlusion', x),
        received: (x) => model.received('lrp', x, 'input/0,3,3'),
        live: (x) => model.live(x, []),
        values: (x) => model.values(x),
        computed: (x) => model.computed(x, 'input/0,3,3'),
    };
    for (const [name, call] of Object.entries(calls)) {
        await refused(`${name}()`, () => call(undefined));
        for (const [kind, value] of without())
            await refused(`${name}(${kind})`, () => call(value), ['bad_argument', 'bad_shape']);
        for (const [kind, make] of Object.entries({ detached, shrunk })) {
            await assert.rejects(
                call(make()),
                { code: 'bad_argument', message: /lost its memory/ },
                `${name}(${kind})`,
            );
        }
    }
});

test('options, signals and callbacks', async () => {
    const calls = {
        load: (options) => load(options),
        loadModel: (options) => pellucid.loadModel(networks[0], options),
        attach: (options) => model.attach('patterns', networks[0], options),
        explain: (options) => model.explain('lrp', input, options),
        occlusion: (options) => model.explain('occlusion', input, options),
        live: (options) => model.live(input, [], options),
        received: (options) => model.received('lrp', input, 'input/0,3,3', options),
    };
    for (const [name, call] of Object.entries(calls)) {
        for (const [kind, value] of without('a bare object', 'a hostile tag'))
            await refused(`${name} with the options ${kind}`, () => call(value));
        await refused(`${name} with an unknown option`, () => call({ tagret: 'class:3' }));
        await refused(`${name} with a signal for options`, () => call(AbortSignal.timeout(1000)));
        if (name === 'received') continue;
        for (const [kind, value] of without())
            await refused(`${name} with the signal ${kind}`, () => call({ signal: value }));
        await assert.rejects(call({ signal: new AbortController() }), { code: 'bad_argument', message: /\.signal/ });
    }
    for (const name of ['load', 'explain', 'occlusion']) {
        for (const [kind, value] of without('a function'))
            await refused(`${name} with onProgress ${kind}`, () => calls[name]({ onProgress: value }));
    }
    for (const [kind, value] of without('a function'))
        await refused(`explain with hold ${kind}`, () => calls.explain({ hold: value }));
    const { signal } = new AbortController();
    for (const [name, call] of Object.entries(calls)) {
        if (!['load', 'attach', 'received'].includes(name)) await call({ signal });
    }
});

test('load', async () => {
    for (const [kind, value] of without())
        await refused(`load with the variant ${kind}`, () => load({ variant: value }));
    for (const [kind, value] of without('a number'))
        await refused(`load with ${kind} workers`, () => load({ workers: value }));
    for (const value of [0, -1, 1.5, 1e9, Infinity])
        await refused(`load with ${value} workers`, () => load({ workers: value }));
    for (const [kind, value] of without('a long text', 'control characters', 'a forged tag')) {
        await refused(`load with the baseUrl ${kind}`, () => load({ baseUrl: value }), ['bad_argument', 'load_failed']);
    }
});

test('methods, targets, parameters, layers', async () => {
    for (const call of [(m, o) => model.explain(m, input, o), (m, o) => model.received(m, input, 'input/0,3,3', o)]) {
        for (const [kind, value] of without()) await refused(`the method ${kind}`, () => call(value));
        await refused('the method undefined', () => call(undefined));
        for (const [kind, value] of without())
            await refused(`the target ${kind}`, () => call('lrp', { target: value }));
        for (const [kind, value] of without('a bare object', 'a hostile tag'))
            await refused(`params ${kind}`, () => call('lrp', { params: value }));
        for (const [kind, value] of without('a number'))
            await refused(`epsilon ${kind}`, () => call('lrp', { params: { epsilon: value } }));
    }
    for (const [kind, value] of without('true'))
        await refused(`layers ${kind}`, () => model.explain('lrp', input, { layers: value }));
    for (const make of [detached, shrunk])
        await refused('noise without memory', () => model.explain('smoothgrad', input, { params: { noise: make() } }));
    for (const [kind, value] of without()) await refused(`the unit ${kind}`, () => model.received('lrp', input, value));
    for (const [kind, value] of without())
        await refused(`the computed unit ${kind}`, () => model.computed(input, value));
    for (const [kind, value] of without('an empty array'))
        await refused(`the changes ${kind}`, () => model.without(value));
    for (const [kind, value] of without('a number')) {
        await refused(`strongest ${kind}`, () => model.received('lrp', input, 'input/0,3,3', { strongest: value }));
    }
});

test('live: the requests', async () => {
    for (const [kind, value] of without('an array', 'an empty array'))
        await refused(`the requests ${kind}`, () => model.live(input, value));
    await refused('no requests', () => model.live(input));
    // A bad request spoils only its own place.
    const bad = [
        ...without().map(([, value]) => value),
        { method: 'lrp', tagret: 'class:3' },
        { method: 'lrp', params: null },
        { method: 3 },
    ];
    // biome-ignore lint/suspicious/noSparseArray: what is left out of an array is a bad argument too
    const frame = await model.live(input, [...bad, { method: 'lrp' }, , { method: 'gradient' }]);
    const answers = frame.explanations.map((one) => (one instanceof PellucidError ? one.code : one.method));
    assert.deepEqual(answers, [...bad.map(() => 'bad_argument'), 'lrp', 'bad_argument', 'gradient']);
    refusals += bad.length;
});

test('drawings', async () => {
    const stroke = { points: new Float32Array([1, 2, 3]), width: 8 };
    for (const call of [(d) => pellucid.normalise(d), (d) => model.live(d, [])]) {
        for (const [kind, value] of without())
            await refused(`the drawing ${kind}`, () => call(value), ['bad_argument', 'bad_shape']);
        for (const key of ['width', 'height', 'strokes']) {
            for (const [kind, value] of without(...(key === 'strokes' ? ['an empty array'] : ['a number']))) {
                await refused(`a drawing's ${key} ${kind}`, () => call({ ...drawing, [key]: value }));
            }
        }
        for (const key of ['points', 'width', 'eraser']) {
            for (const [kind, value] of without(
                ...(key === 'width' ? ['a number'] : key === 'eraser' ? ['true'] : []),
            )) {
                await refused(`a stroke's ${key} ${kind}`, () =>
                    call({ ...drawing, strokes: [stroke, { ...stroke, [key]: value }] }),
                );
            }
        }
        await refused('a stroke left out', () => call({ ...drawing, strokes: new Array(3) }));
        await refused('points without memory', () =>
            call({ ...drawing, strokes: [{ ...stroke, points: detached(new Float32Array(3)) }] }),
        );
    }
    for (const [kind, value] of without('a number'))
        await refused(`the pen digit ${kind}`, () => pellucid.penDigit(value));
    await refused('the pen digit undefined', () => pellucid.penDigit(undefined));
});

test('models and patterns that are none', async () => {
    const used = new Response('x');
    await used.text();
    const others = {
        undefined,
        detached: detached(new Uint8Array(1000)),
        'a detached buffer': detached(new Uint8Array(8)).buffer,
        'a used Response': used,
        'an answer of 404': new Response('no', { status: 404 }),
        'an empty Blob': new Blob([]),
        'a page': new Response('<!doctype html>'),
        'no URL': 'http://',
        'no host': 'https://nobody.invalid/x.onnx',
        'a folder': '/',
        'a NUL': 'a\0b',
        'a device without end': '/dev/zero',
        'a failing body': new Response(
            new ReadableStream({
                pull() {
                    throw new Error('cut');
                },
            }),
        ),
    };
    for (const [name, call] of Object.entries({
        loadModel: (x) => pellucid.loadModel(x),
        attach: (x) => model.attach('patterns', x),
    })) {
        for (const [kind, value] of [...without(), ...Object.entries(others)]) {
            if (value instanceof Response && name === 'attach') continue; // read by loadModel
            await refused(`${name}(${kind})`, () => call(value), ['bad_argument', 'bad_file']);
        }
    }
    await assert.rejects(pellucid.loadModel(Promise.resolve()), { code: 'bad_argument', message: /await/ });
});

test('models from wherever they come', async () => {
    const bytes = new Uint8Array(await readFile(networks[0]));
    const expected = await model.predict(input);
    const shared = new Uint8Array(new SharedArrayBuffer(bytes.length));
    shared.set(bytes);
    const padded = new Uint8Array(bytes.length + 16);
    padded.set(bytes, 8);
    const sources = {
        Blob: new Blob([bytes]),
        File: new File([bytes], 'lenet.onnx'),
        Response: new Response(bytes),
        path: networks[0],
        URL: new URL(`file://${networks[0]}`),
        address: `file://${networks[0]}`,
        'data address': `data:;base64,${Buffer.from(bytes).toString('base64')}`,
        'blob address': URL.createObjectURL(new Blob([bytes])),
        ArrayBuffer: bytes.slice().buffer,
        Int8Array: new Int8Array(bytes.slice().buffer),
        DataView: new DataView(padded.buffer, 8, bytes.length),
        'shared memory': shared,
        'a shared buffer': shared.buffer,
        "another realm's": vm.runInNewContext('Uint8Array.from(bytes)', { bytes }),
    };
    for (const [kind, source] of Object.entries(sources)) {
        const again = await pellucid.loadModel(source);
        assert.deepEqual(await again.predict(input), expected, kind);
        again.dispose();
    }
});

test("inputs of other realms, subclasses, shared memory and views count like one's own", async () => {
    const expected = await model.predict(input);
    const shared = new Float32Array(new SharedArrayBuffer(4 * input.length));
    shared.set(input);
    const padded = new Float32Array(input.length + 9);
    padded.set(input, 4);
    const kinds = [
        vm.runInNewContext('Float32Array.from(input)', { input }),
        new (class extends Float32Array {})(input),
        shared,
        padded.subarray(4, 4 + input.length),
    ];
    for (const kind of kinds) assert.deepEqual(await model.predict(kind), expected);
    assert.equal(padded.length, input.length + 9);
});

test("what the caller's own functions throw, and a signal's own reason, come back as they are", async () => {
    const own = { mine: true };
    const onProgress = () => {
        throw own;
    };
    const hold = async () => {
        throw own;
    };
    for (const call of [
        () => model.explain('occlusion', input, { onProgress }),
        () => model.explain('smoothgrad', input, { hold, onProgress: () => {} }),
        () => load({ workers: 1, onProgress }),
    ]) {
        assert.equal(await call().catch((error) => error), own);
    }
    const signal = AbortSignal.abort(own);
    for (const call of [
        () => load({ signal }),
        () => pellucid.loadModel(networks[0], { signal }),
        () => model.explain('lrp', input, { signal }),
        () => model.live(input, [], { signal }),
        () => model.attach('patterns', networks[0], { signal }),
        () => model.explain('pgd', input, { signal }),
    ])
        assert.equal(await call().catch((error) => error), own);
});

test('weights that hold NaN, or overflow, are no answer', async () => {
    const bytes = new Uint8Array(await readFile(lenet));
    const view = new DataView(bytes.buffer);
    // Long runs of small floats are weights. One of the first becomes NaN; the last, those of the logits, become huge.
    const isWeight = (at) => {
        const size = Math.abs(view.getFloat32(at, true));
        return size > 1e-6 && size < 2;
    };
    const runs = [];
    for (let offset = 0; offset < 4; ++offset) {
        for (let at = offset, length = 0; at + 4 <= bytes.length; at += 4) {
            length = isWeight(at) ? length + 1 : 0;
            if (length >= 450) runs.push(at - 4 * 449);
        }
    }
    runs.sort((one, other) => one - other);
    assert.ok(runs.length > 0, 'no weights found');
    const good = view.getFloat32(runs[0] + 400, true);
    view.setFloat32(runs[0] + 400, Number.NaN, true);
    await assert.rejects(pellucid.loadModel(bytes), {
        name: 'PellucidError',
        code: 'bad_file',
        message: /conv\d.*nan/i,
    });
    view.setFloat32(runs[0] + 400, good, true);
    for (let at = runs.at(-1); at < runs.at(-1) + 1800; at += 4) view.setFloat32(at, 3e38, true);
    const damaged = await pellucid.loadModel(bytes);
    const calls = [
        () => damaged.predict(input),
        () => damaged.explain('lrp', input),
        () => damaged.explain('occlusion', input),
        () => damaged.live(input, []),
    ];
    for (const call of calls)
        await assert.rejects(call, { name: 'PellucidError', code: 'bad_argument', message: /not finite/ });
    damaged.dispose();
});

test('after all that the same answers; and how much was refused', async (t) => {
    const digest = ({ data }) => createHash('sha256').update(data).digest('hex');
    const fresh = await load({ workers: 1 });
    const again = await fresh.loadModel(networks[0]);
    const [one, other] = await Promise.all([model, again].map((each) => each.explain('lrp', input)));
    assert.equal(digest(one.map), digest(other.map));
    fresh.dispose();
    await refused('a model of what was disposed of', () => fresh.loadModel(networks[0]), ['disposed']);
    t.diagnostic(`${refusals} bad arguments were refused`);
    assert.ok(refusals > 600, `${refusals} refusals`);
});
