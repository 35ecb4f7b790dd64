import list, { studies } from 'virtual:models';
import { Signal } from './signal.ts';

/** A network that the page has, as models/index.json lists it. */
export interface ModelEntry {
    id: string;
    title: string;
    /** In a sentence, what it teaches. */
    about: string;
    file: string;
    /** What belongs to it, by role: 'patterns', 'generator', 'statistics' and the like. */
    with: Readonly<Record<string, string>>;
    /** Files of what was found out about it, by what it is: 'league', 'cue' and the like. */
    studies: Readonly<Record<string, string>>;
    /** Of a network that was made on the page: the one that it was made from. */
    base?: string;
}

/** Files of what was found out about the data that all were trained with. */
export const dataStudies = studies;

/** The networks that the page comes with, the standard one first. */
export const models: readonly ModelEntry[] = list;
export const standardModel = models[0]!.id;

/** Networks that were made on the page: they end with the visit. */
export const visiting = new Signal<readonly ModelEntry[]>([]);
/** The networks to choose from. */
export const allModels = (): ModelEntry[] => [...models, ...visiting.value];

export const entryOf = (id: string): ModelEntry => allModels().find((entry) => entry.id === id) ?? models[0]!;
/** The network that an address can name: of one that was made here the one that it was made from. */
export const lastingId = (id: string): string => entryOf(id).base ?? id;
export const isModel = (id: unknown): id is string => models.some((entry) => entry.id === id);
