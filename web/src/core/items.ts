import type { Explanation, Image, Item, MapKind, MethodCard, Output, Params } from 'pellucid';

/** What a method is asked for: its first output. */
export const mainOutput = (card: MethodCard): Output | undefined => card.outputs[0];

/** Whether that is a picture which can be laid over the drawing. */
export const givesMap = (card: MethodCard): boolean => mainOutput(card)?.kind === 'map';

/** Whether it explains an input by a map of it, which other methods can judge. */
export const isExplanation = (card: MethodCard): boolean =>
    givesMap(card) && card.subject === 'input' && ['signed', 'positive'].includes(mainKind(card));

/** The parameter by which a method is told whom to judge. */
export const judgedParam = (card: MethodCard): string | undefined =>
    card.subject === 'attribution' ? card.params.find(({ role }) => (role as string) === 'method')?.name : undefined;

/** What kind of picture it is. */
export const mainKind = (card: MethodCard): MapKind => card.outputs[0]?.map ?? 'signed';

/** One named thing of an answer, with what the card says of it. */
export interface Given {
    output: Output;
    item: Item;
}

/** All that an answer holds, in the card's order. */
export const givenBy = (card: MethodCard, { outputs }: Explanation): Given[] =>
    card.outputs.flatMap((output) => {
        const item = outputs[output.name];
        return item === undefined ? [] : [{ output, item }];
    });

/** Something that is shown, and what belongs into the same picture. */
export interface Joined extends Given {
    beside: Given[];
}

/**
 * Curves over the same axis, in the same unit, of which one's name goes on from the other's ("near", "near_sampled"),
 * share a picture.
 */
export function joined(all: readonly Given[]): Joined[] {
    const found: Joined[] = [];
    for (const given of all) {
        const { kind, name, unit, along } = given.output;
        const first =
            kind !== 'series'
                ? undefined
                : found.find(
                      ({ output }) =>
                          output.kind === 'series' &&
                          output.unit === unit &&
                          output.along === along &&
                          name.startsWith(`${output.name}_`),
                  );
        if (first) first.beside.push(given);
        else found.push({ ...given, beside: [] });
    }
    return found;
}

/** What a method was asked for, as an answer holds it. */
export const mainItem = (card: MethodCard, explanation: Explanation): Joined | undefined =>
    joined(givenBy(card, explanation)).find(({ output }) => output === mainOutput(card));

/** How the picture that was asked for came about: the sequence that ends in it, where the method gives one. */
export const growth = (card: MethodCard, explanation: Explanation): Joined | undefined =>
    mainKind(card) === 'image' && givesMap(card)
        ? furtherItems(card, explanation).find(({ output }) => output.kind === 'frames' && output.map === 'image')
        : undefined;

/** Of an output that comes only when asked for, the parameter of its name says how much of it; 0 is none. */
const growthParam = (card: MethodCard) =>
    card.params.find(
        ({ name, default: fallback }) =>
            fallback === 0 &&
            card.outputs.some((each) => each.kind === 'frames' && each.optional && each.name === name),
    )?.name;
/** Enough to see something grow. */
const usualFrames = 40;

/** The parameters, and as many pictures of the way as one can look through, where the method keeps some when told. */
export function withGrowth(card: MethodCard, params: Params): Params {
    const name = growthParam(card);
    return name === undefined || name in params ? params : { ...params, [name]: usualFrames };
}

/** What an answer holds beside the first output and the numbers, which have places of their own. */
export const furtherItems = (card: MethodCard, explanation: Explanation): Joined[] =>
    joined(givenBy(card, explanation)).filter(({ output }) => output !== mainOutput(card) && output.kind !== 'scalar');

/** The maps of an answer beside the one that was asked for. */
export function furtherMaps(card: MethodCard, explanation: Explanation): { output: Output; image: Image }[] {
    return furtherItems(card, explanation)
        .filter(({ output }) => output.kind === 'map')
        .map(({ output, item }) => ({ output, image: item as Image }));
}

/** The numbers of an answer's first sample. */
export function numbersOf(card: MethodCard, explanation: Explanation): { output: Output; value: number }[] {
    return givenBy(card, explanation)
        .filter(({ output }) => output.kind === 'scalar')
        .map(({ output, item }) => ({ output, value: (item as number[])[0] ?? NaN }));
}

/** The number of that unit, such as the class that an attack leads to; undefined where the method tells none. */
export const numberIn = (unit: string, card: MethodCard, explanation: Explanation): number | undefined =>
    numbersOf(card, explanation).find(({ output }) => output.unit === unit)?.value;

/** Of colour images the mean, of maps the sum of the channels; more channels than colours are pictures of their own. */
const colours = 4;

/** Whether an image is several pictures: of samples, or of more channels than colours have. */
export const isSeveral = ({ samples = 1, channels }: Image): boolean => samples > 1 || channels > colours;

/** The map that is shown large, of one sample and one channel; null where a method gives no map. */
export function mainMap(card: MethodCard, explanation: Explanation): Image | null {
    if (!givesMap(card)) return null;
    const { map } = explanation;
    return (map.samples ?? 1) > 1 || map.channels > 1 ? (pictures(map, mainKind(card))[0] ?? null) : map;
}

/** The single-channel pictures that an image consists of: samples one after another, channels side by side. */
export function pictures(image: Image, kind: MapKind): Image[] {
    const { data, height, width, channels } = image;
    const samples = image.samples ?? 1;
    const size = height * width;
    // A vector is a rectangle of units.
    if (size === 1 && channels > colours) {
        let rows = Math.floor(Math.sqrt(channels));
        while (channels % rows !== 0) rows--;
        return Array.from({ length: samples }, (_, n) => ({
            data: data.slice(n * channels, (n + 1) * channels),
            height: rows,
            width: channels / rows,
            channels: 1,
        }));
    }
    const together = channels <= colours;
    const factor = kind === 'image' ? 1 / channels : 1;
    const found: Image[] = [];
    for (let n = 0; n < samples; n++) {
        for (let c = 0; c < (together ? 1 : channels); c++) {
            const one = new Float32Array(size);
            for (let at = 0; at < size; at++) {
                const from = (n * size + at) * channels;
                if (!together) one[at] = data[from + c] ?? 0;
                else for (let k = 0; k < channels; k++) one[at]! += factor * (data[from + k] ?? 0);
            }
            found.push({ data: one, height, width, channels: 1 });
        }
    }
    return found;
}
