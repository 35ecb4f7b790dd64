// npm test: set-up, then every stage below; `npm test -- native web` runs only those.
// A stage builds what it needs, runs one command and reports what that command counted. All stages run even if one
// fails. The last line is "N passed, M failed", summed over the stages; a stage that could not be built, died, or
// counted nothing is one failure.
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { stripVTControlCharacters } from 'node:util';

// To add a stage, add a line. `build` names parts of wasm/toolchain/build.sh; `run` is a doctest program, `tests` a
// folder of *.test.mjs files for node's test runner, `together` how many of these at once, `processes` in how many
// processes if not in one each: files of one process share what it starts, a browser. A stage that is `alone` is
// sensitive to time: nothing else runs beside it.
const stages = [
    {
        id: 'native',
        title: 'C++ core, native',
        build: ['native-tests'],
        run: ['build/native/pellucid_tests', '--no-colors'],
    },
    {
        id: 'asan',
        title: 'C++ core, sanitizers',
        build: ['native-tests', 'asan-tests'],
        run: ['build/asan/pellucid_tests', '--no-colors'],
    },
    {
        id: 'wasm-core',
        title: 'C++ core, WebAssembly',
        build: ['wasm-tests'],
        run: ['node', 'build/wasm/pellucid_tests.js', '--no-colors'],
    },
    { id: 'command', title: 'the command', build: ['native'], tests: 'tests/cli' },
    { id: 'faults', title: 'faults on purpose', build: ['native'], tests: 'tests/faults' },
    {
        id: 'wasm',
        title: 'WebAssembly package',
        build: ['native', 'native-tests', 'wasm'],
        tests: 'tests/wasm',
        browser: true,
    },
    { id: 'onnx', title: 'against onnxruntime', build: ['native-tests'], tests: 'tests/onnx' },
    {
        id: 'web',
        title: 'page in a browser',
        build: ['wasm', 'web'],
        tests: 'tests/web',
        // Tests wait for the page more often than they keep a core busy.
        together: 3,
        processes: 6,
        browser: true,
        alone: true,
    },
];
const stageMinutes = 25;

process.chdir(fileURLToPath(new URL('..', import.meta.url)));

const wanted = process.argv.slice(2);
const unknown = wanted.filter((id) => !stages.some((stage) => stage.id === id));
if (unknown.length > 0) {
    console.error(`No such stage: ${unknown.join(', ')}. There are: ${stages.map((stage) => stage.id).join(', ')}.`);
    process.exit(2);
}
const chosen = stages.filter((stage) => wanted.length === 0 || wanted.includes(stage.id));

const environment = {
    ...process.env,
    PATH: `${process.cwd()}/node_modules/.bin:${process.env.PATH}`,
    PELLUCID_CHROMIUM: process.env.PELLUCID_CHROMIUM ?? '/usr/bin/chromium',
    ASAN_OPTIONS: 'strict_string_checks=1:detect_stack_use_after_return=1',
    UBSAN_OPTIONS: 'print_stacktrace=1:halt_on_error=1',
    FORCE_COLOR: '0', // the counts are read from the output
};

/** A stage's command line. */
function command(stage) {
    if (stage.run) return stage.run;
    const files = existsSync(stage.tests) ? readdirSync(stage.tests, { recursive: true }).sort() : [];
    const tests = files.filter((file) => file.endsWith('.test.mjs')).map((file) => `${stage.tests}/${file}`);
    // Without a file node would look for tests everywhere.
    if (tests.length === 0) return ['bash', '-c', `echo 'no *.test.mjs in ${stage.tests}'; exit 1`];
    const programs = stage.processes ? inProcesses(stage, tests) : tests;
    return ['node', '--test', '--test-reporter=spec', `--test-concurrency=${stage.together ?? 1}`, ...programs];
}

/** A program for each process of a stage: it imports its files, whose tests then run one after the other. */
function inProcesses({ id, processes }, tests) {
    const folder = `build/tests/${id}`;
    mkdirSync(folder, { recursive: true });
    return Array.from({ length: processes }, (_, process_) => {
        const files = tests.filter((_, index) => index % processes === process_);
        const program = `${folder}/${process_ + 1}.mjs`;
        writeFileSync(program, files.map((file) => `import '${pathToFileURL(file)}';\n`).join(''));
        return program;
    });
}

