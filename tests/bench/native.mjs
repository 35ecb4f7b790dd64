// Native runtimes, each a process that lives as long as the comparison: node tests/bench/native.mjs [--quick]; the last
// line is JSON. onnxruntime-node runs in this process; pellucid (core/native.cpp) and PyTorch (torch_peer.py) are asked
// over pipes.
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { folder } from './files.mjs';
import { measure, pace, ratio, sampler } from './measure.mjs';
import { openOneDnn, openOwn, openTorch } from './peers/process.mjs';
import { amounts, check, targetColumn, titles } from './works.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const quick = process.argv.includes('--quick');
const say = (text) => console.error(text);

/** The ten digits as float32, out of the .npy that the command writes. */
function writeDigits() {
    execFileSync(`${root}build/native/pellucid`, ['digits', '--out', `${folder}/digits.npy`]);
    const file = readFileSync(`${folder}/digits.npy`);
    const start = 10 + file.readUInt16LE(8);
    writeFileSync(`${folder}/digits.f32`, file.subarray(start, start + 10 * 784 * 4));
}

async function openOnnxruntimeNode(problems) {
    try {
        const ort = await import('onnxruntime-node');
        const { openOnnxruntime } = await import('./peers/onnxruntime.mjs');
        const { version } = JSON.parse(
            readFileSync(new URL('node_modules/onnxruntime-node/package.json', import.meta.url)),
        );
        const files = { forward: `${folder}/forward.onnx`, gradient: `${folder}/gradient.onnx` };
        const open = (threads) =>
            openOnnxruntime(ort, 'onnxruntime-node', version, files, {
                intraOpNumThreads: threads,
                interOpNumThreads: 1,
                executionMode: 'sequential',
                graphOptimizationLevel: 'all',
            });
        return { 1: await open(1), 2: await open(2) };
    } catch (error) {
        problems.push(`onnxruntime-node: ${error.message}`);
        return null;
    }
}

const problems = [];
writeDigits();
const own = await openOwn();
const { kernels } = await own.ask('kernels', 'best');
const sets = kernels === 'avx512' ? ['avx512', 'avx2'] : [kernels];
const torch = await openTorch(problems);
const onednn = await openOneDnn(problems);
const ort = await openOnnxruntimeNode(problems);
const paces = pace(quick);

/** Candidates whose first answer is right. `run` answers for the i-th input, `sample` times. */
async function checked(work, candidates) {
    const right = [];
    for (const { id, run, sample } of candidates) {
        try {
            await check(work, run);
            right.push({ id, sample });
        } catch (error) {
            if (id.startsWith('pellucid')) throw error;
            problems.push(`${id}, ${titles[work]}: ${error.message}`);
            say(`✗ ${problems.at(-1)}`);
        }
    }
    return right;
}

/** `before` brings the child into the state that the candidate wants. Training is checked from its beginning. */
const ofChild = (child, id, work, before = () => {}) => ({
    id,
    run: async (i) => {
        await before();
        if (work === 'm1:train' && i === 0) await child.startTraining();
        const answer = await child.answer(work, i);
        return work === 'm1:train' ? answer[0] : answer;
    },
    sample: async (count) => {
        await before();
        return child.sample(work)(count);
    },
});
const works = {
    forward1: {
        own: 'm1:forward:single',
        onednn: 'm1:forward:single',
        torch: ['eager', 'frozen', 'onednn'].map((flavour) => [flavour, `m1:${flavour}:forward:single`]),
    },
    forward784: {
        own: 'm1:batch:many',
        onednn: 'm1:batch:many',
        torch: ['eager', 'frozen', 'onednn'].map((flavour) => [flavour, `m1:${flavour}:batch:many`]),
    },
    occlusion784: {
        own: 'm1:occlusion:single',
        onednn: 'm1:batch:occluded',
        torch: ['eager', 'frozen', 'onednn'].map((flavour) => [flavour, `m1:${flavour}:batch:occluded`]),
    },
    gradient1: { own: 'm1:gradient:single', onednn: 'm1:gradient:single', torch: [['eager', 'm1:gradient:single']] },
    train64: { own: 'm1:train', torch: [['eager', 'm1:train']] },
};
const flavours = { eager: 'PyTorch eager', frozen: 'PyTorch frozen JIT', onednn: 'PyTorch oneDNN' };

