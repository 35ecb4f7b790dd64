// The native candidates as processes that live as long as the comparison: each is asked with a line, answers with a
// line of JSON, and times itself (core/native.cpp, core/onednn.cpp, torch_peer.py).
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { folder } from '../files.mjs';
import { target } from '../model/m1.mjs';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const lenet = `${root}models/lenet.onnx`;
const lenetTarget = 4; // any class will do: the methods cost the same for each

/** A process that answers every line with a line of JSON. */
class Child {
    constructor(name, program, args, environment = {}) {
        this.name = name;
        this.process = spawn(program, args, {
            stdio: ['pipe', 'pipe', 'ignore'],
            env: { ...process.env, ...environment },
        });
        // A program that is not there, or ends, shows in what it does not answer.
        this.process.on('error', () => {});
        this.process.stdin.on('error', () => {});
        this.lines = createInterface({ input: this.process.stdout })[Symbol.asyncIterator]();
    }

    async ask(...words) {
        this.process.stdin.write(`${words.join(' ')}\n`);
        const { value, done } = await this.lines.next();
        if (done) throw new Error(`${this.name} ended at '${words.join(' ')}'`);
        const answer = JSON.parse(value);
        if (answer.error) throw new Error(`${this.name}: ${answer.error}`);
        return answer;
    }

    answer = async (work, first = 0) => Float32Array.from((await this.ask('answer', work, first)).answer);
    sample = (work) => async (count) => (await this.ask('time', work, count)).ms;
    end() {
        this.process.stdin.end();
    }

    async prepareM1() {
        await this.ask('threads', 1);
        await this.ask('open', 'm1', `${folder}/forward.onnx`, target);
        for (const name of ['single', 'many', 'occluded']) await this.ask('input', name, `${folder}/${name}.f32`);
        return this;
    }

    async prepare() {
        await this.prepareM1();
        await this.ask('open', 'lenet', lenet, lenetTarget);
        await this.ask('input', 'digits', `${folder}/digits.f32`);
        await this.startTraining();
        return this;
    }

    startTraining() {
        return this.ask('training', `${folder}/training.u8`, `${folder}/labels.u8`);
    }
}

export const openOwn = () => new Child('pellucid', `${root}build/native/pellucid_bench`, []).prepare();

/**
 * Without these PyTorch gets the memory of large batches anew from the system for every call, at two to four times the
 * time.
 */
const keepMemory = { MALLOC_MMAP_MAX_: '0', MALLOC_TRIM_THRESHOLD_: '8000000000', MALLOC_TOP_PAD_: '268435456' };

/** A Python that has torch, captum and zennit: PELLUCID_PYTHON, or the one on the path. */
export async function openTorch(problems) {
    for (const python of [process.env.PELLUCID_PYTHON, 'python3'].filter(Boolean)) {
        const child = new Child('PyTorch', python, [`${root}tests/bench/torch_peer.py`], keepMemory);
        try {
            child.about = await child.ask('versions');
            return await child.prepare();
        } catch {
            child.process.kill();
        }
    }
    problems.push('PyTorch, Captum and zennit: no Python here has them (PELLUCID_PYTHON names one)');
    return null;
}

export async function openOneDnn(problems) {
    const program = `${root}build/native/pellucid_bench_onednn`;
    if (!existsSync(program)) {
        problems.push('oneDNN by itself: not installed when the comparison was built (Debian: libdnnl-dev)');
        return null;
    }
    const child = new Child('oneDNN', program, []);
    try {
        child.about = await child.ask('versions');
        return await child.prepareM1();
    } catch (error) {
        problems.push(`oneDNN by itself: ${error.message}`);
        return null;
    }
}
