// Every call of the package × every kind of bad argument: a PellucidError with a code and a sentence, and nothing after
// it suffers.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';

import { badTargets, badUnits, badValues, Book } from '../bad_input/rows.mjs';
import { inputFor, lenet, load, networks, PellucidError } from './support.mjs';

const book = new Book('package');
let pellucid, model, input, small;
before(async () => {
    pellucid = await load({ workers: 2 });
    model = await pellucid.loadModel(lenet);
    small = await pellucid.loadModel(networks.at(-1));
    input = await inputFor(pellucid, model);
});
after(() => pellucid.dispose());

const codes = ['bad_argument', 'bad_shape', 'bad_file', 'unsupported', 'load_failed', 'disposed'];
const shownValue = (value) => {
    if (typeof value === 'string') return value;
    if (ArrayBuffer.isView(value)) return `${value.constructor.name}(${value.length})`;
    if (typeof value === 'function') return 'a function';
    if (typeof value === 'symbol') return 'a symbol';
    if (typeof value === 'bigint') return `${value}n`;
    try {
        return JSON.stringify(value) ?? String(value);
    } catch {
        return 'an object';
    }
};

/** One row: the call must reject, not throw at once, with a PellucidError. */
async function refused(entry, kind, given, call) {
    let outcome;
    try {
        const promise = call();
        try {
            await promise;
            outcome = { fault: 'it was answered' };
        } catch (error) {
            outcome = { code: error?.code, sentence: error?.message };
            if (!(error instanceof PellucidError))
                outcome.fault = `a ${error?.constructor?.name} that is no PellucidError`;
            else if (!codes.includes(error.code)) outcome.fault = `the code ${error.code}`;
        }
    } catch (error) {
        outcome = { code: error?.code, sentence: error?.message, fault: 'thrown at once, not rejected' };
    }
    book.add(entry, kind, shownValue(given), outcome);
}

const noFloats = [
    undefined,
    null,
    7,
    'text',
    true,
    [0, 1],
    {},
    new Float64Array(784),
    new Uint8Array(784),
    new ArrayBuffer(3136),
    () => {},
    Symbol('x'),
    7n,
];
const kindOf = (value) =>
    value === null
        ? 'null'
        : ArrayBuffer.isView(value) || value instanceof ArrayBuffer
          ? value.constructor.name
          : Array.isArray(value)
            ? 'an Array'
            : `a ${typeof value}`;
const detached = () => {
    const array = input.slice();
    structuredClone(array, { transfer: [array.buffer] });
    return array;
};
const badInputs = () => [
    ...noFloats.map((value) => [kindOf(value), value]),
    ['too few numbers', new Float32Array(783)],
    ['too many numbers', new Float32Array(785)],
    ['no numbers', new Float32Array(0)],
    ['one and a half images', new Float32Array(1176)],
    ['NaN', input.with(7, Number.NaN)],
    ['infinity', input.with(0, Number.POSITIVE_INFINITY)],
    ['minus infinity', input.with(783, Number.NEGATIVE_INFINITY)],
    ['a detached array', detached()],
];

test('inputs', async () => {
    for (const [kind, x] of badInputs()) {
        await refused('model.predict(input)', kind, x, () => model.predict(x));
        await refused('model.explain(…, input)', kind, x, () => model.explain('gradient', x));
        await refused('model.explain(…, input), in parts', kind, x, () => model.explain('smoothgrad', x));
        await refused('model.received(…, input, …)', kind, x, () => model.received('lrp', x, 'conv1/0,1,1'));
        await refused('model.live(what, …)', kind, x, () => model.live(x, []));
    }
    // explain() takes several; these take one.
    const two = new Float32Array(1568);
    await refused('model.predict(input)', 'two images', two, () => model.predict(two));
    await refused('model.received(…, input, …)', 'two images', two, () => model.received('lrp', two, 'conv1/0,1,1'));
    await refused('model.live(what, …)', 'two images', two, () => model.live(two, []));
    await model.predict(input);
});

