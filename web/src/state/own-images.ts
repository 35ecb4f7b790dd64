/**
 * Images of a person's own, such as MNIST's files, for methods that look through drawings or train with them. They stay
 * on the device.
 */
import type { Model } from 'pellucid';
import { unpacked } from '../core/idx.ts';
import { ownImages } from './belongings.ts';
import { modelOf, phase } from './engine.ts';

/** Every worker has a copy. */
const most = 10_000;

interface Files {
    images: Uint8Array;
    labels: Uint8Array | null;
}
let files: Files | null = null;
let given = new WeakSet<Model>();

/** The first `most` of an IDX file's items, which are `size` bytes each and lie behind `head` bytes. */
function cut(bytes: Uint8Array, head: number, size: number): Uint8Array {
    const count = Math.min(most, new DataView(bytes.buffer, bytes.byteOffset).getUint32(4));
    const part = bytes.slice(0, head + count * size);
    new DataView(part.buffer).setUint32(4, count);
    return part;
}

/** Takes a file of images and, if there is one, the file of their labels. Throws an Error that says what is wrong. */
export async function takeImages(chosen: readonly File[]): Promise<void> {
    let images: Uint8Array | null = null;
    let labels: Uint8Array | null = null;
    let of = 0;
    for (const file of chosen) {
        const bytes = await unpacked(file).catch(() => {
            throw new Error(`${file.name} is damaged: it could not be unpacked`);
        });
        const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
        const magic = bytes.length >= 8 ? view.getUint32(0) : 0;
        if (magic === 0x801) {
            labels = cut(bytes, 8, 1);
        } else if (magic === 0x803 && bytes.length >= 16) {
            of = view.getUint32(4);
            images = cut(bytes, 16, view.getUint32(8) * view.getUint32(12));
        } else {
            throw new Error(`${file.name} is no IDX file, such as t10k-images-idx3-ubyte.gz`);
        }
    }
    if (!images) throw new Error('the images are missing: they are in the file with “images” in its name');
    const before = { files, own: ownImages.value };
    files = { images, labels };
    given = new WeakSet();
    try {
        await give();
    } catch (error) {
        ({ files } = before);
        throw error;
    }
    ownImages.value = {
        count: new DataView(images.buffer).getUint32(4),
        of,
        labelled: labels !== null,
    };
}

/** Tells them to the network that the page shows now. */
async function give(): Promise<void> {
    if (!files || phase.value.name !== 'ready') return;
    const { images, labels } = files;
    const model = await modelOf(phase.value.modelId);
    if (given.has(model)) return;
    given.add(model);
    await model.attach('data', labels ? { images, labels } : { images });
}
phase.subscribe(() => void give().catch((error: unknown) => console.error(error)));
