// Arrays as files that the command reads and writes: NumPy's .npy (version 1.0), PNG.
import { readFileSync } from 'node:fs';
import { deflateSync } from 'node:zlib';

const types = {
    '<f4': Float32Array,
    '<f8': Float64Array,
    '|u1': Uint8Array,
    '<u2': Uint16Array,
    '<i4': Int32Array,
    '<i8': BigInt64Array,
};

/** Bytes behind a header with any words in it, right or wrong; `shape` as it is written between the brackets. */
export function npyAround(bytes, shape, dtype = '<f4', fortran = false) {
    const words = `{'descr': '${dtype}', 'fortran_order': ${fortran ? 'True' : 'False'}, 'shape': (${shape}), }`;
    const header = `${words.padEnd(128 - 10 - 1)}\n`;
    const head = Buffer.from([0x93, ...Buffer.from('NUMPY'), 1, 0, header.length, 0]);
    return Buffer.concat([head, Buffer.from(header), bytes]);
}

/** Numbers as a .npy file: its bytes. */
export function npyBytes(shape, values, { dtype = '<f4', fortran = false } = {}) {
    const data = (types[dtype] ?? Float32Array).from(values, dtype === '<i8' ? BigInt : undefined);
    const tuple = shape.join(', ') + (shape.length === 1 ? ',' : '');
    return npyAround(Buffer.from(data.buffer, data.byteOffset, data.byteLength), tuple, dtype, fortran);
}

/** A .npy file as the command writes it: float32, row by row. */
export function readNpy(path) {
    const bytes = readFileSync(path);
    const start = 10 + bytes.readUInt16LE(8);
    const header = bytes.subarray(10, start).toString();
    if (!/'descr': '<f4', 'fortran_order': False/.test(header)) throw new Error(`${path}: ${header}`);
    const shape = /'shape': \(([^)]*)\)/.exec(header)[1].split(',');
    return {
        shape: shape.filter((part) => part.trim()).map(Number),
        values: new Float32Array(bytes.buffer.slice(bytes.byteOffset + start, bytes.byteOffset + bytes.length)),
    };
}

const table = Uint32Array.from({ length: 256 }, (_, n) => {
    let c = n;
    for (let k = 0; k < 8; ++k) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1;
    return c;
});
const checksum = (bytes) => ~bytes.reduce((c, byte) => table[(c ^ byte) & 255] ^ (c >>> 8), ~0) >>> 0;

function chunk(type, data) {
    const body = Buffer.concat([Buffer.from(type), data]);
    const framed = Buffer.alloc(body.length + 8);
    framed.writeUInt32BE(data.length, 0);
    body.copy(framed, 4);
    framed.writeUInt32BE(checksum(body), body.length + 4);
    return framed;
}

/** An 8-bit PNG; colour 0 grey, 2 RGB, 4 grey and alpha. */
export function pngBytes(width, colour, values) {
    const row = width * { 0: 1, 2: 3, 4: 2 }[colour];
    const height = values.length / row;
    const header = Buffer.alloc(13);
    header.writeUInt32BE(width, 0);
    header.writeUInt32BE(height, 4);
    header.set([8, colour], 8);
    const rows = Buffer.concat(
        Array.from({ length: height }, (_, y) => Buffer.from([0, ...values.slice(y * row, (y + 1) * row)])),
    );
    return Buffer.concat([
        Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
        chunk('IHDR', header),
        chunk('IDAT', deflateSync(rows)),
        chunk('IEND', Buffer.alloc(0)),
    ]);
}
