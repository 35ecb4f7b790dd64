/** What a value is, whatever realm (a frame, a test runner's sandbox) it was made in, and the words for it. */
import { PellucidError } from './errors.js';

export function refuse(message: string): never {
    throw new PellucidError('bad_argument', message);
}

/** 'Blob', 'Array', 'AbortSignal'; never throws. */
export function tagOf(value: unknown): string {
    try {
        return Object.prototype.toString.call(value).slice(8, -1);
    } catch {
        return 'Object';
    }
}

// The getter that typed arrays share: unlike instanceof it knows those of other realms, unlike a tag it cannot be
// forged.
const typedArray = Object.getPrototypeOf(Uint8Array.prototype) as object;
const typedTag = Object.getOwnPropertyDescriptor(typedArray, Symbol.toStringTag)!.get!;
const isFloats = (value: unknown): value is Float32Array => typedTag.call(value) === 'Float32Array';

export function nameOf(value: unknown): string {
    if (value === null || value === undefined) return String(value);
    if (typeof value === 'string') return `the string '${short(value)}'`;
    if (typeof value === 'number' || typeof value === 'bigint') return `the ${typeof value} ${value}`;
    if (typeof value === 'boolean') return String(value);
    const tag = typeof value === 'object' ? tagOf(value) : typeof value;
    return /^[aeiou]/i.test(tag) ? `an ${tag}` : `a ${tag}`;
}

/** For messages: the beginning of a long text, on one line. */
export function short(text: string, longest = 60): string {
    const line = text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '\ufffd');
    return line.length > longest ? `${line.slice(0, longest)}…` : line;
}

/** An object literal, as opposed to an instance of something. */
export function isPlain(value: unknown): value is Record<string, unknown> {
    if (typeof value !== 'object' || value === null) return false;
    const prototype: unknown = Object.getPrototypeOf(value);
    return prototype === null || (Object.getPrototypeOf(prototype) === null && tagOf(value) === 'Object');
}

/** What JavaScript says of arrays without memory is a TypeError. */
function lost(what: string, error: unknown): never {
    if (!(error instanceof TypeError)) throw error;
    const why = 'it was transferred to a worker, or shrunk';
    return refuse(`${what} has lost its memory (${why}): pass a copy that was made before, with slice()`);
}

const isResizable = (buffer: ArrayBufferLike): boolean => (buffer as { resizable?: boolean }).resizable === true;

/**
 * The array alone in its memory: a view would take all of a larger buffer along to the worker, and shared or resizable
 * memory might change on the way. Refuses what has lost its memory.
 */
function alone<T extends Float32Array | Uint8Array>(view: T, Kind: new (values: T) => T, what: string): T {
    try {
        const whole = view.byteLength === view.buffer.byteLength && view instanceof Kind;
        if (!whole || tagOf(view.buffer) !== 'ArrayBuffer' || isResizable(view.buffer)) return new Kind(view);
        if (view.length === 0) new Uint8Array(view.buffer); // throws where the memory is gone
        return view;
    } catch (error) {
        return lost(what, error);
    }
}

export function floats(value: unknown, what: string): Float32Array {
    if (!isFloats(value)) return refuse(`${what} must be a Float32Array, not ${nameOf(value)}`);
    return alone(value, Float32Array as new (values: Float32Array) => Float32Array, what);
}

/** The bytes of an ArrayBuffer, a SharedArrayBuffer or a view of one; null for anything else. */
export function bytesIn(value: unknown, what: string): Uint8Array | null {
    try {
        if (ArrayBuffer.isView(value)) {
            const { buffer, byteOffset, byteLength } = value;
            const isBytes = typedTag.call(value) === 'Uint8Array';
            const bytes = isBytes ? (value as Uint8Array) : new Uint8Array(buffer, byteOffset, byteLength);
            return alone(bytes, Uint8Array as new (values: Uint8Array) => Uint8Array, what);
        }
        const tag = tagOf(value);
        if (tag !== 'ArrayBuffer' && tag !== 'SharedArrayBuffer') return null;
        return alone(new Uint8Array(value as ArrayBuffer), Uint8Array as new (values: Uint8Array) => Uint8Array, what);
    } catch (error) {
        return lost(what, error);
    }
}

/** The options of a call, each of a name that it has. */
export function optionsOf<T extends object>(
    call: string,
    options: unknown,
    names: readonly (keyof T & string)[],
): Partial<T> {
    const all = names.join(', ');
    if (options === undefined) return {};
    if (!isPlain(options)) refuse(`${call}: the options must be an object such as {${all}}, not ${nameOf(options)}`);
    for (const name of Object.keys(options)) {
        const known = (names as readonly string[]).includes(name);
        if (!known) refuse(`${call}: there is no option '${short(name)}'; there are ${all}`);
    }
    return options as Partial<T>;
}

export function signalOf(call: string, signal: unknown): AbortSignal | undefined {
    if (signal === undefined || tagOf(signal) === 'AbortSignal') return signal as AbortSignal | undefined;
    const hint = tagOf(signal) === 'AbortController' ? ' (pass its .signal)' : '';
    return refuse(`${call}: signal must be an AbortSignal, not ${nameOf(signal)}${hint}`);
}

export function functionOf<F>(call: string, name: string, value: F): F {
    if (value !== undefined && typeof value !== 'function')
        refuse(`${call}: ${name} must be a function, not ${nameOf(value)}`);
    return value;
}
