import type { TemplateResult } from 'lit';
import type { Given } from '../core/items.ts';
import type { Explanation, Image, Item, ItemKind, MethodCard, Output } from 'pellucid';

/** One named thing of an answer, and what it takes to show it. */
export interface ItemContext {
    card: MethodCard;
    output: Output;
    item: Item;
    explanation: Explanation;
    /** The network's input: a faint trace beneath maps of its size. */
    input: Image | null;
    /** What belongs into the same picture. */
    beside: readonly Given[];
    /** In a tile: the thing alone, without a caption. */
    small: boolean;
    /** Even there with what moves it, such as the slider through a sequence. */
    controls: boolean;
}

/** What a kind of output looks like: the contents of a figure. */
export interface ItemView {
    view(context: ItemContext): TemplateResult;
    /** What it says, for those who cannot see it. */
    describe(context: ItemContext): string;
    /** Takes the whole width of a list of figures. */
    wide?: boolean;
}

/** How each kind of output is shown, loaded when the first of its kind comes. */
export const views: Record<ItemKind, () => Promise<ItemView>> = {
    map: () => import('./map/view.ts'),
    series: () => import('./series/view.ts'),
    frames: () => import('./frames/view.ts'),
    scalar: () => import('./scalar/view.ts'),
    table: () => import('./table/view.ts'),
    scores: () => import('./scores/view.ts'),
};

const loaded = new Map<ItemKind, ItemView>();

/** The view of a kind: at once where it has come already. */
export function viewOf(kind: ItemKind, come: () => void): ItemView | null {
    const known = loaded.get(kind);
    if (known) return known;
    views[kind]?.().then(
        (view) => {
            loaded.set(kind, view);
            come();
        },
        (error: unknown) => console.error(error),
    );
    return null;
}
