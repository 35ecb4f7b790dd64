// pellucid in the calling thread, as the peers are (core/wasm.cpp): arrays copied in and out for every call. And the
// package as pages use it: the same core behind messages to a worker.
import { target, windowSize } from '../model/m1.mjs';
import { inputs, parameters } from '../works.mjs';

/** create: the glue's default export; module: the compiled module. */
export async function openPellucid(variant, create, module, onnx) {
    const core = await new Promise((resolve, reject) => {
        const instantiateWasm = (imports, receive) => {
            WebAssembly.instantiate(module, imports).then((instance) => receive(instance, module), reject);
            return {};
        };
        create({ instantiateWasm }).then(resolve, reject);
    });
    const subject = new core.Subject(onnx, target);
    const training = () => {
        const own = new core.Subject(onnx, target);
        own.startTraining(inputs.training.bytes, inputs.training.labels);
        return own;
    };
    if (parameters.learningRate !== 1e-3) throw new Error('core/subject.cpp trains at a rate of 1e-3');
    let trained;
    const single = (i) => inputs.single[i % 16];
    return {
        id: `pellucid (${variant})`,
        works: {
            forward1: (i) => subject.forward(single(i)),
            forward784: () => subject.forward(inputs.many),
            occlusion784: (i) => subject.occlusion(i % 2 === 0 ? inputs.image : inputs.single[1], windowSize),
            gradient1: (i) => subject.gradient(single(i)),
            train64: () => (trained ??= training()).train(),
            // What a backward pass costs, in forward passes that record.
            trace1: (i) => subject.trace(single(i)),
            lrp1: (i) => subject.explain('lrp', '', single(i)),
            lrp1_box: (i) => subject.explain('lrp', 'composite=epsilon_gamma_box', single(i)),
            // The limit: multiply-adds and nothing else. One call is about a million of them.
            peak: () => core.peak(25_000),
        },
        peakCount: core.peak(25_000),
    };
}

/** pellucid: what the package's load() gave. */
export async function openPackage(pellucid, onnx) {
    const model = await pellucid.loadModel(onnx);
    const single = (i) => inputs.single[i % 16];
    return {
        id:
            `pellucid package (${pellucid.variant}, ` +
            `${pellucid.workers === 1 ? 'a worker' : `${pellucid.workers} workers`})`,
        version: pellucid.version,
        works: {
            forward1: async (i) => (await model.predict(single(i))).logits,
            gradient1: async (i) =>
                (await model.explain('gradient', single(i), { target: `class:${target}` })).map.data,
        },
        model,
        dispose: () => pellucid.dispose(),
    };
}
