import type { MethodCard, Model, Params } from 'pellucid';
import type { Way } from '../../state/task.ts';

/** Pictures, and what they are. */
export interface Labelled {
    images: Float32Array[];
    labels: number[];
}

/** As many are asked about at once: enough to be quick, few enough to be stopped soon. */
const chunk = 20;

/** What an attack makes of all of them, and what the network reads then; `tell` is told the share that is done. */
export async function attackAll(
    model: Model,
    attack: MethodCard,
    params: Params,
    { images, labels }: Labelled,
    { workers, way }: { workers: number; way: Way },
    tell: (done: number) => void,
): Promise<Labelled & { read: number[] }> {
    const changed: Float32Array[] = [];
    const read: number[] = [];
    let next = 0;
    let done = 0;
    const work = async () => {
        while (next < images.length) {
            const from = next;
            next += chunk;
            const some = images.slice(from, from + chunk);
            const one = some[0]!.length;
            const inputs = new Float32Array(one * some.length);
            some.forEach((image, n) => {
                inputs.set(image, n * one);
            });
            const answer = await model.explain(attack.id, inputs, {
                ...way,
                params,
                target: labels.slice(from, from + chunk).map((label) => `class:${label}`),
            });
            const answers = answer.outputs['predicted'] as number[];
            some.forEach((_, n) => {
                changed[from + n] = answer.map.data.slice(n * one, (n + 1) * one);
                read[from + n] = answers[n]!;
            });
            done += some.length;
            tell(done / images.length);
        }
    };
    await Promise.all(Array.from({ length: workers }, work));
    return { images: changed, labels: [...labels], read };
}

/** What a network reads in each of them. */
export const readAll = (model: Model, images: readonly Float32Array[]): Promise<number[]> =>
    Promise.all(images.map(async (image) => (await model.predict(image)).predicted));
