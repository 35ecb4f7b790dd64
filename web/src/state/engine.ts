import { Signal } from './signal.ts';
import type { MethodCard, Model, Pellucid } from 'pellucid';

/** The package and the network, on their way or there. */
export type Phase =
    | { name: 'loading'; what: string; loaded: number; total: number; unit: 'bytes' | 'parts' }
    | { name: 'ready'; pellucid: Pellucid; model: Model; cards: ReadonlyMap<string, MethodCard> }
    | { name: 'failed'; what: string; remedy: string };

export const phase = new Signal<Phase>({ name: 'loading', what: 'Loading the program', loaded: 0, total: 0, unit: 'parts' });

const modelName = 'models/lenet.onnx';
const patternsName = 'models/lenet.patterns.onnx';

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

let patternsAsked = false;

/**
 * Fetches the network's patterns when a method that needs them is asked for the first time. That question, and all until
 * they are there, is answered by the core with an error; then the phase is told again, so that all is asked anew.
 */
export function fetchPatternsFor(methods: readonly string[]): void {
    if (patternsAsked || phase.value.name !== 'ready') return;
    const { model, cards } = phase.value;
    if (!methods.some((method) => cards.get(method)?.needs.includes('patterns'))) return;
    patternsAsked = true;
    fetchBytes(new URL(patternsName, document.baseURI).href, () => {})
        .then((bytes) => model.setPatterns(bytes))
        .then(() => {
            if (phase.value.name === 'ready') phase.value = { ...phase.value };
        })
        .catch((error: unknown) => console.error(`The patterns of the network could not be loaded: ${reason(error)}`));
}

export async function start(): Promise<void> {
    const tell = (what: string, unit: 'bytes' | 'parts') => (loaded: number, total: number) => {
        phase.value = { name: 'loading', what, loaded, total, unit };
    };
    const loading = tell('Loading the program', 'parts');
    const starting = tell('Starting the workers', 'parts');
    loading(0, 0);
    let pellucid: Pellucid;
    try {
        const { load } = await import('pellucid');
        pellucid = await load({
            // The core comes in one piece; the workers come one by one.
            onProgress: (what, loaded, total) => (what === 'workers' ? starting(loaded, total) : loading(0, 0)),
        });
    } catch (error) {
        phase.value = {
            name: 'failed',
            what: `The program that computes the answers could not be started: ${reason(error)}.`,
            remedy: 'It needs a browser with WebAssembly. Check the connection, then try again.',
        };
        return;
    }
    try {
        const network = tell('Loading the network', 'bytes');
        network(0, 0);
        const bytes = await fetchBytes(new URL(modelName, document.baseURI).href, network);
        const cards = new Map(pellucid.methods.map((card) => [card.id, card]));
        const model = await pellucid.loadModel(bytes);
        phase.value = { name: 'ready', pellucid, model, cards };
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
