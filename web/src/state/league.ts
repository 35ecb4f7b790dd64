import type { Study } from '../core/judging.ts';
import { reason } from './engine.ts';
import { fetchBytes, modelUrl } from './fetch.ts';
import { entryOf } from './models.ts';
import { Signal } from './signal.ts';

/** What lies beside the networks as JSON, fetched when it is first wanted; what did not come is asked for again. */
const coming = new Map<string, Promise<unknown>>();

export function jsonOf<T>(file: string): Promise<T> {
    let there = coming.get(file);
    if (!there) {
        there = fetchBytes(modelUrl(file)).then((bytes) => JSON.parse(new TextDecoder().decode(bytes)) as unknown);
        coming.set(file, there);
        there.catch(() => coming.delete(file));
    }
    return there as Promise<T>;
}

/** The leagues of methods that have come, by network. */
export const leagues = new Signal<ReadonlyMap<string, Study>>(new Map());

/** The league of a network, which comes when it is wanted for the first time; `leagues` tells when it is there. */
export function leagueOf(modelId: string): Study | undefined {
    const known = leagues.value.get(modelId);
    const file = entryOf(modelId).studies['league'];
    if (known || file === undefined || wanted.has(modelId)) return known;
    wanted.add(modelId);
    jsonOf<Study>(file)
        .then((study) => (leagues.value = new Map([...leagues.value, [modelId, study]])))
        .catch((error: unknown) => {
            wanted.delete(modelId);
            console.error(`The league of ${entryOf(modelId).title} could not be loaded: ${reason(error)}`);
        });
    return undefined;
}
const wanted = new Set<string>();

export const hasLeague = (modelId: string): boolean => entryOf(modelId).studies['league'] !== undefined;
