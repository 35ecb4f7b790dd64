// What is measured on m1, and the check that every candidate must pass before it is timed.
import { batch, makeInputs, makeModel, multiplyAdds, target, trainingBatch } from './model/m1.mjs';
import { evaluate, loss } from './model/reference.mjs';

export const titles = {
    forward1: 'forward, batch 1',
    forward784: 'forward, batch 784',
    occlusion784: 'exact occlusion, 784 positions, window 4',
    gradient1: 'input gradient, batch 1',
    train64: 'Adam training step, batch 64',
};

/**
 * Multiply-adds of a work done in full: a gradient is as much again as its forward pass, the weights' gradients once
 * more (but nobody asks for the image's in training). Occlusion that shares work can be above the limit.
 */
export const amounts = {
    forward1: multiplyAdds,
    forward784: batch * multiplyAdds,
    occlusion784: batch * multiplyAdds,
    gradient1: 2 * multiplyAdds,
    train64: trainingBatch * (3 * multiplyAdds - 28 * 28 * 9 * 16),
};

export const layers = makeModel();
export const inputs = makeInputs();

const some = [0, 1, 27, 28, 390, 405, 756, 783]; // of a batch of 784
const tolerance = 1e-4;

function compare(actual, expected, what) {
    let worst = 0;
    expected.forEach((value, i) => {
        worst = Math.max(worst, Math.abs(actual[i] - value));
    });
    if (!(worst <= tolerance)) throw new Error(`${what}: differs by ${worst} from the reference in double precision`);
}

const logitsOf = (images) => some.map((n) => evaluate(layers, images.subarray(784 * n, 784 * (n + 1))).logits);
const memo = new Map();
const once = (key, make) => memo.get(key) ?? memo.set(key, make()).get(key);

/** Per work: the candidate's answer against the reference. `run(i)` answers for the i-th of the inputs in turn. */
const checks = {
    async forward1(run) {
        for (const i of [0, 1, 15])
            compare(
                await run(i),
                once(`f${i}`, () => evaluate(layers, inputs.single[i]).logits),
                `input ${i}`,
            );
    },
    async forward784(run) {
        const answer = await run(0);
        if (answer.length !== 10 * batch) throw new Error(`${answer.length} logits instead of ${10 * batch}`);
        const expected = once('f784', () => logitsOf(inputs.many));
        some.forEach((n, i) => compare(answer.subarray(10 * n, 10 * n + 10), expected[i], `sample ${n}`));
    },
    /** Answer: logit[target] of every occluded image. */
    async occlusion784(run) {
        const answer = await run(0);
        if (answer.length !== batch) throw new Error(`${answer.length} values instead of ${batch}`);
        const expected = once('o784', () => logitsOf(inputs.occluded).map((logits) => logits[target]));
        compare(
            some.map((n) => answer[n]),
            expected,
            'occluded',
        );
    },
    async gradient1(run) {
        for (const i of [0, 1])
            compare(
                await run(i),
                once(`g${i}`, () => evaluate(layers, inputs.single[i], true).gradient),
                `input ${i}`,
            );
    },
    /**
     * Answer: the mean loss before the step. All start from the same weights, so the second tells whether the first
     * step was right.
     */
    async train64(run) {
        const { images, labels } = inputs.training;
        const each = Array.from({ length: trainingBatch }, (_, n) => images.subarray(784 * n, 784 * (n + 1)));
        compare([await run(0)], [once('loss', () => loss(layers, each, labels))], 'loss');
        const second = await run(1);
        compare([second], [once('second', () => second)], 'loss after one step');
    },
};

/** Throws where the candidate's answer to the work is wrong. */
export async function check(work, run) {
    await checks[work](run);
}

/** Where candidates of other processes tell their losses, the first of them sets what the second loss must be. */
export const parameters = { learningRate: 1e-3, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };

/** logit[target] out of (batch, 10) logits. */
export const targetColumn = (logits) =>
    Float32Array.from({ length: logits.length / 10 }, (_, n) => logits[10 * n + target]);
