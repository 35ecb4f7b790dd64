/**
 * Adversarial retraining on the page: draw, attack, add, retrain, attack again. A round attacks the training drawings
 * with the newest network, adds what comes out under the right labels, trains a copy on all of it, and attacks the
 * copy. The person's drawings are few: built-in pen digits fill up the set, and others of them, which no training sees,
 * measure every network.
 */
import type { Image, MethodCard, Model, Params, Pellucid } from 'pellucid';
import { adopt, dismiss, modelOf, phase } from '../../state/engine.ts';
import { entryOf, lastingId } from '../../state/models.ts';
import { keepHere, recallHere } from '../../state/settings.ts';
import { Signal } from '../../state/signal.ts';
import { Task, tellElsewhere, type Way } from '../../state/task.ts';
import { tray } from '../../state/tray.ts';
import { attackParams } from './attacks.ts';
import { attackAll, readAll, type Labelled } from './attack-all.ts';
import { untilPenRests } from './pen-rests.ts';

/** A drawing of the person's, as the network gets it, and what it is. */
export interface Sample {
    image: Image;
    label: number;
}
/** What became of a drawing of the person's in a round. */
export interface Fate {
    attacked: Image;
    /** What the network before read in the attacked picture, what the new one does, and what in one against itself. */
    before: number;
    after: number;
    again: number;
}
/** A network of the sequence, and what it does with drawings that it has not seen, and with the person's. */
export interface Round {
    id: string;
    clean: number;
    held: number;
    own: { held: number; all: number };
    /** Of the round, and of the training alone; NaN for the network that all began with. */
    seconds: number;
    trained: number;
    pictures: number;
}
/** How it learns: from attacked copies that join the set, or by an attack in every step of the training. */
export type Lesson = 'added' | 'every';

export const counts = { train: 200, test: 100, samples: 12 };
const training = { epochs: 4, batch: 32, learningRate: 1e-3, steps: 5 };
/** A drawing counts so often that together they are not lost among the pen digits. */
const timesOf = (samples: number): number => Math.max(1, Math.min(8, Math.round(64 / Math.max(1, samples))));

export const samples = new Signal<readonly Sample[]>(recalled());
samples.subscribe((all) =>
    keepHere(
        'own-digits',
        all.map(({ image, label }) => ({
            label,
            width: image.width,
            ink: Array.from(image.data, (value) => Math.round(255 * value)),
        })),
    ),
);
/** Drawings that this tab had before a reload. */
function recalled(): Sample[] {
    const kept = recallHere('own-digits');
    if (!Array.isArray(kept)) return [];
    return kept.slice(0, counts.samples).flatMap((each: unknown): Sample[] => {
        const { label, width, ink } = (each ?? {}) as Partial<Record<'label' | 'width' | 'ink', unknown>>;
        if (typeof label !== 'number' || typeof width !== 'number' || !Array.isArray(ink) || width < 1) return [];
        const data = Float32Array.from(ink, (value: unknown) => Number(value) / 255);
        const sound = label >= 0 && label <= 9 && data.every((value) => value >= 0 && value <= 1);
        return sound && data.length % width === 0
            ? [{ label, image: { data, width, height: data.length / width, channels: 1 } }]
            : [];
    });
}

/** The sequence: the network that it began with, then those that were retrained. Empty before the first round. */
export const rounds = new Signal<readonly Round[]>([]);
export const fates = new Signal<ReadonlyMap<Sample, Fate>>(new Map());
/** The round that is under way, or was the last. */
export const going = new Signal<RoundTask | null>(null);
/** What all rounds of the sequence have in common, so that they can be compared. */
export interface Terms {
    attack: MethodCard;
    epsilon: number;
    lesson: Lesson;
}
export const terms = new Signal<Terms | null>(null);

/** Attacked pictures of the rounds so far. */
let added: Labelled = { images: [], labels: [] };
let sequence = 0;
let penDigits: Promise<Labelled> | undefined;

