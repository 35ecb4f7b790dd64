import type { MethodCard, ParamCard, Params } from 'pellucid';
import { Signal } from './signal.ts';
import { keep, recall } from './settings.ts';
import { givesMap } from '../core/items.ts';
import { choiceWords, words } from '../core/words.ts';
import { firstViews } from '../rooms/why/first.ts';

/** A method with those of its parameters that differ from the card's defaults. */
export interface View {
    method: string;
    params: Params;
}

export const sameView = (a: View, b: View): boolean => viewKey(a) === viewKey(b);

export function viewKey({ method, params }: View): string {
    const entries = Object.entries(params).sort(([a], [b]) => (a < b ? -1 : 1));
    return entries.length === 0
        ? method
        : `${method}?${entries.map(([name, value]) => `${name}=${String(value)}`).join('&')}`;
}

/** Without the parameters that are at their defaults, or that the card does not know. */
export function reduced(view: View, card: MethodCard): View {
    const params: Params = {};
    for (const param of card.params) {
        // Links made before a parameter got its name still say what they said.
        const value =
            view.params[param.name] ?? (param.formerly === undefined ? undefined : view.params[param.formerly]);
        if (value !== undefined && value !== param.default) params[param.name] = value;
    }
    return { method: view.method, params };
}

/** Long titles are known by their initials, which is what such an id is. */
export const shortTitle = (card: MethodCard): string =>
    card.title.length > 24 && card.id.length <= 4 ? card.id.toUpperCase() : card.title;

/**
 * "epsilon 0.3, l2": what differs from the defaults, and what sets a method's variants apart. A choice is known by its
 * value.
 */
export function settingWords({ method, params }: View, card: MethodCard | undefined): string {
    const apart = Object.keys(Object.assign({}, ...variants(method)) as Params);
    return (card?.params ?? [])
        .filter(({ name }) => name in params || apart.includes(name))
        .map(({ name, type, default: fallback }) => {
            const value = String(params[name] ?? fallback);
            return type === 'choice' ? choiceWords(value) : `${words(name)} ${words(value)}`;
        })
        .join(', ');
}

const [large, ...tiles] = firstViews;
/** Two settings of one method may be worth a tile each. */
function variants(method: string): Params[] {
    const own = firstViews.filter((view) => view.method === method).map(({ params }) => params);
    return own.length > 0 ? own : [{}];
}

/** Whether the package has the method, its parameters and their choices. */
const isKnown = ({ method, params }: View, cards: ReadonlyMap<string, MethodCard>): boolean =>
    cards.has(method) &&
    Object.entries(params).every(([name, value]) =>
        cards
            .get(method)
            ?.params.some(
                (param: ParamCard) => param.name === name && (param.choices?.includes(String(value)) ?? true),
            ),
    );

/** The tiles that the page starts with; the others are a press away. */
export const standardViews = (cards: ReadonlyMap<string, MethodCard>): View[] =>
    tiles.filter((view) => isKnown(view, cards));

/** Every method, once or in its variants: first those that the page starts with, then the package's order. */
export function everyView(cards: ReadonlyMap<string, MethodCard>): View[] {
    const ids = new Set([...tiles.map(({ method }) => method), ...cards.keys()]);
    return [...ids].flatMap((method) =>
        variants(method)
            .map((params) => ({ method, params }))
            .filter((view) => isKnown(view, cards)),
    );
}

interface Arrangement {
    /** null: the standard selection. */
    shown: View[] | null;
    /** What is shown large; null: the first tile. */
    large: View | null;
}

export const arrangement = new Signal<Arrangement>(recalled());

function isView(value: unknown): value is View {
    if (typeof value !== 'object' || value === null) return false;
    const { method, params } = value as Partial<Record<keyof View, unknown>>;
    return (
        typeof method === 'string' &&
        typeof params === 'object' &&
        params !== null &&
        Object.values(params).every((param) => ['number', 'boolean', 'string'].includes(typeof param))
    );
}

function recalled(): Arrangement {
    const kept = recall('tiles');
    const { shown, large } =
        typeof kept === 'object' && kept !== null ? (kept as Partial<Record<keyof Arrangement, unknown>>) : {};
    return {
        shown: Array.isArray(shown) ? shown.filter(isView) : null,
        large: isView(large) ? large : null,
    };
}

function arrange(patch: Partial<Arrangement>): void {
    arrangement.value = { ...arrangement.value, ...patch };
    keep('tiles', arrangement.value);
}

/** The families of methods, in the package's order, with the words that say what they have in common. */
export function families(
    cards: ReadonlyMap<string, MethodCard>,
): { family: string; title: string; cards: MethodCard[] }[] {
    const names = [...new Set([...cards.values()].map(({ family }) => family))];
    return names.map((family) => ({
        family,
        title: familyTitles[family] ?? words(family),
        cards: [...cards.values()].filter((card) => card.family === family),
    }));
}
const familyTitles: Record<string, string> = {
    attribution: 'Gradients: what would change the answer',
    relevance: 'Relevance: how the score is divided up',
    perturbation: 'Perturbation: what happens when parts are missing',
    inside: 'Inside: what the layers see',
    activation: 'Inside: what the layers see',
    imagine: 'Imagined: what the network would like to see',
    synthesis: 'Imagined: what the network would like to see',
    adversarial: 'Attacks: how little it takes to fool it',
    judging: 'Judging: is an explanation any good?',
    evaluation: 'Judging: is an explanation any good?',
    data: 'The data: what it was taught with',
};

/** The tiles. Methods that the package does not have (any more) are left out. */
export function shownViews(cards: ReadonlyMap<string, MethodCard>): View[] {
    return (arrangement.value.shown ?? standardViews(cards)).filter((view) => cards.has(view.method));
}

export function largeView(cards: ReadonlyMap<string, MethodCard>): View | undefined {
    const chosen = arrangement.value.large;
    const fits = ({ method }: View) => {
        const card = cards.get(method);
        return card !== undefined && givesMap(card) && card.pace !== 'asked';
    };
    if (chosen && fits(chosen)) return chosen;
    return large && isKnown(large, cards) ? large : everyView(cards).find(fits);
}

export function setShown(view: View, wanted: boolean, cards: ReadonlyMap<string, MethodCard>): void {
    const others = (arrangement.value.shown ?? standardViews(cards)).filter((other) => !sameView(other, view));
    arrange({ shown: wanted ? [...others, view] : others });
}

export const showLarge = (view: View): void => arrange({ large: view });
export const showEvery = (cards: ReadonlyMap<string, MethodCard>): void => arrange({ shown: everyView(cards) });
export const showStandard = (): void => arrange({ shown: null });
