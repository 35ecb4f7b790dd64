// m1 in double precision and plain loops: what every candidate's answers are compared with before anything is timed.
import { target } from './m1.mjs';

const relu = (values) => values.map((value) => Math.max(value, 0));

function convolve({ size, inputs, outputs, weight, bias }, input) {
    const output = new Float64Array(outputs * size * size);
    for (let o = 0; o < outputs; ++o) {
        for (let y = 0; y < size; ++y) {
            for (let x = 0; x < size; ++x) {
                let sum = bias[o];
                visit(size, y, x, (ny, nx, tap) => {
                    for (let i = 0; i < inputs; ++i)
                        sum += weight[(o * inputs + i) * 9 + tap] * input[(i * size + ny) * size + nx];
                });
                output[(o * size + y) * size + x] = sum;
            }
        }
    }
    return output;
}

function visit(size, y, x, act) {
    for (let tap = 0; tap < 9; ++tap) {
        const [ny, nx] = [y + Math.floor(tap / 3) - 1, x + (tap % 3) - 1];
        if (ny >= 0 && nx >= 0 && ny < size && nx < size) act(ny, nx, tap);
    }
}

function convolveBack({ size, inputs, outputs, weight }, gradient) {
    const result = new Float64Array(inputs * size * size);
    for (let o = 0; o < outputs; ++o) {
        for (let y = 0; y < size; ++y) {
            for (let x = 0; x < size; ++x) {
                const incoming = gradient[(o * size + y) * size + x];
                visit(size, y, x, (ny, nx, tap) => {
                    for (let i = 0; i < inputs; ++i)
                        result[(i * size + ny) * size + nx] += weight[(o * inputs + i) * 9 + tap] * incoming;
                });
            }
        }
    }
    return result;
}

function winners({ size, outputs }, input) {
    const half = size / 2;
    return Int32Array.from({ length: outputs * half * half }, (_, place) => {
        const [c, y, x] = [Math.floor(place / half / half), Math.floor(place / half) % half, place % half];
        const corner = (c * size + 2 * y) * size + 2 * x;
        return [corner, corner + 1, corner + size, corner + size + 1].reduce((best, at) =>
            input[at] > input[best] ? at : best,
        );
    });
}

const dense = ({ outputs, inputs, weight, bias }, input) =>
    Float64Array.from({ length: outputs }, (_, o) =>
        input.reduce((sum, value, i) => sum + weight[o * inputs + i] * value, bias[o]),
    );
const denseBack = ({ outputs, inputs, weight }, gradient) =>
    Float64Array.from({ length: inputs }, (_, i) => {
        let sum = 0;
        for (let o = 0; o < outputs; ++o) sum += weight[o * inputs + i] * gradient[o];
        return sum;
    });

/** {logits, gradient}: the gradient of logit[target] where it is wanted. */
export function evaluate(layers, image, wantGradient = false) {
    const steps = [];
    let value = Float64Array.from(image);
    for (const layer of layers) {
        const before = layer.type === 'conv' ? convolve(layer, value) : dense(layer, value);
        const active = layer.type === 'conv' || layer.relu ? relu(before) : before;
        const places = layer.pool ? winners(layer, active) : null;
        steps.push({ layer, active, places });
        value = places ? Float64Array.from(places, (at) => active[at]) : active;
    }
    if (!wantGradient) return { logits: value };
    let gradient = Float64Array.from(value, (_, index) => (index === target ? 1 : 0));
    for (const { layer, active, places } of steps.reverse()) {
        if (places) {
            const spread = new Float64Array(active.length);
            places.forEach((at, place) => {
                spread[at] += gradient[place];
            });
            gradient = spread;
        }
        if (layer.type === 'conv' || layer.relu) gradient = gradient.map((one, at) => (active[at] > 0 ? one : 0));
        gradient = layer.type === 'conv' ? convolveBack(layer, gradient) : denseBack(layer, gradient);
    }
    return { logits: value, gradient };
}

/** Mean cross-entropy. */
export function loss(layers, images, labels) {
    return (
        images.reduce((sum, image, n) => {
            const { logits } = evaluate(layers, image);
            const most = Math.max(...logits);
            const total = logits.reduce((all, one) => all + Math.exp(one - most), 0);
            return sum + Math.log(total) + most - logits[labels[n]];
        }, 0) / images.length
    );
}
