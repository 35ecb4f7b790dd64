/** What JavaScript may pass and the core's bindings could not say clearly what is wrong with. */
import { PellucidError } from './errors.js';
import type { FullRequest } from './protocol.js';
import type { Drawing, ExplainRequest, Params } from './types.js';

function refuse(message: string): never {
    throw new PellucidError('bad_argument', message);
}

const nameOf = (value: unknown): string => (Array.isArray(value) ? 'an Array' : value === null ? 'null' : `a ${typeof value}`);

export function checkInput(input: unknown): Float32Array {
    if (!(input instanceof Float32Array)) refuse(`the input must be a Float32Array, not ${nameOf(input)}`);
    return input;
}

function checkParams(method: string, params: unknown): Params {
    if (typeof params !== 'object' || params === null || Array.isArray(params)) {
        refuse(`${method}: params must be an object of values by name, not ${nameOf(params)}`);
    }
    for (const [name, value] of Object.entries(params)) {
        const right = ['number', 'boolean', 'string'].includes(typeof value) || value instanceof Float32Array;
        if (!right) refuse(`${method}: the parameter ${name} must be a number, a boolean, a string or a Float32Array, not ${nameOf(value)}`);
    }
    return params as Params;
}

export function checkRequest({ method, target = 'predicted', params = {} }: ExplainRequest): FullRequest {
    if (typeof method !== 'string') refuse(`a method is named by a string, not ${nameOf(method)}`);
    if (typeof target !== 'string') refuse(`${method}: a target is a string such as 'class:3', not ${nameOf(target)}`);
    return { method, target, params: checkParams(method, params) };
}

export function checkDrawing(drawing: Drawing): Drawing {
    const isNumber = (value: unknown) => typeof value === 'number';
    if (typeof drawing !== 'object' || drawing === null || !isNumber(drawing.width) || !isNumber(drawing.height) || !Array.isArray(drawing.strokes)) {
        refuse('a drawing is {width, height, strokes}');
    }
    for (const stroke of drawing.strokes) {
        const points: unknown = stroke?.points;
        if (!(points instanceof Float32Array) || points.length % 3 !== 0 || !isNumber(stroke.width)) {
            refuse('a stroke is {points, width}, with points a Float32Array of x, y, t triples');
        }
    }
    return drawing;
}
