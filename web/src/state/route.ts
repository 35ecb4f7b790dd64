import type { Params } from 'pellucid';
import { Signal } from './signal.ts';

/** What stands beside the board. It lives in the address, so that every view can be linked to. */
export type Route =
    | { room: 'why' | 'fool' | 'input' }
    | { room: 'method'; method: string; params: Params };

function read(hash: string): Route {
    const [path = '', query = ''] = hash.replace(/^#\/?/, '').split('?');
    const [room, method] = path.split('/').map(decoded);
    if (room === 'method' && method) {
        const params: Params = {};
        for (const [name, text] of new URLSearchParams(query)) params[name] = parse(text);
        return { room: 'method', method, params };
    }
    return { room: room === 'fool' || room === 'input' ? room : 'why' };
}

/** An address that somebody typed may hold what is no escape, such as a bare %: then it stands for itself. */
function decoded(text: string): string {
    try {
        return decodeURIComponent(text);
    } catch {
        return text;
    }
}

function parse(text: string): number | boolean | string {
    if (text === 'true' || text === 'false') return text === 'true';
    return text !== '' && Number.isFinite(Number(text)) ? Number(text) : text;
}

export function address(to: Route): string {
    if (to.room !== 'method') return `#/${to.room}`;
    const query = new URLSearchParams(Object.entries(to.params).map(([name, value]) => [name, String(value)])).toString();
    return `#/method/${encodeURIComponent(to.method)}${query ? `?${query}` : ''}`;
}

export const route = new Signal<Route>(read(location.hash));
addEventListener('hashchange', () => {
    route.value = read(location.hash);
});

export function go(to: Route): void {
    location.hash = address(to);
}

/** The same room with other parameters: no step for the browser's back button. */
export function amend(to: Route): void {
    history.replaceState(null, '', address(to));
    route.value = to;
}
