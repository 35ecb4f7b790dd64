// m1 as ONNX, forward alone and with a backward pass made by hand: protobuf in a few lines (onnx.proto's field
// numbers).
import { target } from './m1.mjs';

const varint = (value) => {
    const bytes = [];
    let rest = BigInt.asUintN(64, BigInt(value));
    for (; rest > 127n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
    return Buffer.from([...bytes, Number(rest)]);
};
const integer = (field, value) => Buffer.concat([varint(field << 3), varint(value)]);
const bytes = (field, value) => Buffer.concat([varint((field << 3) | 2), varint(value.length), value]);
const text = (field, value) => bytes(field, Buffer.from(value));
const message = (field, ...parts) => bytes(field, Buffer.concat(parts));

const floats = 1;
const int64s = 7;
const tensor = (name, dims, type, data) =>
    message(
        5,
        ...dims.map((axis) => integer(1, axis)),
        integer(2, type),
        text(8, name),
        bytes(9, Buffer.from(data.buffer, data.byteOffset, data.byteLength)),
    );
const value = (field, name, dims) =>
    message(
        field,
        text(1, name),
        message(
            2,
            message(
                1,
                integer(1, floats),
                message(
                    2,
                    ...dims.map((axis) => message(1, typeof axis === 'string' ? text(2, axis) : integer(1, axis))),
                ),
            ),
        ),
    );
const attribute = ([name, content]) =>
    Array.isArray(content)
        ? message(5, text(1, name), ...content.map((one) => integer(8, one)), integer(20, 7))
        : message(5, text(1, name), integer(3, content), integer(20, 2));
const node = (op, name, inputs, outputs, attributes = {}) =>
    message(
        1,
        ...inputs.map((one) => text(1, one)),
        ...outputs.map((one) => text(2, one)),
        text(3, name),
        text(4, op),
        ...Object.entries(attributes).map(attribute),
    );
const model = (graph) =>
    Buffer.concat([
        integer(1, 8),
        text(2, 'pellucid bench'),
        message(7, text(2, 'm1'), ...graph),
        message(8, text(1, ''), integer(2, 17)),
    ]);

const conv = { kernel_shape: [3, 3], pads: [1, 1, 1, 1], strides: [1, 1] };
const pool = { kernel_shape: [2, 2], strides: [2, 2] };

function forwardNodes(layers, indices) {
    const nodes = [];
    const initializers = [];
    let last = 'input';
    const add = (op, name, inputs, attributes, more = []) => {
        nodes.push(node(op, name, [last, ...inputs], [name, ...more], attributes));
        last = name;
    };
    for (const { type, name, outputs, inputs, weight, bias, pool: pooled, relu } of layers) {
        initializers.push(
            tensor(`${name}_w`, type === 'conv' ? [outputs, inputs, 3, 3] : [outputs, inputs], floats, weight),
        );
        initializers.push(tensor(`${name}_b`, [outputs], floats, bias));
        if (name === 'dense1') add('Flatten', 'flatten', [], { axis: 1 });
        if (type === 'conv') add('Conv', name, [`${name}_w`, `${name}_b`], conv);
        else add('Gemm', name === 'dense2' ? 'logits' : name, [`${name}_w`, `${name}_b`], { transB: 1 });
        if (type === 'conv' || relu) add('Relu', `${name}_relu`, []);
        if (pooled) add('MaxPool', `${name}_pool`, [], pool, indices ? [`${name}_at`] : []);
    }
    return { nodes, initializers };
}

export function forwardModel(layers) {
    const { nodes, initializers } = forwardNodes(layers, false);
    return model([...nodes, ...initializers, value(11, 'input', ['N', 1, 28, 28]), value(12, 'logits', ['N', 10])]);
}

/**
 * Batch 1: logits and ∂logit[target]/∂input. A convolution's gradient is a convolution with the weights turned around.
 */
export function gradientModel(layers) {
    const { nodes, initializers } = forwardNodes(layers, true);
    const [conv1, conv2, conv3, , dense2] = layers;
    initializers.push(tensor('zero', [], floats, Float32Array.of(0)));
    initializers.push(tensor('seed', [1, 64], floats, dense2.weight.slice(64 * target, 64 * (target + 1))));
    initializers.push(tensor('shape', [4], int64s, BigInt64Array.of(1n, 32n, 7n, 7n)));
    const add = (op, inputs, output, attributes) => nodes.push(node(op, output, inputs, [output], attributes));
    const mask = (gradient, activation, output) => {
        add('Greater', [activation, 'zero'], `${output}_on`);
        add('Where', [`${output}_on`, gradient, 'zero'], output);
    };
    const turned = ({ name, weight, outputs, inputs }) => {
        const to = new Float32Array(weight.length);
        for (let o = 0; o < outputs; ++o) {
            for (let i = 0; i < inputs; ++i) {
                for (let tap = 0; tap < 9; ++tap)
                    to[(i * outputs + o) * 9 + tap] = weight[(o * inputs + i) * 9 + 8 - tap];
            }
        }
        initializers.push(tensor(`${name}_turned`, [inputs, outputs, 3, 3], floats, to));
        return `${name}_turned`;
    };
    mask('seed', 'dense1_relu', 'g5');
    add('MatMul', ['g5', 'dense1_w'], 'g4');
    add('Reshape', ['g4', 'shape'], 'g3');
    mask('g3', 'conv3_relu', 'g3_masked');
    add('Conv', ['g3_masked', turned(conv3)], 'g2', conv);
    // The winner of a window passed its ReLU where the window's maximum is above 0.
    mask('g2', 'conv2_pool', 'g2_masked');
    add('MaxUnpool', ['g2_masked', 'conv2_at'], 'g2_up', pool);
    add('Conv', ['g2_up', turned(conv2)], 'g1', conv);
    mask('g1', 'conv1_pool', 'g1_masked');
    add('MaxUnpool', ['g1_masked', 'conv1_at'], 'g1_up', pool);
    add('Conv', ['g1_up', turned(conv1)], 'gradient', conv);
    return model([
        ...nodes,
        ...initializers,
        value(11, 'input', [1, 1, 28, 28]),
        value(12, 'logits', [1, 10]),
        value(12, 'gradient', [1, 1, 28, 28]),
    ]);
}
