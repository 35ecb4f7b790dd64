import type { Explanation, Image, MapKind, MethodCard, Output } from 'pellucid';

/** What the picture is that a method is asked for. */
export const mainKind = (card: MethodCard): MapKind => card.outputs[0]?.map ?? 'signed';

/** The maps of an answer beside the one that was asked for, with what the card says of them. */
export function furtherMaps(card: MethodCard, { outputs }: Explanation): { output: Output; image: Image }[] {
    return card.outputs.slice(1)
        .filter(({ kind, name }) => kind === 'map' && name in outputs)
        .map((output) => ({ output, image: outputs[output.name] as Image }));
}

/** The numbers of an answer's first sample, with what the card says of them. */
export function numbersOf(card: MethodCard, { outputs }: Explanation): { output: Output; value: number }[] {
    return card.outputs
        .filter(({ kind, name }) => kind === 'scalar' && name in outputs)
        .map((output) => ({ output, value: (outputs[output.name] as number[])[0] ?? NaN }));
}

/** The number of that unit, such as the class that an attack leads to; undefined where the method tells none. */
export const numberIn = (unit: string, card: MethodCard, explanation: Explanation): number | undefined =>
    numbersOf(card, explanation).find(({ output }) => output.unit === unit)?.value;
