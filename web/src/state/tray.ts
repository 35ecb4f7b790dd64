import type { MethodCard, TargetText } from 'pellucid';
import { drawingFromText } from './drawing-text.ts';
import { isModel, lastingId } from './models.ts';
import { keep, recall } from './settings.ts';
import { Signal } from './signal.ts';
import { viewKey, type View } from './views.ts';

/** One place of the comparison. What is null follows the page. */
export interface Slot {
    view: View;
    target: TargetText | null;
    model: string | null;
    /** A drawing of its own, as text (drawing-text.ts). */
    drawing: string | null;
}

export const mostSlots = 4;

const slotKey = ({ view, target, model, drawing }: Slot): string =>
    [viewKey(view), target ?? '', model ?? '', drawing ?? ''].join(' ');

/** Slots as text for addresses: "method?a=1&b=2;target;model;drawing", joined by bars. */
export const trayToText = (slots: readonly Slot[]): string =>
    slots
        .map(({ view, target, model, drawing }) =>
            [viewKey(view), target ?? '', model === null ? '' : lastingId(model), drawing ?? '']
                .map(encodeURIComponent)
                .join(';'),
        )
        .join('|');

export function trayFromText(text: string): Slot[] {
    if (text === '' || text.length > 12000) return [];
    return text
        .split('|')
        .slice(0, mostSlots)
        .flatMap((part): Slot[] => {
            try {
                const [lens = '', target = '', model = '', drawing = ''] = part.split(';').map(decodeURIComponent);
                const [method = '', query = ''] = lens.split('?');
                if (!/^\w{1,60}$/.test(method)) return [];
                const params = Object.fromEntries(
                    Array.from(new URLSearchParams(query), ([name, value]) => [name, parse(value)]),
                );
                return [
                    {
                        view: { method, params },
                        target: target === '' ? null : target,
                        model: isModel(model) ? model : null,
                        drawing: drawing !== '' && drawingFromText(drawing) ? drawing : null,
                    },
                ];
            } catch {
                return []; // no escape
            }
        });
}

export function parse(text: string): number | boolean | string {
    if (text === 'true' || text === 'false') return text === 'true';
    return text !== '' && Number.isFinite(Number(text)) ? Number(text) : text;
}

const kept: unknown = recall('tray');
export const tray = new Signal<readonly Slot[]>(typeof kept === 'string' ? trayFromText(kept) : []);
tray.subscribe((slots) => keep('tray', trayToText(slots)));

/** Those whose methods this package has. */
export const usable = (slots: readonly Slot[], cards: ReadonlyMap<string, MethodCard>): Slot[] =>
    slots.filter(({ view }) => cards.has(view.method));

export const inTray = (view: View): boolean => tray.value.some((slot) => viewKey(slot.view) === viewKey(view));

/** Puts something into the comparison; where that is full, the last one makes room. */
export function addSlot(slot: Partial<Slot> & { view: View }): void {
    const full: Slot = { target: null, model: null, drawing: null, ...slot };
    tray.value = [...tray.value.slice(0, mostSlots - 1), full];
}
export function changeSlot(index: number, patch: Partial<Slot>): void {
    tray.value = tray.value.map((slot, at) => (at === index ? { ...slot, ...patch } : slot));
}
export function removeSlot(index: number): void {
    tray.value = tray.value.filter((_, at) => at !== index);
}
/** In where it is not, out where it is. */
export function toggleSlot(view: View): void {
    const index = tray.value.findIndex((slot) => viewKey(slot.view) === viewKey(view));
    if (index >= 0) removeSlot(index);
    else addSlot({ view });
}
export const slotsKey = (slots: readonly Slot[]): string => slots.map(slotKey).join('|');
