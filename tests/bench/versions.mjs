// Two builds of pellucid beside each other, natively: is a change as fast as what was there before?
//   node tests/bench/versions.mjs BEFORE AFTER [ROUNDS]     (programs `pellucid_bench`; 31 rounds)
// Works on models/lenet.onnx, one thread. In every round each program is timed once for each work, in an order that
// turns; what is told is the median of the ratios within a round.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const [before, after, rounds = '31'] = process.argv.slice(2);
if (!after) {
    console.error('node tests/bench/versions.mjs BEFORE AFTER [ROUNDS]');
    process.exit(2);
}
const root = fileURLToPath(new URL('../..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'pellucid-versions-'));

const explained = (method, params = '') => `lenet:explain:digits:${method}${params ? `:${params}` : ''}`;
const works = {
    forward: 'lenet:forward:digits',
    'batch of 100': 'lenet:batch:digits',
    'forward, recorded': 'lenet:trace:digits',
    gradient: 'lenet:gradient:digits',
    occlusion: 'lenet:occlusion:digits',
    'integrated gradients': explained('integrated_gradients'),
    smoothgrad: explained('smoothgrad'),
    'lrp, epsilon plus': explained('lrp'),
    'lrp, box': explained('lrp', 'composite=epsilon_gamma_box'),
    deeplift: explained('deeplift'),
    guided_backprop: explained('guided_backprop'),
    grad_cam: explained('grad_cam'),
};

/** A program that is asked line by line. */
function open(program) {
    const child = spawn(program, { stdio: ['pipe', 'pipe', 'inherit'] });
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    const ask = async (...words) => {
        child.stdin.write(`${words.join(' ')}\n`);
        const answer = JSON.parse((await lines.next()).value);
        if (answer.error) throw new Error(`${program}: ${answer.error}`);
        return answer;
    };
    return { ask, close: () => child.stdin.end() };
}

const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];

const digits = new Float32Array(100 * 784);
const lines = readFileSync(join(root, 'models/means.idx'));
for (let i = 0; i < digits.length; i++) digits[i] = lines[lines.length - 7840 + (i % 7840)] / 255;
writeFileSync(join(folder, 'digits.f32'), digits);

const programs = [open(before), open(after)];
for (const { ask } of programs) {
    await ask('threads', 1);
    await ask('open', 'lenet', join(root, 'models/lenet.onnx'), 4);
    await ask('input', 'digits', join(folder, 'digits.f32'));
}
console.log('work                      before µs    after µs   after / before');
for (const [title, work] of Object.entries(works)) {
    // As many calls as take some 20 ms.
    const { ms } = await programs[0].ask('time', work, 3);
    const calls = Math.max(1, Math.round(60 / ms));
    const times = [[], []];
    for (let round = 0; round < Number(rounds); round++) {
        for (const which of round % 2 === 0 ? [0, 1] : [1, 0]) {
            const answer = await programs[which].ask('time', work, calls);
            times[which].push((1000 * answer.ms) / calls);
        }
    }
    const ratio = median(times[1].map((time, round) => time / times[0][round]));
    const [old, now] = times.map((list) => median(list).toFixed(1).padStart(12));
    console.log(`${title.padEnd(22)} ${old}${now}${ratio.toFixed(3).padStart(15)}`);
}
for (const program of programs) program.close();
rmSync(folder, { recursive: true });