test('methods, targets, units, options', async () => {
    for (const method of [
        '',
        'LRP',
        'nonsense',
        '\x1b[31m\x07',
        'a'.repeat(5000),
        '__proto__',
        'constructor',
        undefined,
        null,
        7,
        {},
        [],
        Symbol('x'),
    ]) {
        await refused('model.explain(method, …)', 'no method', method, () => model.explain(method, input));
        await refused('model.received(method, …)', 'no method', method, () =>
            model.received(method, input, 'conv1/0,1,1'),
        );
    }
    for (const [kind, target] of badTargets) {
        await refused('explain({target})', kind, target, () => model.explain('gradient', input, { target }));
        await refused('received({target})', kind, target, () =>
            model.received('lrp', input, 'conv1/0,1,1', { target }),
        );
    }
    for (const target of [null, 3, true, {}, [], [3], ['class:3', 'class:4'], ['class:3', null], Symbol('x')])
        await refused('explain({target})', kindOf(target), target, () => model.explain('gradient', input, { target }));
    for (const unit of [...badUnits, undefined, null, 7, {}, []]) {
        await refused('model.received(…, unit)', 'no unit', unit, () => model.received('lrp', input, unit));
    }
    for (const strongest of [-1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, '3', null, {}]) {
        await refused('received({strongest})', 'no count', strongest, () =>
            model.received('lrp', input, 'conv1/0,1,1', { strongest }),
        );
    }
    await refused('model.received(method, …)', 'a method without a ledger', 'gradient', () =>
        model.received('gradient', input, 'conv1/0,1,1'),
    );
    for (const options of [null, 7, 'text', true]) {
        await refused('model.explain(…, options)', kindOf(options), options, () =>
            model.explain('gradient', input, options),
        );
        await refused('model.received(…, options)', kindOf(options), options, () =>
            model.received('lrp', input, 'conv1/0,1,1', options),
        );
        await refused('model.live(…, options)', kindOf(options), options, () => model.live(input, [], options));
        await refused('pellucid.loadModel(…, options)', kindOf(options), options, () =>
            pellucid.loadModel(lenet, options),
        );
        await refused('load(options)', kindOf(options), options, () => load(options));
    }
    for (const signal of [null, 7, 'text', {}, new AbortController()]) {
        if (signal === null) continue; // may stand for none
        await refused('explain({signal})', 'no AbortSignal', signal, () =>
            model.explain('gradient', input, { signal }),
        );
        await refused('live({signal})', 'no AbortSignal', signal, () => model.live(input, [], { signal }));
        await refused('loadModel({signal})', 'no AbortSignal', signal, () => pellucid.loadModel(lenet, { signal }));
    }
    for (const onProgress of [7, 'text', {}]) {
        await refused('explain({onProgress})', 'no function', onProgress, () =>
            model.explain('smoothgrad', input, { onProgress }),
        );
    }
    await model.predict(input);
});

test('parameters of every method', async () => {
    for (const card of pellucid.methods) {
        const ask = (kind, value, params) =>
            refused(`explain('${card.id}', {params})`, kind, value, () => model.explain(card.id, input, { params }));
        for (const param of card.params) {
            const entry = (kind, value) =>
                refused(`${card.id}: ${param.name}`, kind, value, () =>
                    model.explain(card.id, input, { params: { [param.name]: value } }),
                );
            for (const [kind, value] of badValues(param)) await entry(kind, value);
            for (const value of [null, undefined, {}, [], () => {}, Symbol('x'), 7n, new Float64Array(3)]) {
                if (value !== undefined) await entry(`the wrong type: ${kindOf(value)}`, value);
            }
            if (param.type !== 'image') await entry('an image', new Float32Array(784));
            if (param.type === 'image') {
                const asked =
                    param.name === 'baseline_image' && card.params.some(({ name }) => name === 'baseline')
                        ? { baseline: 'image' }
                        : {};
                for (const [kind, value] of [
                    ['no numbers', new Float32Array(0)],
                    ['a number too few', new Float32Array(783).fill(2)],
                    ['NaN', new Float32Array(784).fill(Number.NaN)],
                    ['a text', 'text'],
                    ['a detached array', detached()],
                ]) {
                    await refused(`${card.id}: ${param.name}`, kind, value, () =>
                        model.explain(card.id, input, { params: { ...asked, [param.name]: value } }),
                    );
                }
            }
            if (param.type === 'text') await entry('a text without meaning', 'nonsense');
        }
        await ask('an unknown name', 'nonsense', { nonsense: 1 });
        for (const params of [null, 7, 'text', [], true])
            await ask(`params that are ${kindOf(params)}`, params, params);
        await refused(`explain('${card.id}', {target})`, 'a class that is not there', 'class:10', () =>
            model.explain(card.id, input, { target: 'class:10' }),
        );
        if (card.needs.includes('patterns'))
            await refused(`explain('${card.id}')`, 'a network without patterns', '', () =>
                model.explain(card.id, input),
            );
    }
    await model.predict(input);
});

test('files', async () => {
    const bytes = new Uint8Array(await readFile(lenet));
    const sources = [
        ['no bytes', new Uint8Array(0)],
        ['all bits set', new Uint8Array(5000).fill(255)],
        ['zeros', new Uint8Array(5000)],
        ['a text', new TextEncoder().encode('not what you think')],
        ['an HTML page', new TextEncoder().encode('<!doctype html><title>404</title>')],
        ['the first byte missing', bytes.slice(1)],
        ...[10, 30, 50, 70, 90].map((share) => [`cut to ${share} %`, bytes.slice(0, (bytes.length * share) / 100)]),
        ['a path without a file', 'no/such/file.onnx'],
        ['an empty path', ''],
        ['a folder', new URL('.', import.meta.url)],
        ['a place of another kind', 'gopher://nowhere/x'],
        ['a server that is not there', 'http://127.0.0.1:1/x.onnx'],
        ...[undefined, null, 7, true, {}, [], new Float32Array(10), Symbol('x'), 7n].map((value) => [
            kindOf(value),
            value,
        ]),
    ];
    for (const [kind, source] of sources) {
        await refused('pellucid.loadModel(source)', kind, source, () => pellucid.loadModel(source));
        await refused('model.attach(patterns, source)', kind, source, () => model.attach('patterns', source));
    }
    await refused('model.attach(patterns, source)', 'a network that is no patterns', lenet.split('/').at(-1), () =>
        model.attach('patterns', lenet),
    );
    await refused('model.attach(patterns, source)', "another network's", 'lenet.patterns.onnx', () =>
        small.attach('patterns', lenet.replace('.onnx', '.patterns.onnx')),
    );
    await model.predict(input);
});

