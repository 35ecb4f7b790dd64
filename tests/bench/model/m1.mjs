// The reference network m1 and its inputs, the same on every machine and in every peer: weights and images are drawn
// from a fixed seed by integer arithmetic. 28×28×1 → conv 3×3 (16) → ReLU → max-pool 2 → conv 3×3 (32) → ReLU →
// max-pool 2 → conv 3×3 (32) → ReLU → dense 64 → ReLU → dense 10; every convolution padded by 1. 1,568,640
// multiply-adds.
export const multiplyAdds = 1_568_640;
export const windowSize = 4;
export const target = 3; // the class whose logit gradients and occlusion explain
export const batch = 784;
export const trainingBatch = 64;

/** Uniform numbers in [0, 1) with 24 bits: exact in float32. (mulberry32) */
export function uniform(seed) {
    let state = seed >>> 0;
    return () => {
        state = (state + 0x6d2b79f5) >>> 0;
        let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
        mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
        return ((mixed ^ (mixed >>> 14)) >>> 8) / 2 ** 24;
    };
}

/**
 * Layers in order; weights as ONNX and PyTorch keep them: (out, in, rows, columns), and (out, in) with in = (c, y, x).
 */
export function makeModel(seed = 1) {
    const random = uniform(seed);
    const draw = (count, bound) => Float32Array.from({ length: count }, () => (2 * random() - 1) * bound);
    // Uniform with the variance that keeps a ReLU network's activations at their size (He et al. 2015).
    const weighted = (layer, outputs, inputs) => ({
        ...layer,
        outputs,
        inputs,
        weight: draw(
            outputs * inputs * (layer.type === 'conv' ? 9 : 1),
            Math.sqrt(6 / (inputs * (layer.type === 'conv' ? 9 : 1))),
        ),
        bias: draw(outputs, 0.1),
    });
    return [
        weighted({ type: 'conv', name: 'conv1', size: 28, pool: true }, 16, 1),
        weighted({ type: 'conv', name: 'conv2', size: 14, pool: true }, 32, 16),
        weighted({ type: 'conv', name: 'conv3', size: 7, pool: false }, 32, 32),
        weighted({ type: 'dense', name: 'dense1', relu: true }, 64, 1568),
        weighted({ type: 'dense', name: 'dense2', relu: false }, 10, 64),
    ];
}

/**
 * One image and its 784 occluded versions (a window of zeros at every pixel, cut off at the edge), 16 single images,
 * labels.
 */
export function makeInputs(seed = 2) {
    const random = uniform(seed);
    const draw = (count) => Float32Array.from({ length: count }, random);
    const single = Array.from({ length: 16 }, () => draw(784));
    const image = single[0];
    const occluded = new Float32Array(batch * 784);
    for (let n = 0; n < batch; ++n) {
        const [top, left] = [Math.floor(n / 28), n % 28];
        occluded.set(image, 784 * n);
        for (let y = top; y < Math.min(28, top + windowSize); ++y) {
            for (let x = left; x < Math.min(28, left + windowSize); ++x) occluded[784 * n + 28 * y + x] = 0;
        }
    }
    const many = draw(batch * 784);
    // Training takes bytes, as image files hold them.
    const bytes = Uint8Array.from({ length: trainingBatch * 784 }, () => Math.floor(256 * random()));
    const labels = Uint8Array.from({ length: trainingBatch }, () => Math.floor(10 * random()));
    return {
        single,
        image,
        occluded,
        many,
        training: { bytes, images: Float32Array.from(bytes, (one) => one / 255), labels },
    };
}

/** Weights (out, in, y, x) in another order of axes: 'hwio' (TensorFlow.js) or 'ohwi' (TensorFlow Lite). */
export function permuteConv({ weight, outputs, inputs }, order) {
    const extent = { o: outputs, i: inputs, h: 3, w: 3 };
    const to = new Float32Array(weight.length);
    const at = {};
    let next = 0;
    const walk = (axis) => {
        if (axis === 4) {
            to[next++] = weight[((at.o * inputs + at.i) * 3 + at.h) * 3 + at.w];
            return;
        }
        for (at[order[axis]] = 0; at[order[axis]] < extent[order[axis]]; ++at[order[axis]]) walk(axis + 1);
    };
    walk(0);
    return to;
}

/**
 * A dense layer's weights (out, in) for inputs that were flattened as (y, x, c); those behind another dense layer stay.
 */
export function permuteDense({ name, weight, outputs, inputs }) {
    if (name !== 'dense1') return weight;
    const to = new Float32Array(weight.length);
    for (let o = 0; o < outputs; ++o) {
        for (let p = 0; p < 49; ++p) {
            for (let c = 0; c < 32; ++c) to[o * inputs + p * 32 + c] = weight[o * inputs + c * 49 + p];
        }
    }
    return to;
}

/** (rows, columns) → (columns, rows). */
export function transpose(matrix, rows, columns) {
    return Float32Array.from(matrix, (_, i) => matrix[(i % rows) * columns + Math.floor(i / rows)]);
}
