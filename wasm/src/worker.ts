/** The worker: a host behind messages. The same file runs in browsers and, behind worker-node.ts, in node. */
import createCore from '#core';
import { toErrorData } from './errors.js';
import { Host } from './host.js';
import { buffersOf, type ReplyMessage, type RequestMessage } from './protocol.js';

interface WorkerScope {
    postMessage(message: ReplyMessage, transfer: ArrayBuffer[]): void;
    onmessage: ((event: { data: RequestMessage }) => void) | null;
}
const scope = globalThis as unknown as WorkerScope;
const host = new Host(createCore);

scope.onmessage = async ({ data: { id, operation, ask } }) => {
    let reply: ReplyMessage;
    try {
        reply = { id, answer: await host.answer(operation, ask) };
    } catch (error) {
        reply = { id, error: toErrorData(error) };
    }
    scope.postMessage(reply, [...buffersOf(reply)]);
};
