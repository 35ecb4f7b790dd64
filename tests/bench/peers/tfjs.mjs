// TensorFlow.js with its wasm or cpu backend. Fused operators forward (the fastest that it has); plain ones where it
// must differentiate. Its wasm backend has no gradient of max pooling, so that is given to it: by enlarging and
// comparing.
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-core/dist/register_all_gradients.js';
import '@tensorflow/tfjs-backend-cpu';
import { setThreadsCount, setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import { permuteConv, permuteDense, target, trainingBatch, transpose } from '../model/m1.mjs';
import { inputs, layers, parameters, targetColumn } from '../works.mjs';

/** Where its .wasm files lie; before the first openTfjs. */
export function setUpWasm(folder) {
    setWasmPaths(folder);
    setThreadsCount(1);
    tf.env().set('PROD', true);
}

export async function openTfjs(backend, only = null) {
    const within = async (work) => {
        if (tf.getBackend() !== backend) await tf.setBackend(backend);
        return work();
    };
    await within(() => tf.ready());
    const makeWeights = () =>
        layers.map((layer) => ({
            weight:
                layer.type === 'conv'
                    ? tf.tensor4d(permuteConv(layer, 'hwio'), [3, 3, layer.inputs, layer.outputs])
                    : tf.tensor2d(transpose(permuteDense(layer), layer.outputs, layer.inputs), [
                          layer.inputs,
                          layer.outputs,
                      ]),
            bias: tf.tensor1d(layer.bias),
        }));
    const weights = makeWeights();

    const fused = (x) =>
        layers.reduce((value, { type, pool, relu }, index) => {
            const { weight, bias } = weights[index];
            if (type === 'conv') {
                const active = tf.fused.conv2d({
                    x: value,
                    filter: weight,
                    strides: 1,
                    pad: 'same',
                    bias,
                    activation: 'relu',
                });
                return pool ? tf.maxPool(active, 2, 2, 'valid') : active;
            }
            const flat = value.rank === 4 ? tf.reshape(value, [-1, 1568]) : value;
            return tf.fused.matMul({ a: flat, b: weight, bias, activation: relu ? 'relu' : 'linear' });
        }, x);
    const double = (value) => tf.image.resizeNearestNeighbor(value, [2 * value.shape[1], 2 * value.shape[2]]);
    /** The gradient of halving, given what went in and came out: to the winner of each window. */
    const unpool = (value, most, gradient) =>
        tf.mul(tf.cast(tf.equal(value, double(most)), 'float32'), double(gradient));
    const halve =
        backend === 'cpu'
            ? (value) => tf.maxPool(value, 2, 2, 'valid')
            : tf.customGrad((value, save) => {
                  const most = tf.maxPool(value, 2, 2, 'valid');
                  save([value, most]);
                  return { value: most, gradFunc: (gradient, saved) => unpool(...saved, gradient) };
              });
    const plain = (x, own) =>
        layers.reduce((value, { type, pool, relu }, index) => {
            const { weight, bias } = own[index];
            if (type === 'conv') {
                const active = tf.relu(tf.add(tf.conv2d(value, weight, 1, 'same'), bias));
                return pool ? halve(active) : active;
            }
            const flat = value.rank === 4 ? tf.reshape(value, [-1, 1568]) : value;
            const sum = tf.add(tf.matMul(flat, weight), bias);
            return relu ? tf.relu(sum) : sum;
        }, x);

    const forward = (data) => tf.tidy(() => fused(tf.tensor4d(data, [data.length / 784, 28, 28, 1])).dataSync());
    const differentiate = tf.grad((x) => tf.sum(tf.slice(plain(x, weights), [0, target], [1, 1])));
    // The whole backward pass by hand, because its own gradient of a convolution is slow there: convolutions with the
    // weights turned around.
    const turned = layers.map(({ type }, index) =>
        type === 'conv' ? tf.transpose(tf.reverse(weights[index].weight, [0, 1]), [0, 1, 3, 2]) : null,
    );
    const seed = tf.reshape(tf.slice(weights.at(-1).weight, [0, target], [-1, 1]), [1, -1]);
    const byHand = (x) => {
        const passed = [];
        let value = x;
        layers.slice(0, -1).forEach(({ type, pool }, index) => {
            const { weight, bias } = weights[index];
            const flat = type === 'conv' ? null : tf.reshape(value, [-1, 1568]);
            const active = flat
                ? tf.fused.matMul({ a: flat, b: weight, bias, activation: 'relu' })
                : tf.fused.conv2d({ x: value, filter: weight, strides: 1, pad: 'same', bias, activation: 'relu' });
            value = pool ? tf.maxPool(active, 2, 2, 'valid') : active;
            passed.push({ active, value });
        });
        return layers.slice(0, -1).reduceRight((gradient, { type, pool }, index) => {
            const { active, value: out } = passed[index];
            const on = tf.mul(tf.reshape(gradient, out.shape), tf.step(out));
            if (type !== 'conv') return tf.matMul(on, weights[index].weight, false, true);
            return tf.conv2d(pool ? unpool(active, out, on) : on, turned[index], 1, 'same');
        }, seed);
    };
    const works = {
        forward1: (i) => forward(inputs.single[i % 16]),
        forward784: () => forward(inputs.many),
        occlusion784: () => targetColumn(forward(inputs.occluded)),
        byHand1: (i) => tf.tidy(() => byHand(tf.tensor4d(inputs.single[i % 16], [1, 28, 28, 1])).dataSync()),
        gradient1: (i) => tf.tidy(() => differentiate(tf.tensor4d(inputs.single[i % 16], [1, 28, 28, 1])).dataSync()),
    };
    const makeTraining = () => {
        const own = makeWeights().map(({ weight, bias }) => ({ weight: tf.variable(weight), bias: tf.variable(bias) }));
        const variables = own.flatMap(({ weight, bias }) => [weight, bias]);
        const { learningRate, beta1, beta2, epsilon } = parameters;
        const adam = tf.train.adam(learningRate, beta1, beta2, epsilon);
        const { images, labels } = inputs.training;
        return () =>
            tf.tidy(() => {
                const x = tf.tensor4d(images, [trainingBatch, 28, 28, 1]);
                const wanted = tf.cast(tf.oneHot(tf.tensor1d(labels, 'int32'), 10), 'float32');
                const cost = adam.minimize(() => tf.losses.softmaxCrossEntropy(wanted, plain(x, own)), true, variables);
                return cost.dataSync()[0];
            });
    };
    let training;
    works.train64 = () => (training ??= makeTraining())();
    const { byHand1, ...automatic } = works;
    const peer = (id, all) => ({
        id,
        version: tf.version_core,
        within,
        works: Object.fromEntries(Object.entries(all).filter(([work]) => !only || only.includes(work))),
    });
    return [
        peer(`tfjs (${backend})`, automatic),
        ...(backend === 'wasm' ? [peer('tfjs (wasm), backward pass by hand', { gradient1: byHand1 })] : []),
    ];
}
