// m1 as a TensorFlow Lite file of a fixed batch size, for LiteRT: a flatbuffer by hand (schema.fbs's field numbers).
import { Builder } from 'flatbuffers';
import { permuteConv, permuteDense } from './m1.mjs';

const codes = { conv: 3, dense: 9, pool: 17, reshape: 22 }; // BuiltinOperator
const options = { conv: 1, dense: 8, pool: 5, reshape: 17 }; // BuiltinOptions
const opcode = Object.keys(codes);

export function tfliteModel(layers, batch) {
    const b = new Builder(1 << 20);
    const ints = (values) => {
        b.startVector(4, values.length, 4);
        for (const one of [...values].reverse()) b.addInt32(one);
        return b.endVector();
    };
    const offsets = (values) => {
        b.startVector(4, values.length, 4);
        for (const one of [...values].reverse()) b.addOffset(one);
        return b.endVector();
    };
    /** fields: [number, kind, value]; a field's default value is written, too. */
    const table = (size, fields) => {
        b.forceDefaults(true);
        b.startObject(size);
        for (const [field, kind, content] of fields) b[`addField${kind}`](field, content, 0);
        b.forceDefaults(false);
        return b.endObject();
    };
    const buffers = [table(1, [])]; // number 0 stands for "none"
    const tensors = [];
    const operators = [];
    const buffer = (data) => {
        const raw = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
        b.startVector(1, raw.length, 16);
        for (let i = raw.length - 1; i >= 0; --i) b.addInt8((raw[i] << 24) >> 24);
        buffers.push(table(1, [[0, 'Offset', b.endVector()]]));
        return buffers.length - 1;
    };
    const tensor = (name, shape, data) => {
        const [label, axes] = [b.createString(name), ints(shape)];
        const type = data instanceof Int32Array ? 2 : 0;
        const place = data ? buffer(data) : 0;
        tensors.push(
            table(9, [
                [0, 'Offset', axes],
                [1, 'Int8', type],
                [2, 'Int32', place],
                [3, 'Offset', label],
            ]),
        );
        return tensors.length - 1;
    };
    const operator = (type, inputs, output, fields) => {
        const [reads, writes, choice] = [ints(inputs), ints([output]), table(6, fields)];
        operators.push(
            table(6, [
                [0, 'Int32', opcode.indexOf(type)],
                [1, 'Offset', reads],
                [2, 'Offset', writes],
                [3, 'Int8', options[type]],
                [4, 'Offset', choice],
            ]),
        );
        return output;
    };
    const input = tensor('input', [batch, 28, 28, 1]);
    let last = input;
    for (const layer of layers) {
        const { type, name, outputs, inputs, bias, size } = layer;
        const biases = tensor(`${name}_b`, [outputs], bias);
        if (type === 'conv') {
            const weights = tensor(`${name}_w`, [outputs, 3, 3, inputs], permuteConv(layer, 'ohwi'));
            // padding SAME, strides, fused ReLU, dilations
            last = operator('conv', [last, weights, biases], tensor(name, [batch, size, size, outputs]), [
                [0, 'Int8', 0],
                [1, 'Int32', 1],
                [2, 'Int32', 1],
                [3, 'Int8', 1],
                [4, 'Int32', 1],
                [5, 'Int32', 1],
            ]);
            if (layer.pool) {
                last = operator('pool', [last], tensor(`${name}_pool`, [batch, size / 2, size / 2, outputs]), [
                    [0, 'Int8', 1],
                    [1, 'Int32', 2],
                    [2, 'Int32', 2],
                    [3, 'Int32', 2],
                    [4, 'Int32', 2],
                    [5, 'Int8', 0],
                ]);
            }
        } else {
            if (name === 'dense1') {
                const shape = ints([batch, inputs]);
                last = operator(
                    'reshape',
                    [last, tensor('flat_shape', [2], Int32Array.of(batch, inputs))],
                    tensor('flat', [batch, inputs]),
                    [[0, 'Offset', shape]],
                );
            }
            const weights = tensor(`${name}_w`, [outputs, inputs], permuteDense(layer));
            last = operator(
                'dense',
                [last, weights, biases],
                tensor(name === 'dense2' ? 'logits' : name, [batch, outputs]),
                [[0, 'Int8', layer.relu ? 1 : 0]],
            );
        }
    }
    const subgraph = table(5, [
        [0, 'Offset', offsets(tensors)],
        [1, 'Offset', ints([input])],
        [2, 'Offset', ints([last])],
        [3, 'Offset', offsets(operators)],
        [4, 'Offset', b.createString('main')],
    ]);
    const kinds = offsets(
        opcode.map((type) =>
            table(4, [
                [0, 'Int8', codes[type]],
                [2, 'Int32', 1],
                [3, 'Int32', codes[type]],
            ]),
        ),
    );
    const [graphs, data, description] = [offsets([subgraph]), offsets(buffers), b.createString('m1')];
    b.finish(
        table(8, [
            [0, 'Int32', 3],
            [1, 'Offset', kinds],
            [2, 'Offset', graphs],
            [3, 'Offset', description],
            [4, 'Offset', data],
        ]),
        'TFL3',
    );
    return b.asUint8Array();
}
