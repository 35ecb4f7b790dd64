import list, { studies } from 'virtual:models';

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
}

/** Files of what was found out about the data that all were trained with. */
export const dataStudies = studies;

/** The networks to choose from, the standard one first. */
export const models: readonly ModelEntry[] = list;
export const standardModel = models[0]!.id;

export const entryOf = (id: string): ModelEntry => models.find((entry) => entry.id === id) ?? models[0]!;
export const isModel = (id: unknown): id is string => models.some((entry) => entry.id === id);