/** Runs a command; resolves with its exit code and all it printed. */
function run([program, ...args], { live, env = environment }) {
    return new Promise((resolve) => {
        // A group of its own, so that a time-out also ends what the command started.
        const child = spawn(program, args, { env, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
        let output = '';
        let timedOut = false;
        const timer = setTimeout(() => {
            timedOut = true;
            process.kill(-child.pid, 'SIGKILL');
        }, stageMinutes * 60_000);
        for (const stream of [child.stdout, child.stderr]) {
            stream.setEncoding('utf8').on('data', (text) => {
                output += text;
                if (live) process.stdout.write(text);
            });
        }
        child.on('error', (error) => {
            clearTimeout(timer);
            running.delete(child);
            resolve({ code: 127, output: `cannot run ${program}: ${error.message}\n` });
        });
        child.on('close', (code, signal) => {
            clearTimeout(timer);
            running.delete(child);
            if (timedOut) output += `stopped after ${stageMinutes} minutes\n`;
            else if (signal) output += `ended by ${signal}\n`;
            resolve({ code: code ?? 1, output });
        });
        running.add(child);
    });
}
const running = new Set();
for (const signal of ['SIGINT', 'SIGTERM']) {
    process.on(signal, () => {
        for (const child of running) process.kill(-child.pid, 'SIGTERM');
        process.exit(130);
    });
}

// Work waits for free slots, first come first served: a build or a stage takes one, a stage that is alone takes all.
const allSlots = Math.max(2, cpus().length);
let freeSlots = allSlots;
const waiting = [];
function admit() {
    while (waiting.length > 0 && waiting[0].slots <= freeSlots) {
        const { slots, start } = waiting.shift();
        freeSlots -= slots;
        start();
    }
}
async function withSlots(slots, work) {
    await new Promise((start) => {
        waiting.push({ slots, start });
        admit();
    });
    try {
        return await work();
    } finally {
        freeSlots += slots;
        admit();
    }
}

// Each part is built once, one after the other: a build keeps every core busy by itself.
const builds = new Map();
let lastBuild = Promise.resolve();
function build(part, live) {
    if (!builds.has(part)) {
        const work = () =>
            withSlots(1, async () => {
                const began = performance.now();
                const { code, output } = await run(['bash', 'wasm/toolchain/build.sh', part], { live });
                const seconds = (performance.now() - began) / 1000;
                if (code !== 0 && !live) console.log(`\n──── building ${part}\n${readable(output)}`);
                console.log(`${code === 0 ? '• built' : '✗ could not build'} ${part} in ${seconds.toFixed(1)} s`);
                return code;
            });
        lastBuild = lastBuild.then(work);
        builds.set(part, lastBuild);
    }
    return builds.get(part);
}

/** Enough of a failure's output to see what happened: neither minified programs nor ten thousand lines. */
function readable(output) {
    const lines = output
        .trimEnd()
        .split('\n')
        .map((line) => (line.length > 500 ? `${line.slice(0, 500)} …` : line));
    if (lines.length <= 400) return lines.join('\n');
    return [...lines.slice(0, 100), `… ${lines.length - 400} lines left out …`, ...lines.slice(-300)].join('\n');
}

/** What a doctest program or node's test runner counted; nothing if it printed no count. */
function count(printed) {
    const output = stripVTControlCharacters(printed);
    const doctest = [...output.matchAll(/\[doctest\] test cases: +\d+ \| +(\d+) passed \| +(\d+) failed/g)];
    if (doctest.length > 0) {
        // doctest cannot skip a case while it runs: a case that lacks what it needs says so, and is not counted as
        // passed.
        const skipped = [...output.matchAll(/MESSAGE: skipped: /g)].length;
        return doctest.reduce(
            ({ passed, failed }, match) => ({ passed: passed + +match[1], failed: failed + +match[2], skipped }),
            { passed: -skipped, failed: 0, skipped },
        );
    }
    const total = (word) =>
        [...output.matchAll(new RegExp(`^ℹ ${word} (\\d+)$`, 'gm'))].reduce((sum, match) => sum + +match[1], 0);
    return { passed: total('pass'), failed: total('fail') + total('cancelled'), skipped: total('skipped') };
}

async function runStage(stage, live) {
    const built = await Promise.all(stage.build.map((part) => build(part, live)));
    const broken = stage.build.filter((_, index) => built[index] !== 0);
    if (broken.length > 0) {
        return { passed: 0, failed: 1, skipped: 0, seconds: 0, note: `cannot build ${broken.join(', ')}`, output: '' };
    }
    return withSlots(stage.alone ? allSlots : 1, async () => {
        const began = performance.now();
        const { code, output } = await run(command(stage), { live });
        const result = { skipped: 0, ...count(output), seconds: (performance.now() - began) / 1000, output, note: '' };
        if (code !== 0 && result.failed === 0) Object.assign(result, { failed: 1, note: `exit code ${code}` });
        else if (result.passed + result.failed === 0) Object.assign(result, { failed: 1, note: 'ran no tests' });
        else if (result.skipped > 0) result.note = `${result.skipped} skipped`;
        return result;
    });
}

const began = performance.now();
const setup = await run(
    ['bash', 'wasm/toolchain/setup.sh', ...(chosen.some((stage) => stage.browser) ? ['--browser'] : [])],
    { live: true, env: process.env },
);
if (setup.code !== 0) {
    console.log('\nSet-up failed; no test ran.\n\n0 passed, 1 failed');
    process.exit(1);
}

// One stage prints as it goes; several would mix, so each prints when it is done.
const live = chosen.length === 1;
const report = (stage, result) =>
    `${result.failed > 0 ? '✗' : '✓'} ${stage.id.padEnd(10)} ${stage.title.padEnd(24)}` +
    `${String(result.passed).padStart(6)} passed ${String(result.failed).padStart(4)} failed ` +
    `${result.seconds.toFixed(1).padStart(7)} s` +
    (result.note ? `  (${result.note})` : '');
const results = await Promise.all(
    chosen.map(async (stage) => {
        const result = await runStage(stage, live);
        if (!live) {
            // Of what went well, only the numbers are of interest.
            if (result.failed > 0 && result.output) console.log(`\n──── ${stage.id}\n${readable(result.output)}`);
            console.log(report(stage, result));
        }
        return result;
    }),
);

console.log(`\nBuilds and tests took ${((performance.now() - began) / 1000).toFixed(0)} s:`);
chosen.forEach((stage, index) => console.log(report(stage, results[index])));
const sum = (key) => results.reduce((total, result) => total + result[key], 0);
console.log(`\n${sum('passed')} passed, ${sum('failed')} failed`);
process.exitCode = sum('failed') > 0 ? 1 : 0;
