/** Numbers as NumPy keeps them in a file: float32, in C order, as the command writes them. */
export interface Numbers {
    shape: number[];
    data: Float32Array;
}

export function readNpy(bytes: Uint8Array): Numbers {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    if (bytes.length < 12 || view.getUint8(0) !== 0x93 || view.getUint32(1) !== 0x4e554d50)
        throw new Error('this is no .npy file');
    const long = view.getUint8(6) > 1;
    const start = long ? 12 : 10;
    const end = start + (long ? view.getUint32(8, true) : view.getUint16(8, true));
    const header = new TextDecoder('latin1').decode(bytes.subarray(start, end));
    const shape = (/'shape':\s*\(([^)]*)\)/.exec(header)?.[1] ?? '')
        .split(',')
        .map((part) => part.trim())
        .filter((part) => part !== '')
        .map(Number);
    const count = shape.reduce((product, size) => product * size, 1);
    if (!/'descr':\s*'<f4'/.test(header) || !/'fortran_order':\s*False/.test(header) || bytes.length < end + 4 * count)
        throw new Error('the .npy file holds no float32 numbers in C order');
    return { shape, data: Float32Array.from({ length: count }, (_, i) => view.getFloat32(end + 4 * i, true)) };
}
