import type { Drawing, MethodCard, Model, Params, Role } from 'pellucid';
import { changes, isChanged } from './changes.ts';
import { phase, reason } from './engine.ts';
import { fetchBytes, modelUrl } from './fetch.ts';
import { entryOf } from './models.ts';
import { Signal } from './signal.ts';

/** Images of a person's own (own-images.ts). */
export interface OwnImages {
    count: number;
    /** How many the files hold. */
    of: number;
    /** Whether it is known what each shows. */
    labelled: boolean;
}
export const ownImages = new Signal<OwnImages | null>(null);

/** Whether a method uses data where there are any: it needs them, or is told how many images to use. */
export const takesData = ({ needs, params }: MethodCard): boolean =>
    needs.includes('data') || params.some(({ unit }) => unit === 'images');

/** What each role is, for people. */
const roleWords: Record<Role, string> = {
    patterns: 'patterns, which say what its units look for',
    generator: 'a generator, which makes pictures of digits',
    expert: 'an expert, which knows what digits look like',
    statistics: 'statistics of its units over the training images',
    data: 'a set of images',
    strokes: 'the strokes of a drawing',
    second: 'a second network',
};

/** What is of the very network that it was made for, and of no changed one. */
const ofTheWhole: readonly Role[] = ['patterns', 'statistics'];

/**
 * Why a method cannot answer with this network; null where nothing is missing. What comes with the drawing is not asked
 * here. `whole`: the network as it is, whatever was changed by hand.
 */
export function missingFor(card: MethodCard, modelId: string, whole = false): string | null {
    const lost = changes.value.length > 0 && !whole ? card.needs.find((role) => ofTheWhole.includes(role)) : undefined;
    if (lost) return `It needs ${roleWords[lost]}, and they are of the network as it was: mend it first.`;
    const { with: belongings, title } = entryOf(modelId);
    for (const role of card.needs) {
        if (role === 'strokes' || role in belongings || (role === 'data' && ownImages.value)) continue;
        return `It needs ${roleWords[role]}, and ${title} comes without.${
            role === 'data' ? ' They can be dropped on its page.' : ''
        }`;
    }
    return null;
}

/** What belongs to a network and has come, or is coming. */
const coming = new WeakMap<Model, Map<Role, Promise<void>>>();
/** Of these, what has come or will not come. */
const settled = new WeakMap<Model, Set<Role>>();

function partOf<Part>(map: WeakMap<Model, Part>, model: Model, make: () => Part): Part {
    const part = map.get(model) ?? make();
    map.set(model, part);
    return part;
}
/** The file that a network has for a role. */
function fileOf(role: Role, model: Model, modelId: string): string | undefined {
    return isChanged(model) && ofTheWhole.includes(role) ? undefined : entryOf(modelId).with[role];
}

/** Fetches what a method needs, as far as the network has it and it was not asked for before. */
function fetchNeeds(card: MethodCard, model: Model, modelId: string): Promise<void>[] {
    const own = partOf(coming, model, () => new Map<Role, Promise<void>>());
    return card.needs.flatMap((role) => {
        const file = fileOf(role, model, modelId);
        if (file === undefined) return [];
        let there = own.get(role);
        if (!there) {
            there = fetchBytes(modelUrl(file)).then((bytes) => attach(model, role, bytes));
            own.set(role, there);
            there
                .catch((error: unknown) =>
                    console.error(`The ${role} of the network could not be loaded: ${reason(error)}`),
                )
                .finally(() => {
                    partOf(settled, model, () => new Set<Role>()).add(role);
                    // What waited for it is asked now; without it the core says what is missing.
                    if (phase.value.name === 'ready') phase.value = { ...phase.value };
                });
        }
        return [there];
    });
}

/**
 * Whether a method can be asked: what it needs is there, or will not come. What is on its way, or is asked for here, is
 * waited for.
 */
export function needsAreSettled(card: MethodCard, model: Model, modelId: string): boolean {
    fetchNeeds(card, model, modelId);
    const there = settled.get(model);
    return card.needs.every((role) => fileOf(role, model, modelId) === undefined || there?.has(role));
}

/** Once all that a method needs is there, as far as the network has it. */
export async function whenNeedsAreThere(card: MethodCard, model: Model, modelId: string): Promise<void> {
    await Promise.allSettled(fetchNeeds(card, model, modelId));
}

/** Whether a method is told the strokes of the drawing: it needs them always, or was told to go by them. */
export const needsStrokes = (card: MethodCard | undefined, params: Params): boolean =>
    card !== undefined && (card.needs.includes('strokes') || Object.values(params).includes('strokes'));

/**
 * Tells a network the strokes that its next inputs are made of. Where it refuses them, the method says what it lacks.
 */
export async function attachStrokes(model: Model, drawing: Drawing): Promise<void> {
    await model.attach('strokes', drawing).catch(() => {});
}

async function attach(model: Model, role: Role, bytes: Uint8Array): Promise<void> {
    if (role === 'strokes') throw new Error('strokes come with a drawing, not as a file');
    await model.attach(role, bytes);
}
