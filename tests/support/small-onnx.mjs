// Small networks as ONNX files: Flatten, one dense layer, and what a test wants behind it. Protobuf in a few lines
// (onnx.proto's field numbers).
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

const tensor = (name, dims, data) =>
    message(
        5,
        ...dims.map((axis) => integer(1, axis)),
        integer(2, 1),
        text(8, name),
        bytes(9, Buffer.from(Float32Array.from(data).buffer)),
    );
const value = (field, name, dims) =>
    message(
        field,
        text(1, name),
        message(
            2,
            message(
                1,
                integer(1, 1),
                message(
                    2,
                    ...dims.map((axis) => message(1, typeof axis === 'string' ? text(2, axis) : integer(1, axis))),
                ),
            ),
        ),
    );
const node = (op, input, output, { axis } = {}) =>
    message(
        1,
        ...input.map((one) => text(1, one)),
        text(2, output),
        text(3, output),
        text(4, op),
        ...(axis === undefined ? [] : [message(5, text(1, 'axis'), integer(3, axis), integer(20, 2))]),
    );

/**
 * weight: (pixels, classes) row by row, pixels in the order (c, h, w); `behind`: operators after the dense layer, each
 * a name or [name, axis]; metadata: texts by key.
 */
export function denseModel({ shape: [channels, height, width], classes, weight, bias, behind = [], metadata = {} }) {
    const nodes = [node('Flatten', ['input'], 'flat', { axis: 1 }), node('Gemm', ['flat', 'w', 'b'], 'dense')];
    let last = 'dense';
    behind.forEach((what, i) => {
        const [op, axis] = [what].flat();
        nodes.push(node(op, [last], `${op.toLowerCase()}${i}`, { axis }));
        last = `${op.toLowerCase()}${i}`;
    });
    const graph = [
        ...nodes,
        text(2, 'small'),
        tensor('w', [channels * height * width, classes], weight),
        tensor('b', [classes], bias),
        value(11, 'input', ['N', channels, height, width]),
        value(12, last, ['N', classes]),
    ];
    return Buffer.concat([
        integer(1, 8),
        message(7, ...graph),
        message(8, text(1, ''), integer(2, 17)),
        ...Object.entries(metadata).map(([key, words]) => message(14, text(1, key), text(2, words))),
    ]);
}