async function drawPenDigits(pellucid: Pellucid): Promise<Labelled> {
    const { train, test } = counts;
    const all = await Promise.all(
        Array.from({ length: Math.min(train + test, pellucid.penDigitCount) }, async (_, index) => {
            const { label, drawing } = await pellucid.penDigit(index);
            return { label, data: (await pellucid.normalise(drawing)).input.data };
        }),
    );
    return { images: all.map(({ data }) => data), labels: all.map(({ label }) => label) };
}
const part = ({ images, labels }: Labelled, from: number, to?: number): Labelled => ({
    images: images.slice(from, to),
    labels: labels.slice(from, to),
});
const joined = (...parts: Labelled[]): Labelled => ({
    images: parts.flatMap(({ images }) => images),
    labels: parts.flatMap(({ labels }) => labels),
});
const repeated = (set: Labelled, times: number): Labelled => joined(...Array.from({ length: times }, () => set));

/** What a round consists of, and which share of its time that takes, by experience. */
const stages = {
    prepare: { share: 0.05, words: 'gets the pen digits ready' },
    first: { share: 0.15, words: 'attacks the network as it is' },
    attack: { share: 0.25, words: 'attacks the drawings' },
    train: { share: 0.4, words: 'trains' },
    again: { share: 0.15, words: 'attacks again' },
};
type Stage = keyof typeof stages;

export class RoundTask extends Task {
    readonly base: string;
    stage: Stage = 'prepare';
    #within = 0;

    constructor(base: string) {
        super();
        this.base = base;
        this.begin((way) => this.#round(way));
    }

    override get progress(): number {
        if (this.state === 'done') return 1;
        let before = 0;
        for (const [name, { share }] of Object.entries(stages)) {
            if (name === this.stage) return before + share * this.#within;
            before += share;
        }
        return before;
    }
    get words(): string {
        return stages[this.stage].words;
    }
    #at(stage: Stage, within = 0): void {
        if (!this.active) return;
        this.stage = stage;
        this.#within = within;
        this.changed.value++;
    }

    async #round({ signal, hold }: Way): Promise<void> {
        const order = terms.value;
        if (phase.value.name !== 'ready' || !order) throw new Error('the program is not there yet');
        const { pellucid } = phase.value;
        // While somebody draws, the drawing's own answers come first.
        const way = { signal, hold: () => hold() ?? untilPenRests() };
        this.#at('prepare');
        penDigits ??= drawPenDigits(pellucid);
        penDigits.catch(() => (penDigits = undefined));
        const pens = await penDigits;
        signal.throwIfAborted();
        const mine = samples.value;
        const own: Labelled = { images: mine.map(({ image }) => image.data), labels: mine.map(({ label }) => label) };
        const others = part(pens, counts.train);
        const set = part(pens, 0, counts.train);
        const asked = { order, workers: pellucid.workers, way };
        if (rounds.value.length === 0) {
            const tell = (done: number) => this.#at('first', done);
            const model = await modelOf(this.base);
            const { round } = await measured({ ...asked, model, id: this.base, others, own, tell });
            signal.throwIfAborted();
            rounds.value = [round];
        }
        const last = rounds.value.at(-1)!;
        const model = await modelOf(last.id);

        this.#at('attack');
        const victims = order.lesson === 'added' ? joined(own, set) : own;
        const params = paramsOf(order);
        const attacked = await attackAll(model, order.attack, params, victims, asked, (done) =>
            this.#at('attack', done),
        );
        const times = timesOf(mine.length);
        const pictures = joined(
            set,
            repeated(own, times),
            added,
            repeated(part(attacked, 0, mine.length), times),
            part(attacked, mine.length),
        );
        this.#at('train');
        const { model: retrained, milliseconds } = await this.#train(model, pictures, order, way, pellucid);