async function row(work, threads, chosen = sets) {
    await own.ask('threads', threads);
    await torch?.ask('threads', threads);
    await onednn?.ask('threads', threads);
    const candidates = chosen.map((set) =>
        ofChild(own, `pellucid (${set})`, works[work].own, () => own.ask('kernels', set)),
    );
    if (ort?.[threads].works[work]) {
        const run = ort[threads].works[work];
        candidates.push({ id: 'onnxruntime-node', run, sample: sampler(run) });
    }
    if (onednn && works[work].onednn) candidates.push(ofChild(onednn, 'oneDNN', works[work].onednn));
    for (const [flavour, name] of torch ? works[work].torch : [])
        candidates.push(ofChild(torch, flavours[flavour], name));
    for (const candidate of candidates) {
        if (work === 'occlusion784' && /^(PyTorch|oneDNN)/.test(candidate.id)) {
            const { run } = candidate;
            candidate.run = async (i) => targetColumn(await run(i));
        }
    }
    const right = await checked(work, candidates);
    const limits = threads === 1 ? chosen.filter((set) => set.startsWith('avx')) : [];
    for (const set of limits) right.push({ id: `limit ${set}`, sample: own.sample(`peak:${set}`) });
    const entries = await measure(right, paces);
    say(
        `${titles[work]}, ${threads} thread${threads > 1 ? 's' : ''}: ` +
            `${entries.map(({ id, median }) => `${id} ${median.toFixed(1)}`).join(', ')} µs`,
    );
    return {
        work,
        threads,
        entries: entries
            .filter(({ id }) => !id.startsWith('limit'))
            .map((entry) => {
                const set = /\((.*)\)/.exec(entry.id)?.[1];
                const limit = entries.find(({ id }) => id === `limit ${set}`);
                if (!limit) return entry;
                const count = 1.2e6; // multiply-adds in a call of core/native.cpp's peak
                return {
                    ...entry,
                    peak: (1e6 * count) / limit.median,
                    share: (amounts[work] / count) * ratio(limit, entry),
                };
            }),
    };
}

/** Captum's and zennit's methods on lenet; `least`: the cosine that the two maps must have. */
const methods = [
    { id: 'integrated_gradients', title: 'integrated gradients, 50 points', params: 'points=50', least: 0.9999 },
    // Each draws its own noise: about 0.9.
    { id: 'smoothgrad', title: 'SmoothGrad, 50 samples', params: 'samples=50', least: 0.85 },
    { id: 'occlusion', title: 'occlusion, window 4, stride 1', params: 'window=4,stride=1', least: 0.9999 },
    {
        id: 'epsilon_gamma_box',
        title: 'LRP, EpsilonGammaBox',
        method: 'lrp',
        params: 'composite=epsilon_gamma_box',
        least: 0.9999,
    },
];
const cosine = (a, b) => {
    const dot = (x, y) => x.reduce((sum, value, i) => sum + value * y[i], 0);
    return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
};

async function compareMethods() {
    if (!torch) return [];
    const rows = [];
    await own.ask('threads', 1);
    await own.ask('kernels', 'best');
    await torch.ask('threads', 1);
    for (const { id, title, method = id, params, least } of methods) {
        const ours = `lenet:explain:digits:${method}:${params}`;
        const theirs = `lenet:${id}:digits`;
        const agreement = cosine(await own.answer(ours), await torch.answer(theirs));
        if (!(agreement >= least)) throw new Error(`${title}: the maps agree only to a cosine of ${agreement}`);
        const entries = await measure(
            [
                { id: 'pellucid', sample: own.sample(ours) },
                { id: method === 'lrp' ? 'zennit' : 'Captum', sample: torch.sample(theirs) },
            ],
            paces,
        );
        say(`${title}: ${entries.map((entry) => `${entry.id} ${entry.median.toFixed(1)}`).join(', ')} µs`);
        rows.push({ title, agreement, entries });
    }
    return rows;
}

/** What passes cost beside a forward pass that records. */
async function compareBackward() {
    await own.ask('threads', 1);
    await own.ask('kernels', 'best');
    const asked = {
        trace1: 'm1:trace:single',
        gradient1: 'm1:gradient:single',
        lrp1: 'm1:explain:single:lrp',
        lrp1_box: 'm1:explain:single:lrp:composite=epsilon_gamma_box',
    };
    return measure(
        Object.entries(asked).map(([id, work]) => ({ id, sample: own.sample(work) })),
        paces,
    );
}

const rows = [];
for (const work of Object.keys(works)) rows.push(await row(work, 1));
for (const work of ['forward784', 'train64']) rows.push(await row(work, 2, sets.slice(0, 1)));
const result = {
    rows,
    methods: await compareMethods(),
    backward: [{ id: `pellucid (${kernels})`, entries: await compareBackward() }],
    problems,
    versions: {
        ...(ort ? { 'onnxruntime-node': ort[1].version } : {}),
        ...onednn?.about.versions,
        ...torch?.about.versions,
    },
    engine: torch ? `Python ${torch.about.python}` : 'no Python',
};
own.end();
torch?.end();
onednn?.end();
console.log(JSON.stringify(result));
process.exit(0);
