/**
 * What is looked at: drawing × model (and what was changed in it) × target × lens × room. Lens (a method with its
 * parameters) and room are the address's fragment (route.ts); drawing, model, target and what is set in the rooms
 * (room-settings.ts) are its query, so that a link opens the very same thing elsewhere, and a reload keeps it. The
 * address follows the state; the state is read from the address once, when the page opens.
 */
import { changes, changesFromText, changesToText } from './changes.ts';
import { drawingFromText, drawingToText } from './drawing-text.ts';
import { sheet } from './drawing.ts';
import { chooseModel, chosenModel } from './engine.ts';
import { isModel, lastingId, standardModel } from './models.ts';
import { isSettingName, settingsChanged, settingTexts } from './room-settings.ts';
import { recallHere } from './settings.ts';
import { target, type TargetChoice } from './target.ts';
import { trayFromText, trayToText, tray } from './tray.ts';

/** Browsers refuse addresses that change more than some hundred times in half a minute. */
const restMs = 300;
const names = ['model', 'why', 'not', 'part', 'drawing', 'compare', 'without'] as const;

const digit = (text: string | null): number | null => (text !== null && /^\d$/.test(text) ? Number(text) : null);

function readTarget(query: URLSearchParams): TargetChoice {
    const [why, not] = [digit(query.get('why')), digit(query.get('not'))];
    const part = query.get('part');
    return {
        digit: why,
        rather: why === null || not === why ? null : not,
        part: part !== null && /^(neuron|channel|norm):[\w./,-]{1,80}$/.test(part) ? part : null,
    };
}

/** The query that tells the state; empty at the beginning. */
export function queryOfState(): string {
    const query = new URLSearchParams(location.search);
    for (const name of [...query.keys()].filter(isSettingName)) query.delete(name);
    for (const name of names) query.delete(name);
    const { digit: why, rather, part } = target.value;
    const values: Record<(typeof names)[number], string> = {
        model: lastingId(chosenModel.value) === standardModel ? '' : lastingId(chosenModel.value),
        why: why === null ? '' : String(why),
        not: rather === null ? '' : String(rather),
        part: part ?? '',
        drawing: sheet.ghost ? '' : drawingToText(sheet.strokes),
        compare: trayToText(tray.value),
        without: changesToText(changes.value),
    };
    for (const name of names) if (values[name] !== '') query.set(name, values[name]);
    for (const [name, text] of settingTexts()) query.set(name, text);
    const text = query.toString();
    return text === '' ? '' : `?${text}`;
}

/** Everything that is looked at, as an address. */
export const linkOfState = (): string =>
    new URL(`${location.pathname}${queryOfState()}${location.hash}`, location.href).href;

let timer: ReturnType<typeof setTimeout> | undefined;
function write(): void {
    clearTimeout(timer);
    const query = queryOfState();
    if (query !== location.search)
        history.replaceState(history.state, '', `${location.pathname}${query}${location.hash}`);
}
function follow(): void {
    clearTimeout(timer);
    timer = setTimeout(write, restMs);
}

/** A reload opens the address of the moment before: what was drawn in that moment, only this tab knows. */
function keptByReload(): boolean {
    const [opened] = performance.getEntriesByType('navigation') as PerformanceNavigationTiming[];
    return opened?.type === 'reload' && recallHere('drawing') !== undefined;
}

/** Takes over what the address says; the drawing that this tab had is finer, where it is the same. */
function readAddress(): void {
    const query = new URLSearchParams(location.search);
    target.value = readTarget(query);
    const model = query.get('model');
    if (isModel(model)) void chooseModel(model);
    const text = query.get('drawing');
    const strokes =
        text === null || text === drawingToText(sheet.strokes) || keptByReload() ? null : drawingFromText(text);
    if (strokes) sheet.strokes = strokes;
    changes.value = changesFromText(query.get('without') ?? '');
    const slots = trayFromText(query.get('compare') ?? '');
    if (slots.length > 0) tray.value = slots;
}

readAddress();
sheet.version.subscribe(follow);
target.subscribe(follow);
chosenModel.subscribe(follow);
tray.subscribe(follow);
changes.subscribe(follow);
settingsChanged.subscribe(follow);
// Steps back lead to other rooms, not to other drawings.
addEventListener('popstate', write);
addEventListener('pagehide', write);
