import { Signal } from './signal.ts';

export interface Settings {
    theme: 'auto' | 'light' | 'dark';
    palette: 'rdbu' | 'puor';
    /** Plus and minus signs on the maps, so that colour is not the only carrier. */
    marks: boolean;
    /** Each map to its own largest value, or all to the largest of all. */
    scale: 'own' | 'shared';
    /** Pixels of the maps as they are, or interpolated. */
    smooth: boolean;
}

const standard: Settings = { theme: 'auto', palette: 'rdbu', marks: false, scale: 'own', smooth: false };
const prefix = 'pellucid.';

/** What was kept under a key; undefined where storage is refused, empty or damaged. */
export const recall = (key: string): unknown => read(() => localStorage, key);
export const keep = (key: string, value: unknown): void => write(() => localStorage, key, value);
/** The same for this tab only: it outlives a reload, and ends with the tab. */
export const recallHere = (key: string): unknown => read(() => sessionStorage, key);
export const keepHere = (key: string, value: unknown): void => write(() => sessionStorage, key, value);

function read(storage: () => Storage, key: string): unknown {
    try {
        const text = storage().getItem(prefix + key);
        return text === null ? undefined : JSON.parse(text);
    } catch {
        return undefined;
    }
}

function write(storage: () => Storage, key: string, value: unknown): void {
    try {
        storage().setItem(prefix + key, JSON.stringify(value));
    } catch {
        // Private windows and full disks refuse; the choice then holds until the page is closed.
    }
}

function recalled(): Settings {
    const kept = recall('settings');
    const found = typeof kept === 'object' && kept !== null ? (kept as Partial<Record<keyof Settings, unknown>>) : {};
    const oneOf = <T extends string>(value: unknown, choices: readonly T[], fallback: T): T =>
        choices.find((choice) => choice === value) ?? fallback;
    return {
        theme: oneOf(found.theme, ['auto', 'light', 'dark'], standard.theme),
        palette: oneOf(found.palette, ['rdbu', 'puor'], standard.palette),
        marks: found.marks === true,
        scale: oneOf(found.scale, ['own', 'shared'], standard.scale),
        smooth: found.smooth === true,
    };
}

export const settings = new Signal<Settings>(recalled());

export function change(patch: Partial<Settings>): void {
    settings.value = { ...settings.value, ...patch };
    keep('settings', settings.value);
}

const systemDark = matchMedia('(prefers-color-scheme: dark)');
/** What theme and palette come to now; maps paint themselves anew when it changes. */
export const appearance = new Signal(describeAppearance());

function describeAppearance(): string {
    const { theme, palette } = settings.value;
    const dark = theme === 'dark' || (theme === 'auto' && systemDark.matches);
    return `${dark ? 'dark' : 'light'} ${palette}`;
}

function apply(): void {
    const root = document.documentElement;
    if (settings.value.theme === 'auto') delete root.dataset['theme'];
    else root.dataset['theme'] = settings.value.theme;
    root.dataset['palette'] = settings.value.palette;
    appearance.value = describeAppearance();
}
settings.subscribe(apply);
systemDark.addEventListener('change', apply);
apply();

const stillness = matchMedia('(prefers-reduced-motion: reduce)');
export const reducedMotion = (): boolean => stillness.matches;
