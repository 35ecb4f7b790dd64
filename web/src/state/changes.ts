/**
 * What was changed in the network by hand: units that are switched off, scaled or disturbed. The changed network takes
 * the page's place of the one that was chosen, so that the answer and every map are its own; slots of the comparison
 * that name a network keep that one whole.
 */
import type { Model } from 'pellucid';
import { chosenModel, modelOf, phase, reason } from './engine.ts';
import { runs } from './run.ts';
import { Signal } from './signal.ts';

/** Of some units of a layer, as the package's without() names them: "3", "3,4,4", "all". */
export interface Change {
    layer: string;
    units: string;
    /** What the activity is multiplied by. */
    factor: number;
    /** Deviation of the noise that is added, in the activity's own unit. */
    noise: number;
}

export const changes = new Signal<readonly Change[]>([]);
/** Why what was asked for could not be done. */
export const changesFailure = new Signal('');

const rounded = (value: number): number => Number(value.toPrecision(4));
export const changeText = ({ layer, units, factor, noise }: Change): string =>
    `${layer}/${units}*${rounded(factor)}${noise > 0 ? `~${rounded(noise)}` : ''}`;
export const changesToText = (list: readonly Change[]): string => list.map(changeText).join('|');

const longest = 4000;
export function changesFromText(text: string): Change[] {
    if (text.length > longest) return [];
    return text.split('|').flatMap((part): Change[] => {
        const [, layer = '', units = '', factor = '', , noise = '0'] =
            /^([^|]+)\/([\d;,]+|all)\*([\d.]+)(~([\d.]+))?$/.exec(part) ?? [];
        const change = { layer, units, factor: Number(factor), noise: Number(noise) };
        return layer !== '' && Number.isFinite(change.factor + change.noise) ? [change] : [];
    });
}

const same = (a: Pick<Change, 'layer' | 'units'>, b: Pick<Change, 'layer' | 'units'>): boolean =>
    a.layer === b.layer && a.units === b.units;
export const changeOf = (layer: string, units: string): Change =>
    changes.value.find((each) => same(each, { layer, units })) ?? { layer, units, factor: 1, noise: 0 };

/** Instead of what was changed in these units before; a change of nothing is none. */
export function setChange(change: Change): void {
    const others = changes.value.filter((each) => !same(each, change));
    const none = change.factor === 1 && change.noise === 0;
    const at = changes.value.findIndex((each) => same(each, change));
    // In its place, so that a list of them does not jump.
    changes.value = none
        ? others
        : at < 0
          ? [...others, change]
          : changes.value.map((each, index) => (index === at ? change : each));
}
export const mend = (): void => {
    changes.value = [];
};

/** The networks that were made of changes; the page may still ask the last few, and runs go on with theirs. */
const made: Model[] = [];
const kept = 6;
const changed = new WeakSet<Model>();
export const isChanged = (model: Model): boolean => changed.has(model);

let asked = 0;
let working: Promise<void> = Promise.resolve();
/** What the page's network is made of now: network and changes. */
let shown = '';
const wanted = (): string => `${chosenModel.value} ${changesToText(changes.value)}`;

async function work(number: number): Promise<void> {
    if (number !== asked || phase.value.name !== 'ready' || wanted() === shown) return;
    const { modelId } = phase.value;
    if (modelId !== chosenModel.value) return;
    const name = wanted();
    try {
        const whole = await modelOf(modelId);
        const model = changes.value.length === 0 ? whole : await whole.without(changes.value.map(changeText));
        if (model !== whole) {
            made.push(model);
            changed.add(model);
        }
        // After a failure nothing is changed, and it is still told why.
        if (changes.value.length > 0) changesFailure.value = '';
        shown = name;
        if (phase.value.name === 'ready' && phase.value.modelId === modelId && phase.value.model !== model)
            phase.value = { ...phase.value, model };
        retire();
    } catch (error) {
        changesFailure.value = `That could not be changed: ${reason(error)}.`;
        changes.value = [];
    }
}

function retire(): void {
    const idle = made.filter((model) => !runs.value.some((run) => run.active && run.order.model === model));
    for (const model of idle.slice(0, Math.max(0, made.length - kept))) {
        made.splice(made.indexOf(model), 1);
        model.dispose();
    }
}

function apply(): void {
    const number = ++asked;
    working = working.then(() => work(number));
}

/** The network that the page shows, changed or not, as soon as all changes are made. */
export async function pageModel(): Promise<Model> {
    await working;
    return phase.value.name === 'ready' && phase.value.modelId === chosenModel.value
        ? phase.value.model
        : modelOf(chosenModel.value);
}

changes.subscribe(apply);
let before = chosenModel.value;
// Layers of one network are none of another.
chosenModel.subscribe((id) => {
    if (id !== before && phase.value.name === 'ready') changes.value = [];
    before = id;
});
phase.subscribe(() => {
    if (phase.value.name === 'ready' && wanted() !== shown) apply();
});
