import type { Params } from 'pellucid';
import { isRoom } from '../rooms/index.ts';
import { Signal } from './signal.ts';
import { parse } from './tray.ts';

/** A method in full. */
export interface MethodRoute {
    room: string;
    method: string;
    params: Params;
}
/** What stands beside the board. It lives in the address, so that every view can be linked to. */
export type Route = MethodRoute | RoomRoute;
export interface RoomRoute {
    room: string;
    /** A channel or unit that the room shows (core/unit.ts): "relu2/3,4,4". */
    unit?: string;
    method?: undefined;
}

export const isMethod = (to: Route): to is MethodRoute => to.method !== undefined;

function read(hash: string): Route {
    const [path = '', query = ''] = hash.replace(/^#\/?/, '').split('?');
    const [room, method] = path.split('/').map(decoded);
    if (room === 'method' && method) {
        const params: Params = {};
        for (const [name, text] of new URLSearchParams(query)) params[name] = parse(text);
        return { room: 'method', method, params };
    }
    const unit = path.split('/').slice(1).map(decoded).join('/');
    return { room: isRoom(room) ? room : 'why', ...(unit && isRoom(room) && { unit }) };
}

/** An address that somebody typed may hold what is no escape, such as a bare %: then it stands for itself. */
function decoded(text: string): string {
    try {
        return decodeURIComponent(text);
    } catch {
        return text;
    }
}

/** Commas may stand in an address as they are. */
const encodedPart = (part: string): string => encodeURIComponent(part).replaceAll('%2C', ',');

export function address(to: Route): string {
    if (!isMethod(to)) return `#/${[to.room, ...(to.unit?.split('/') ?? [])].map(encodedPart).join('/')}`;
    const query = new URLSearchParams(
        Object.entries(to.params).map(([name, value]) => [name, String(value)]),
    ).toString();
    return `#/method/${encodeURIComponent(to.method)}${query ? `?${query}` : ''}`;
}

export const route = new Signal<Route>(read(location.hash));
let moved = false;
/**
 * Whether people came here from another view: then headings say so to screen readers. An opened address needs no focus.
 */
export const travelled = (): boolean => moved;
route.subscribe(() => (moved = true));
let last = location.hash;
function follow(): void {
    if (location.hash === last) return;
    last = location.hash;
    route.value = read(last);
}
// Steps back to an address with another query, which holds the drawing (store.ts), are no change of the fragment alone.
addEventListener('hashchange', follow);
addEventListener('popstate', follow);

export function go(to: Route): void {
    location.hash = address(to);
}

/** The same room with other parameters: no step for the browser's back button. */
export function amend(to: Route): void {
    history.replaceState(null, '', `${location.pathname}${location.search}${address(to)}`);
    last = location.hash;
    route.value = to;
}