test('drawings and digits', async () => {
    const stroke = { points: new Float32Array([1, 2, 3]), width: 8 };
    const board = { width: 280, height: 280, strokes: [stroke] };
    const drawings = [
        ...[undefined, null, 7, 'text', [], {}].map((value) => [kindOf(value), value]),
        ...[0, -1, Number.NaN, Number.POSITIVE_INFINITY, 1e30, '280', null].flatMap((size) => [
            [`a width of ${size}`, { ...board, width: size }],
            [`a height of ${size}`, { ...board, height: size }],
            [`a pen of ${size}`, { ...board, strokes: [{ ...stroke, width: size }] }],
        ]),
        ...[null, undefined, 7, 'text', {}].map((strokes) => [
            `strokes that are ${kindOf(strokes)}`,
            { ...board, strokes },
        ]),
        ...[null, undefined, 7, 'text', []].map((one) => [
            `a stroke that is ${kindOf(one)}`,
            { ...board, strokes: [one] },
        ]),
        ...[null, undefined, [1, 2, 3], new Float64Array(3), new Float32Array(4), 'text', detached()]
            .map((points) => [`points that are ${kindOf(points)}`, { ...board, strokes: [{ ...stroke, points }] }])
            .filter((_, index) => index !== 6),
    ];
    for (const [kind, drawing] of drawings) {
        await refused('pellucid.normalise(drawing)', kind, drawing, () => pellucid.normalise(drawing));
        await refused('model.live(drawing, …)', kind, drawing, () => model.live(drawing, []));
    }
    for (const index of [
        pellucid.penDigitCount,
        -1,
        1.5,
        Number.NaN,
        Number.POSITIVE_INFINITY,
        '4',
        null,
        undefined,
        {},
        7n,
    ]) {
        await refused('pellucid.penDigit(index)', 'no index', index, () => pellucid.penDigit(index));
    }
    for (const requests of [null, undefined, 7, 'text', {}])
        await refused('model.live(…, requests)', kindOf(requests), requests, () => model.live(input, requests));
    // One bad request among others is told in its place.
    for (const request of [
        null,
        7,
        'gradient',
        {},
        { method: 'nonsense' },
        { method: 'gradient', target: 'nonsense' },
        { method: 'lrp', params: { nonsense: 1 } },
    ]) {
        await refused('model.live(…, [request])', 'a bad request among good ones', request, async () => {
            const { explanations } = await model.live(input, [{ method: 'gradient' }, request]);
            assert.ok(explanations[0].map, 'the good one is answered');
            if (explanations[1] instanceof Error) throw explanations[1];
        });
    }
});

test('starting, and what is over', async () => {
    for (const [kind, options] of [
        ...['simd', '', 7, null].map((variant) => ['no variant', { variant }]),
        ...[0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 1e9, '2'].map((workers) => [
            'no number of workers',
            { workers },
        ]),
        ...[7, 'http://127.0.0.1:1/', 'no/such/folder/'].map((baseUrl) => [
            'a folder without the package',
            { baseUrl, workers: 1 },
        ]),
        ...[7, 'text', {}].map((signal) => ['no AbortSignal', { signal }]),
        ...[7, 'text', {}].map((onProgress) => ['no function', { onProgress, workers: 1 }]),
    ]) {
        await refused('load(options)', kind, options, async () => (await load(options)).dispose());
    }
    const other = await load({ workers: 1 });
    const gone = await other.loadModel(lenet);
    gone.dispose();
    for (const [entry, call] of Object.entries({
        'model.predict': () => gone.predict(input),
        'model.explain': () => gone.explain('gradient', input),
        'model.explain in parts': () => gone.explain('smoothgrad', input),
        'model.received': () => gone.received('lrp', input, 'conv1/0,1,1'),
        'model.live': () => gone.live(input, []),
        'model.attach': () => gone.attach('patterns', lenet),
        'model.detach': () => gone.detach('patterns'),
    }))
        await refused(entry, 'a model that was disposed of', '', call);
    const alive = await other.loadModel(lenet);
    other.dispose();
    for (const [entry, call] of Object.entries({
        'pellucid.loadModel': () => other.loadModel(lenet),
        'pellucid.normalise': () => other.normalise({ width: 1, height: 1, strokes: [] }),
        'pellucid.penDigit': () => other.penDigit(0),
        'model.predict': () => alive.predict(input),
        'model.explain': () => alive.explain('gradient', input),
        'model.live': () => alive.live(input, []),
    }))
        await refused(entry, 'after dispose()', '', call);
});

test('the rows of the package', () => book.done(assert, 500));
