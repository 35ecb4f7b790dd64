// What the tests of the package share: the native command, its files, networks and inputs.
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

export const root = fileURLToPath(new URL('../..', import.meta.url));
export const dist = join(root, 'wasm/dist');
export const { load, PellucidError } = await import(join(dist, 'node.js'));

const run = promisify(execFile);
/** Runs the native command; resolves with what it printed. */
export const native = async (...args) =>
    (await run(join(root, 'build/native/pellucid'), args, { maxBuffer: 1e8 })).stdout;

/** The trained network where it is there; small ones with every kind of layer in any case. */
export const lenet = join(root, 'models/lenet.onnx');
export const networks = [
    ...(existsSync(lenet) ? [lenet] : []),
    ...['pooling', 'residual', 'strided'].map((name) => join(root, `tests/parity/networks/${name}.onnx`)),
];

export async function inFolder(work) {
    const folder = await mkdtemp(join(tmpdir(), 'pellucid-'));
    try {
        return await work(folder);
    } finally {
        await rm(folder, { recursive: true });
    }
}

export async function readNpy(file) {
    const bytes = await readFile(file);
    const start = 10 + bytes.readUInt16LE(8);
    return new Float32Array(bytes.buffer.slice(bytes.byteOffset + start, bytes.byteOffset + bytes.length));
}

export async function writeNpy(file, data, shape) {
    let header = `{'descr': '<f4', 'fortran_order': False, 'shape': (${shape.join(', ')},), }`;
    header += `${' '.repeat(63 - ((10 + header.length) % 64))}\n`;
    const start = Buffer.alloc(10);
    start.write('\x93NUMPY\x01\x00', 'latin1');
    start.writeUInt16LE(header.length, 8);
    await writeFile(file, Buffer.concat([start, Buffer.from(header), Buffer.from(data.buffer)]));
}

/** A smooth input of a network's shape, in [0, 1], the same every time. */
export function testInput({ height, width, channels }) {
    return Float32Array.from(
        { length: height * width * channels },
        (_, i) => 0.5 + 0.5 * Math.sin(0.37 * i + 0.0013 * i * i),
    );
}

/** A pen digit as the network sees it where the network reads such images, else numbers. */
export async function inputFor(pellucid, model, digit = 4) {
    const { height, width, channels } = model.input;
    if (height !== 28 || width !== 28 || channels !== 1) return testInput(model.input);
    return (await pellucid.normalise((await pellucid.penDigit(digit)).drawing)).input.data;
}

export const largest = (numbers) => numbers.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
