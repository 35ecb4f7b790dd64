import { Signal } from './signal.ts';
import type { MethodCard, Model, Pellucid } from 'pellucid';

/** The package and the network, on their way or there. */
export type Phase =
    | { name: 'loading'; what: string; loaded: number; total: number }
    | { name: 'ready'; pellucid: Pellucid; model: Model; cards: ReadonlyMap<string, MethodCard> }
    | { name: 'failed'; what: string; remedy: string };

export const phase = new Signal<Phase>({ name: 'loading', what: 'the program', loaded: 0, total: 0 });

const modelName = 'models/lenet.onnx';

/** Fetches with news of how much has come. */
async function fetchBytes(url: string, onProgress: (loaded: number, total: number) => void): Promise<Uint8Array> {
    const response = await fetch(url);
    if (!response.ok) throw new Error(`the server answered ${response.status} for ${url}`);
    // Servers that do not know a file often answer with a page.
    if (response.headers.get('content-type')?.startsWith('text/html')) throw new Error(`${url} is not on the server`);
    const total = Number(response.headers.get('content-length') ?? 0);
    if (!response.body) return new Uint8Array(await response.arrayBuffer());
    const parts: Uint8Array[] = [];
    let loaded = 0;
    const reader = response.body.getReader();
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
        parts.push(part.value);
        loaded += part.value.length;
        onProgress(loaded, total);
    }
    const bytes = new Uint8Array(loaded);
    let at = 0;
    for (const part of parts) {
        bytes.set(part, at);
        at += part.length;
    }
    return bytes;
}

export async function start(): Promise<void> {
    const tell = (what: string) => (loaded: number, total: number) => {
        phase.value = { name: 'loading', what, loaded, total };
    };
    tell('the program')(0, 0);
    let pellucid: Pellucid;
    try {
        const { load } = await import('pellucid');
        pellucid = await load({ onProgress: (_, loaded, total) => tell('the program')(loaded, total) });
    } catch (error) {
        phase.value = {
            name: 'failed',
            what: `The program that computes the answers could not be started: ${reason(error)}.`,
            remedy: 'It needs a browser with WebAssembly. Check the connection, then try again.',
        };
        return;
    }
    try {
        tell('the network')(0, 0);
        const bytes = await fetchBytes(new URL(modelName, document.baseURI).href, tell('the network'));
        const model = await pellucid.loadModel(bytes);
        phase.value = { name: 'ready', pellucid, model, cards: new Map(pellucid.methods.map((card) => [card.id, card])) };
    } catch (error) {
        pellucid.dispose();
        phase.value = {
            name: 'failed',
            what: `The trained network could not be loaded: ${reason(error)}.`,
            remedy: `Check the connection, then try again. If you built this page yourself: ${modelName} must lie beside it.`,
        };
    }
}

const reason = (error: unknown): string => (error instanceof Error ? error.message : String(error)).replace(/\.$/, '');
