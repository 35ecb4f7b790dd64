/** Gives a node worker the face of a browser's, then loads the worker proper. */
import { parentPort, workerData } from 'node:worker_threads';

interface Face {
    postMessage(message: unknown, transfer: ArrayBuffer[]): void;
    onmessage: ((event: { data: unknown }) => void) | null;
}
const face = globalThis as unknown as Face;
const port = parentPort;
if (!port) throw new Error('worker-node.js must be started as a worker');
face.postMessage = (message, transfer) => port.postMessage(message, transfer);
await import(String((workerData as { worker: string }).worker));
port.on('message', (data: unknown) => face.onmessage?.({ data }));
