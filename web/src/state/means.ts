import { readIdx } from '../core/idx.ts';
import { fetchBytes, modelUrl } from './fetch.ts';

let coming: Promise<Float32Array[]> | undefined;

/** The mean picture of every digit of MNIST's training images. */
export function classMeans(): Promise<Float32Array[]> {
    coming ??= fetchBytes(modelUrl('means.idx'))
        .then((bytes) => readIdx(new Blob([bytes as BlobPart])))
        .then(({ count, image }) => Array.from({ length: count }, (_, digit) => image(digit).data));
    coming.catch(() => (coming = undefined));
    return coming;
}