        this.#at('again');
        const tell = (done: number) => this.#at('again', done);
        const id = `retrained-${sequence}-${rounds.value.length}`;
        const now = await measured({ ...asked, model: retrained, id, others, own, tell });
        const after = await readAll(retrained, attacked.images.slice(0, mine.length));
        if (!this.active) {
            retrained.dispose();
            return;
        }
        this.#take(retrained, now.round, { trained: milliseconds / 1000, pictures: pictures.labels.length });
        added = joined(added, repeated(part(attacked, 0, mine.length), times), part(attacked, mine.length));
        fates.value = new Map(
            mine.map((sample, n): [Sample, Fate] => [
                sample,
                {
                    attacked: { ...sample.image, data: attacked.images[n]! },
                    before: attacked.read[n]!,
                    after: after[n]!,
                    again: now.own[n]!,
                },
            ]),
        );
    }

    async #train(model: Model, set: Labelled, { epsilon, lesson }: Terms, { signal, hold }: Way, pellucid: Pellucid) {
        const one = set.images[0]!.length;
        const images = new Float32Array(one * set.images.length);
        set.images.forEach((image, n) => {
            images.set(image, n * one);
        });
        const run = await model.train(images, set.labels, {
            ...training,
            seed: rounds.value.length,
            defence: lesson === 'every' ? 'pgd' : 'none',
            epsilon,
            signal,
        });
        try {
            await run.run({ signal, hold, onProgress: ({ progress }) => this.#at('train', progress) });
            const { milliseconds } = run.progress;
            return { model: await pellucid.loadModel(await run.network()), milliseconds };
        } finally {
            run.dispose();
        }
    }

    /** From now on the page can ask the network, and choose it. */
    #take(model: Model, round: Round, more: Pick<Round, 'trained' | 'pictures'>): void {
        const { title, with: belongings } = entryOf(this.base);
        // What was made of the weights as they were is not of these.
        const { patterns: _, statistics: __, ...kept } = belongings;
        const number = rounds.value.length;
        const about = `${title}, retrained on this page in ${number} ${number === 1 ? 'round' : 'rounds'}.`;
        adopt(
            {
                id: round.id,
                title: `${title}, round ${number}`,
                about,
                file: '',
                with: kept,
                studies: {},
                base: this.base,
            },
            model,
        );
        rounds.value = [...rounds.value, { ...round, ...more, seconds: this.seconds }];
    }
}

interface Measuring {
    model: Model;
    id: string;
    order: Terms;
    others: Labelled;
    own: Labelled;
    workers: number;
    way: Way;
    tell: (done: number) => void;
}

/** What a network reads of drawings that it has not seen, as they are and attacked; of the person's: attacked. */
async function measured({ model, id, order, others, own, workers, way, tell }: Measuring) {
    const all = joined(own, others);
    const attacked = await attackAll(model, order.attack, paramsOf(order), all, { workers, way }, tell);
    const read = await readAll(model, others.images);
    const right = (answers: readonly number[], labels: readonly number[]) =>
        answers.filter((answer, n) => answer === labels[n]).length;
    const size = own.labels.length;
    const round: Round = {
        id,
        clean: right(read, others.labels),
        held: right(attacked.read.slice(size), others.labels),
        own: { held: right(attacked.read.slice(0, size), own.labels), all: size },
        seconds: NaN,
        trained: NaN,
        pictures: 0,
    };
    return { round, own: attacked.read.slice(0, size) };
}

/** Away from the right label, whatever to: that is what it is to learn. */
const paramsOf = ({ attack, epsilon }: Terms): Params => attackParams(attack, epsilon, null);

/** Another round of the sequence, or the first of a new one. */
export function nextRound(base: string, now: Terms): void {
    if (going.value?.active) return;
    if (rounds.value.length === 0) {
        sequence++;
        terms.value = now;
    }
    const first = rounds.value[0]?.id ?? base;
    const task = new RoundTask(first);
    going.value = task;
    tellElsewhere({ title: 'A network that learns from being fooled', room: 'fool', task });
}
/** Nothing was learned; the drawings stay. */
export async function beginAgain(): Promise<void> {
    going.value?.stop();
    going.value = null;
    const ids = rounds.value.slice(1).map(({ id }) => id);
    rounds.value = [];
    fates.value = new Map();
    added = { images: [], labels: [] };
    terms.value = null;
    tray.value = tray.value.map((slot) =>
        slot.model !== null && ids.includes(slot.model) ? { ...slot, model: lastingId(slot.model) } : slot,
    );
    await dismiss(ids);
}
