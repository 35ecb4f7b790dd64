/** What JavaScript may pass and the core's bindings could not say clearly what is wrong with. */
import { PellucidError } from './errors.js';
import type { FullRequest } from './protocol.js';
import type { Drawing, ExplainRequest, Params } from './types.js';

function refuse(message: string): never {
    throw new PellucidError('bad_argument', message);
}

const nameOf = (value: unknown): string => (Array.isArray(value) ? 'an Array' : value === null ? 'null' : `a ${typeof value}`);

/** A view of a larger buffer would take all of it along to the worker. */
const alone = <T extends Float32Array | Uint8Array>(view: T): T =>
    (view.byteLength === view.buffer.byteLength ? view : view.slice()) as T;

export const checkBytes = (bytes: Uint8Array): Uint8Array => alone(bytes);

export function checkInput(input: unknown): Float32Array {
    if (!(input instanceof Float32Array)) refuse(`the input must be a Float32Array, not ${nameOf(input)}`);
    return alone(input);
}

function checkParams(method: string, params: unknown): Params {
    if (typeof params !== 'object' || params === null || Array.isArray(params)) {
        refuse(`${method}: params must be an object of values by name, not ${nameOf(params)}`);
    }
    const checked = Object.entries(params).map(([name, value]) => {
        if (value instanceof Float32Array) return [name, alone(value)];
        if (['number', 'boolean', 'string'].includes(typeof value)) return [name, value];
        return refuse(`${method}: the parameter ${name} must be a number, a boolean, a string or a Float32Array, not ${nameOf(value)}`);
    });
    return Object.fromEntries(checked) as Params;
}

export function checkRequest({ method, target = 'predicted', params = {}, layers = false }: ExplainRequest): FullRequest {
    if (typeof method !== 'string') refuse(`a method is named by a string, not ${nameOf(method)}`);
    if (typeof target !== 'string') refuse(`${method}: a target is a string such as 'class:3', not ${nameOf(target)}`);
    return { method, target, params: checkParams(method, params), layers: layers === true };
}

export function checkUnit(unit: unknown, strongest: unknown): { unit: string; strongest: number } {
    if (typeof unit !== 'string') refuse(`a unit is named by a string such as 'conv2/3,10,4', not ${nameOf(unit)}`);
    if (typeof strongest !== 'number' || !Number.isInteger(strongest) || strongest < 0) refuse(`strongest must be a whole number from 0, not ${String(strongest)}`);
    return { unit, strongest };
}

export function checkDrawing(drawing: Drawing): Drawing {
    const isNumber = (value: unknown) => typeof value === 'number';
    if (typeof drawing !== 'object' || drawing === null || !isNumber(drawing.width) || !isNumber(drawing.height) || !Array.isArray(drawing.strokes)) {
        refuse('a drawing is {width, height, strokes}');
    }
    const strokes = drawing.strokes.map((stroke) => {
        const points: unknown = stroke?.points;
        if (!(points instanceof Float32Array) || points.length % 3 !== 0 || !isNumber(stroke.width)) {
            refuse('a stroke is {points, width}, with points a Float32Array of x, y, t triples');
        }
        return { points: alone(points), width: stroke.width, eraser: stroke.eraser === true };
    });
    return { width: drawing.width, height: drawing.height, strokes };
}
