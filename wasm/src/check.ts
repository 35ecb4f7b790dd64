/** What JavaScript may pass and the core's bindings could not say clearly what is wrong with. */
import type { FullRequest } from './protocol.js';
import type { Drawing, ExplainRequest, Params, Role } from './types.js';
import { floats, isPlain, nameOf, refuse, short, tagOf } from './values.js';

/** No method, target or unit has a longer name; a text of megabytes would come back in the refusal. */
const longestName = 1000;
/** A rule for each of thousands of layers. */
const longestText = 100_000;

function nameIn(value: unknown, what: string, longest = longestName): string {
    if (typeof value !== 'string') return refuse(`${what}, not ${nameOf(value)}`);
    if (value.length > longest) refuse(`${what}, of at most ${longest} characters; this one has ${value.length}`);
    if (/\p{Cc}/u.test(value)) refuse(`${what}; '${short(value)}' holds control characters`);
    return value;
}

export const checkInput = (input: unknown): Float32Array => floats(input, 'the input');

function checkParams(method: string, params: unknown): Params {
    if (!isPlain(params)) refuse(`${method}: params must be an object of values by name, not ${nameOf(params)}`);
    const checked = Object.entries(params).map(([name, value]) => {
        nameIn(name, `${method}: a parameter has a name`);
        const what = `${method}: the parameter ${short(name)}`;
        if (ArrayBuffer.isView(value) && tagOf(value) === 'Float32Array') return [name, floats(value, what)];
        if (typeof value === 'string') return [name, nameIn(value, `${what} may be a text`, longestText)];
        if (typeof value === 'number' || typeof value === 'boolean') return [name, value];
        return refuse(`${what} must be a number, a boolean, a string or a Float32Array, not ${nameOf(value)}`);
    });
    return Object.fromEntries(checked) as Params;
}

/** One target, or one for each sample. */
function checkTarget(method: string, target: unknown): string | readonly string[] {
    const what = `${method}: a target is a string such as 'class:3'`;
    if (!Array.isArray(target)) return nameIn(target, what);
    if (target.length === 0) refuse(`${method}: an Array of targets holds one for each input, and this one is empty`);
    return Array.from(target as unknown[], (each) => nameIn(each, what));
}

const roles: readonly Role[] = ['patterns', 'generator', 'expert', 'statistics', 'data', 'strokes', 'second'];

export function checkRole(call: string, role: unknown): Role {
    if (!(roles as readonly unknown[]).includes(role))
        refuse(`${call}: the role must be one of ${roles.join(', ')}; not ${nameOf(role)}`);
    return role as Role;
}

const requestNames = ['method', 'target', 'params', 'layers'];

export function checkRequest(request: ExplainRequest): FullRequest {
    if (!isPlain(request)) {
        refuse(`a request is an object such as {method: 'lrp', target: 'class:3'}, not ${nameOf(request)}`);
    }
    const unknown = Object.keys(request).find((name) => !requestNames.includes(name));
    if (unknown !== undefined) refuse(`a request has no '${short(unknown)}'; it has ${requestNames.join(', ')}`);
    const { target: asked = 'predicted', params = {}, layers = false } = request;
    const method = nameIn(request.method, "a method is named by a string such as 'lrp'");
    const target = checkTarget(short(method), asked);
    if (typeof layers !== 'boolean') refuse(`${short(method)}: layers must be true or false, not ${nameOf(layers)}`);
    return { method, target, params: checkParams(short(method), params), layers };
}

/** A range as the core reads it; empty where none was given. */
export function checkRange(range: unknown): string {
    if (range === undefined) return '';
    const numbers: unknown[] = Array.isArray(range) || range instanceof Float32Array ? [...range] : [];
    if (numbers.length === 0 || !numbers.every((value) => typeof value === 'number')) {
        refuse(`a range is an array of numbers, [low, high] or these for each channel in turn, not ${nameOf(range)}`);
    }
    return numbers.map((value) => Math.fround(value as number)).join(',');
}

export function checkUnit(unit: unknown, strongest: unknown): { unit: string; strongest: number } {
    const named = checkUnitName(unit);
    if (typeof strongest !== 'number' || !Number.isInteger(strongest) || strongest < 0 || strongest > 2 ** 31) {
        return refuse(`strongest must be a whole number from 0, not ${nameOf(strongest)}`);
    }
    return { unit: named, strongest };
}

/** Changes of a network's units, as the core reads them. */
export function checkChanges(changes: unknown): readonly string[] {
    if (!Array.isArray(changes)) {
        refuse(`without: the changes must be an Array of texts such as 'conv2/3;7', not ${nameOf(changes)}`);
    }
    return Array.from(changes as unknown[], (each) =>
        nameIn(each, "without: a change is a text such as 'conv2/3;7' or 'conv2/3*0.5'", longestText),
    );
}

export const checkUnitName = (unit: unknown): string =>
    nameIn(unit, "a unit is named by a string such as 'conv2/3,10,4'");

export function checkRequests(requests: unknown): readonly ExplainRequest[] {
    if (!Array.isArray(requests)) {
        refuse(`live: the requests must be an Array of {method, target, params}, not ${nameOf(requests)}`);
    }
    // what is left out of an array is undefined here, and so is refused
    return Array.from(requests as ExplainRequest[]);
}

export function checkDrawing(drawing: Drawing): Drawing {
    const side = (name: 'width' | 'height') => {
        if (typeof drawing[name] !== 'number')
            refuse(`a drawing's ${name} must be a number, not ${nameOf(drawing[name])}`);
        return drawing[name];
    };
    if (typeof drawing !== 'object' || drawing === null)
        refuse(`a drawing is {width, height, strokes}, not ${nameOf(drawing)}`);
    const [width, height] = [side('width'), side('height')];
    if (!Array.isArray(drawing.strokes)) refuse(`a drawing's strokes must be an Array, not ${nameOf(drawing.strokes)}`);
    const strokes = Array.from(drawing.strokes, (stroke, index) => {
        const which = `stroke ${index} of the drawing`;
        if (typeof stroke !== 'object' || stroke === null)
            refuse(`${which} must be {points, width}, not ${nameOf(stroke)}`);
        const points = floats(stroke.points, `${which}: its points`);
        if (points.length % 3 !== 0)
            refuse(`${which}: its points must be x, y, t triples, not ${points.length} numbers`);
        if (typeof stroke.width !== 'number')
            refuse(`${which}: its width must be a number, not ${nameOf(stroke.width)}`);
        const { eraser = false } = stroke;
        if (typeof eraser !== 'boolean') refuse(`${which}: eraser must be true or false, not ${nameOf(eraser)}`);
        return { points, width: stroke.width, eraser };
    });
    return { width, height, strokes };
}
