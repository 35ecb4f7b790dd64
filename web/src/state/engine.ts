import type { MethodCard, Model, Pellucid } from 'pellucid';
import { fetchBytes, modelUrl } from './fetch.ts';
import { entryOf, lastingId, standardModel, visiting, type ModelEntry } from './models.ts';
import { Signal } from './signal.ts';

/** The package and the network, on their way or there. */
export type Phase =
    | { name: 'loading'; what: string; loaded: number; total: number; unit: 'bytes' | 'parts' }
    | { name: 'ready'; pellucid: Pellucid; model: Model; modelId: string; cards: ReadonlyMap<string, MethodCard> }
    | { name: 'failed'; what: string; remedy: string };

export const phase = new Signal<Phase>({
    name: 'loading',
    what: 'Loading the program',
    loaded: 0,
    total: 0,
    unit: 'parts',
});
/** The network that answers. */
export const chosenModel = new Signal(standardModel);
/** Why another network could not be taken; empty while all is well. */
export const modelFailure = new Signal('');

/** Networks that have been loaded, or are coming. */
const opened = new Map<string, Promise<Model>>();

export const reason = (error: unknown): string =>
    (error instanceof Error ? error.message : String(error)).replace(/\.$/, '');

/**
 * A network by its id, loaded when it is asked for the first time. One that did not come is asked for again the next
 * time.
 */
export function modelOf(id: string): Promise<Model> {
    if (phase.value.name !== 'ready') return Promise.reject(new Error('the program is not there yet'));
    const { pellucid } = phase.value;
    let model = opened.get(id);
    if (!model) {
        model = fetchBytes(modelUrl(entryOf(id).file)).then((bytes) => pellucid.loadModel(bytes));
        opened.set(id, model);
        model.catch(() => opened.delete(id));
    }
    return model;
}

/** A network that was made on the page can be asked, and chosen, like those that it comes with. */
export function adopt(entry: ModelEntry, model: Model): void {
    opened.set(entry.id, Promise.resolve(model));
    visiting.value = [...visiting.value, entry];
}
/** Forgets such networks; whatever showed one shows the one that it was made from. */
export async function dismiss(ids: readonly string[]): Promise<void> {
    if (ids.includes(chosenModel.value)) await chooseModel(lastingId(chosenModel.value));
    // What was asked of them is still answered: they are small, and go with the visit.
    visiting.value = visiting.value.filter(({ id }) => !ids.includes(id));
}

/** Another network answers from now on, as soon as it is there; until then the one before does. */
export async function chooseModel(id: string): Promise<void> {
    chosenModel.value = id;
    if (phase.value.name !== 'ready' || phase.value.modelId === id) return;
    modelFailure.value = '';
    try {
        const model = await modelOf(id);
        if (chosenModel.value === id && phase.value.name === 'ready')
            phase.value = { ...phase.value, model, modelId: id };
    } catch (error) {
        modelFailure.value = `${entryOf(id).title} could not be loaded: ${reason(error)}.`;
        if (chosenModel.value === id && phase.value.name === 'ready') chosenModel.value = phase.value.modelId;
    }
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
    const { file } = entryOf(chosenModel.value);
    try {
        const network = tell('Loading the network', 'bytes');
        network(0, 0);
        const bytes = await fetchBytes(modelUrl(file), network);
        const cards = new Map(pellucid.methods.map((card) => [card.id, card]));
        const modelId = chosenModel.value;
        const model = await pellucid.loadModel(bytes);
        opened.clear();
        opened.set(modelId, Promise.resolve(model));
        phase.value = { name: 'ready', pellucid, model, modelId, cards };
    } catch (error) {
        pellucid.dispose();
        phase.value = {
            name: 'failed',
            what: `The trained network could not be loaded: ${reason(error)}.`,
            remedy: [
                'Check the connection, then try again.',
                `If you built this page yourself: models/${file} must lie beside it.`,
            ].join(' '),
        };
    }
}
