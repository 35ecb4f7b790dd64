/**
 * What is set in the rooms: which attack, how much noise, where a slider stands. Each setting has a name,
 * "fool.attack", under which the address's query tells it (store.ts) where it differs from the standard. So a link, or
 * a reload, opens the room as it was. Rooms are loaded when they are entered, and their settings with them: until then
 * the address keeps what it said.
 */
import type { ReactiveElement } from 'lit';
import type { Params } from 'pellucid';
import { Signal } from './signal.ts';
import { parse } from './tray.ts';
import { viewKey, type View } from './views.ts';

type Name = `${string}.${string}`;
export const isSettingName = (name: string): name is Name => /^[a-z]+\.[a-z]+$/.test(name);

/** How a setting is written; what is no writing of one reads as undefined. */
export interface Writing<T> {
    read(text: string): T | undefined;
    write(value: T): string;
}

const longest = 2000;
/** What the address says, by name. */
const texts = new Map(
    [...new URLSearchParams(location.search)].filter(([name, text]) => isSettingName(name) && text.length <= longest),
);
/** Counts whatever changes. */
export const settingsChanged = new Signal(0);
/** Names and texts of all settings that differ from the standard, in an order of their own. */
export const settingTexts = (): [string, string][] => [...texts].sort(([a], [b]) => (a < b ? -1 : 1));

export function setting<T>(name: Name, standard: T, writing: Writing<T>): Signal<T> {
    const usual = writing.write(standard);
    const text = texts.get(name);
    const told = text === undefined ? undefined : writing.read(text);
    if (told === undefined) texts.delete(name);
    const signal = new Signal<T>(told === undefined ? standard : told);
    signal.subscribe((value) => {
        const now = writing.write(value);
        if (now === usual || now.length > longest) texts.delete(name);
        else texts.set(name, now);
        settingsChanged.value++;
    });
    return signal;
}

/** Makes a property of an element such a setting: it is the same in every element of the class, and outlives them. */
export function inAddress<T>(name: Name, standard: T, writing: Writing<T>) {
    const signal = setting(name, standard, writing);
    return (prototype: ReactiveElement, property: string): void => {
        Object.defineProperty(prototype, property, {
            get: () => signal.value,
            set: (value: T) => {
                signal.value = value;
            },
            configurable: true,
        });
        (prototype.constructor as typeof ReactiveElement).addInitializer((element) => {
            let end = () => {};
            element.addController({
                hostConnected: () => {
                    let before = signal.value;
                    end = signal.subscribe((value) => {
                        element.requestUpdate(property, before);
                        before = value;
                    });
                },
                hostDisconnected: () => end(),
            });
        });
    };
}

export const oneOf = <T extends string>(choices: readonly T[]): Writing<T> => ({
    read: (text) => choices.find((choice) => choice === text),
    write: (value) => value,
});
/** Any name of a method, a layer or a column that only the room can check. */
export const word: Writing<string> = {
    read: (text) => (/^[\w./ :=,-]*$/.test(text) ? text : undefined),
    write: (value) => value,
};
export const yes: Writing<boolean> = {
    read: (text) => (text === '1' ? true : text === '0' ? false : undefined),
    write: (value) => (value ? '1' : '0'),
};
const numberIn = (text: string, least: number, most: number): number | undefined =>
    /^[\d.eE+-]+$/.test(text) && Number(text) >= least && Number(text) <= most ? Number(text) : undefined;
const rounded = (value: number): string => String(Number(value.toPrecision(4)));

export const amount = (least: number, most: number): Writing<number> => ({
    read: (text) => numberIn(text, least, most),
    write: rounded,
});
export const amountOrNone = (least: number, most: number): Writing<number | null> => ({
    read: (text) => (text === 'none' ? null : numberIn(text, least, most)),
    write: (value) => (value === null ? 'none' : rounded(value)),
});
export const count = (most = 1e6, least = 0): Writing<number> => ({
    read: (text) => (/^\d+$/.test(text) ? numberIn(text, least, most) : undefined),
    write: String,
});
export const digitOrAny: Writing<number | null> = {
    read: (text) => (text === 'any' ? null : /^\d$/.test(text) ? Number(text) : undefined),
    write: (value) => (value === null ? 'any' : String(value)),
};
export const digit: Writing<number> = {
    read: (text) => (/^\d$/.test(text) ? Number(text) : undefined),
    write: String,
};
export const digits = (length: number): Writing<readonly number[]> => ({
    read: (text) => (/^\d+$/.test(text) && text.length === length ? Array.from(text, Number) : undefined),
    write: (value) => value.join(''),
});

const paramsIn = (query: string): Params =>
    Object.fromEntries(Array.from(new URLSearchParams(query), ([name, value]) => [name, parse(value)]));
/** "l2=0.1&tv=2" */
export const params: Writing<Params> = {
    read: paramsIn,
    write: (value) => viewKey({ method: '', params: value }).slice(1),
};
const viewIn = (text: string): View | undefined => {
    const [method = '', query = ''] = text.split('?');
    return /^\w{1,60}$/.test(method) ? { method, params: paramsIn(query) } : undefined;
};
/** "rise?samples=500" */
export const view: Writing<View> = { read: viewIn, write: viewKey };
export const views: Writing<readonly View[]> = {
    read: (text) => text.split('|').flatMap((each) => viewIn(each) ?? []),
    write: (value) => value.map(viewKey).join('|'),
};

const sextets = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
/** Zeros and ones, six to a sign; null where all are one. */
export const bits = (length: number): Writing<Float32Array | null> => ({
    read: (text) => {
        if (text === 'all') return null;
        if (!/^[\w-]+$/.test(text) || text.length !== Math.ceil(length / 6)) return undefined;
        return Float32Array.from({ length }, (_, i) => (sextets.indexOf(text[Math.floor(i / 6)]!) >> (i % 6)) & 1);
    },
    write: (value) =>
        value === null
            ? 'all'
            : Array.from({ length: Math.ceil(value.length / 6) }, (_, part) =>
                  [0, 1, 2, 3, 4, 5].reduce((sum, i) => sum + ((value[6 * part + i] ?? 0) > 0 ? 1 << i : 0), 0),
              )
                  .map((sum) => sextets[sum])
                  .join(''),
});
