// Models that keep their weights in another file, as PyTorch writes them by default: loadModel(model, { data }).
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { inFolder, inputFor, lenet, load } from './support.mjs';

const number = (value) => (value < 128 ? [value] : [(value % 128) + 128, ...number(Math.floor(value / 128))]);
const text = (words) => [...new TextEncoder().encode(words)];
const field = (id, content) =>
    Buffer.concat([Buffer.from([...number(id * 8 + 2), ...number(content.length)]), Buffer.from(content)]);

/** The fields of a protobuf message: number, content (of those that have a length), and all their bytes. */
function fieldsOf(message) {
    const fields = [];
    let at = 0;
    const varint = () => {
        let value = 0;
        for (let scale = 1; ; scale *= 128) {
            const byte = message[at++];
            value += (byte % 128) * scale;
            if (byte < 128) return value;
        }
    };
    while (at < message.length) {
        const from = at;
        const tag = varint();
        let content = null;
        if (tag % 8 === 2) {
            const length = varint();
            content = message.subarray(at, at + length);
            at += length;
        } else if (tag % 8 === 0) varint();
        else at += tag % 8 === 1 ? 8 : 4;
        fields.push({ id: tag >> 3, content, all: message.subarray(from, at) });
    }
    return fields;
}
const changed = (message, id, change) =>
    Buffer.concat(fieldsOf(message).map((one) => (one.id === id ? field(id, change(one.content)) : one.all)));

/** The model without its weights, and the files that hold them: `nameOf` says in which one the n-th array is. */
function split(model, nameOf) {
    const files = {};
    let count = 0;
    const graph = (content) =>
        changed(content, 5, (tensor) => {
            const fields = fieldsOf(tensor);
            const raw = fields.find(({ id, content: bytes }) => id === 9 && bytes.length > 64);
            if (!raw) return tensor;
            const name = nameOf(count++);
            const offset = files[name]?.length ?? 0;
            files[name] = Buffer.concat([files[name] ?? Buffer.alloc(0), raw.content, Buffer.alloc(64)]);
            const entries = { location: name, offset: String(offset), length: String(raw.content.length) };
            return Buffer.concat([
                ...fields.filter((one) => one !== raw).map(({ all }) => all),
                ...Object.entries(entries).map(([key, value]) =>
                    field(13, [...field(1, text(key)), ...field(2, text(value))]),
                ),
                Buffer.from([14 * 8, 1]),
            ]);
        });
    return { model: changed(model, 7, graph), files };
}

let pellucid, whole, input, expected;
before(async () => {
    pellucid = await load({ workers: 2 });
    whole = await readFile(lenet);
    const model = await pellucid.loadModel(whole);
    input = await inputFor(pellucid, model);
    expected = await model.predict(input);
});
after(() => pellucid.dispose());

test('one file of weights, whatever its name, from wherever it comes', () =>
    inFolder(async (folder) => {
        const { model, files } = split(whole, () => 'model.onnx.data');
        assert.ok(
            files['model.onnx.data'].length > 0.9 * whole.length,
            `${files['model.onnx.data'].length} of ${whole.length} bytes`,
        );
        assert.ok(model.length < 0.1 * whole.length, `${model.length} bytes are left`);
        const data = Uint8Array.from(files['model.onnx.data']);
        const path = join(folder, 'model.onnx.data');
        await writeFile(path, data);
        const sources = [
            data,
            data.buffer,
            path,
            new Blob([data]),
            new Response(data),
            { 'model.onnx.data': data },
            { 'model.onnx.data': path },
        ];
        for (const source of sources) {
            const loaded = await pellucid.loadModel(model, { data: source });
            assert.deepEqual(await loaded.predict(input), expected);
            loaded.dispose();
        }
    }));

test('several files by their names', async () => {
    const { model, files } = split(whole, (n) => `weights/${n % 3}.bin`);
    assert.equal(Object.keys(files).length, 3);
    const loaded = await pellucid.loadModel(model, { data: files });
    assert.deepEqual(await loaded.predict(input), expected);
    const { 'weights/1.bin': left, ...others } = files;
    await assert.rejects(pellucid.loadModel(model, { data: others }), {
        name: 'PellucidError',
        message: /weights\/1\.bin/,
    });
    await assert.rejects(pellucid.loadModel(model, { data: { ...others, 'weights/1.bin': left.subarray(0, 100) } }), {
        code: 'bad_file',
    });
});

test('what is missing or wrong is said', async () => {
    const { model } = split(whole, () => 'model.onnx.data');
    await assert.rejects(pellucid.loadModel(model), {
        name: 'PellucidError',
        message: /model\.onnx\.data.*data|data.*external_data=False/s,
    });
    for (const data of [
        null,
        7,
        [],
        {},
        new Map(),
        true,
        { a: null },
        { 'model.onnx.data': 7 },
        { '': new Uint8Array(8) },
    ]) {
        await assert.rejects(pellucid.loadModel(model, { data }), { name: 'PellucidError', code: 'bad_argument' });
    }
    await assert.rejects(pellucid.loadModel(model, { data: new Uint8Array(10) }), {
        name: 'PellucidError',
        code: 'bad_file',
    });
});
