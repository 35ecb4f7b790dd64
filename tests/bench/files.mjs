// Writes m1 and its inputs into build/bench, for the candidates that read files.
import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { forwardModel, gradientModel } from './model/onnx.mjs';
import { tfliteModel } from './model/tflite.mjs';
import { batch } from './model/m1.mjs';
import { inputs, layers } from './works.mjs';

export const folder = fileURLToPath(new URL('../../build/bench', import.meta.url));

export function writeFiles() {
    mkdirSync(folder, { recursive: true });
    const write = (name, data) => writeFileSync(`${folder}/${name}`, data);
    const floats = (parts) =>
        Buffer.concat(parts.map((part) => Buffer.from(part.buffer, part.byteOffset, part.byteLength)));
    write('forward.onnx', forwardModel(layers));
    write('gradient.onnx', gradientModel(layers));
    write('batch1.tflite', tfliteModel(layers, 1));
    write(`batch${batch}.tflite`, tfliteModel(layers, batch));
    write('single.f32', floats(inputs.single));
    write('many.f32', floats([inputs.many]));
    write('occluded.f32', floats([inputs.occluded]));
    write('training.u8', inputs.training.bytes);
    write('labels.u8', inputs.training.labels);
}
