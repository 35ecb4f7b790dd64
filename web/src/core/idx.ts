import type { Image } from 'pellucid';

/** Images as MNIST's files have them: IDX, as it is or gzipped. */
export interface IdxImages {
    count: number;
    /** The image of that number, 0 paper … 1 ink. */
    image(index: number): Image;
}

export async function unpacked(file: Blob): Promise<Uint8Array> {
    const bytes = new Uint8Array(await file.arrayBuffer());
    if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes;
    const plain = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'));
    return new Uint8Array(await new Response(plain).arrayBuffer());
}

/** Throws an Error that says what is wrong with the file. */
export async function readIdx(file: Blob): Promise<IdxImages> {
    let bytes: Uint8Array;
    try {
        bytes = await unpacked(file);
    } catch {
        throw new Error('it is damaged: it could not be unpacked');
    }
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const magic = bytes.length >= 16 ? view.getUint32(0) : 0;
    if (magic === 0x801) throw new Error('it holds labels; the images are in the file with “images” in its name');
    if (magic !== 0x803) throw new Error('it is no IDX file of images, such as t10k-images-idx3-ubyte.gz');
    const [count, height, width] = [view.getUint32(4), view.getUint32(8), view.getUint32(12)];
    const size = height * width;
    if (size === 0 || size > 1e6 || bytes.length !== 16 + count * size)
        throw new Error(`it says that it holds ${count} images of ${height} × ${width}, and has another length`);
    return {
        count,
        image: (index) => ({
            data: Float32Array.from(bytes.subarray(16 + index * size, 16 + (index + 1) * size), (value) => value / 255),
            height,
            width,
            channels: 1,
        }),
    };
}
