// npm run bench [-- --quick] [-- --only node|chromium|native|web] [-- --readme]: every comparison, one after the other,
// each in a process of its own; then the tables. --readme only writes the tables again, the README's included.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, release } from 'node:os';
import { fileURLToPath } from 'node:url';
import { fullReport, shortReport } from './report.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const here = fileURLToPath(new URL('.', import.meta.url));
const file = `${here}results/results.json`;
const sections = ['chromium', 'node', 'native', 'web'];

const args = process.argv.slice(2);
const only = args.includes('--only') ? args[args.indexOf('--only') + 1] : null;
const quick = args.includes('--quick');
if (only && !sections.includes(only)) {
    console.error(`--only knows ${sections.join(', ')}; not ${only}`);
    process.exit(2);
}

/** A section's script; what it says goes to the terminal, its last line is the result. */
function run(section) {
    // Relaxed SIMD is behind a flag in node 20 and not known as one in later versions.
    const flag = '--experimental-wasm-relaxed-simd';
    const flags = section === 'node' && spawnSync(process.execPath, [flag, '-e', '0']).status === 0 ? [flag] : [];
    return new Promise((resolve, reject) => {
        const child = spawn(process.execPath, [...flags, `${here}${section}.mjs`, ...(quick ? ['--quick'] : [])], {
            cwd: root,
            stdio: ['ignore', 'pipe', 'inherit'],
        });
        let output = '';
        child.stdout.setEncoding('utf8').on('data', (text) => {
            output += text;
        });
        child.on('close', (code) =>
            code === 0
                ? resolve(JSON.parse(output.trim().split('\n').at(-1)))
                : reject(new Error(`the section ${section} ended with code ${code}`)),
        );
    });
}

/** One line per list of numbers. */
const pretty = (value) =>
    JSON.stringify(value, (_, one) => (typeof one === 'number' ? Number(one.toPrecision(5)) : one), 1).replace(
        /\[\s+([\s\d.eE+\-,nul]*?)\s+\]/g,
        (_, numbers) => `[${numbers.replace(/\s+/g, ' ')}]`,
    );

let results = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {};
if (!args.includes('--readme')) {
    const { writeFiles } = await import('./files.mjs');
    const { bundleForNode, bundleForPage } = await import('./bundle.mjs');
    writeFiles();
    await bundleForNode();
    await bundleForPage();
    results = {
        ...(only ? results : {}),
        machine: { cpu: cpus()[0].model, cores: cpus().length, system: `Linux ${release()}` },
    };
    // The load of the minute before, by whatever else the machine does: where it is far from 0, times are upper bounds.
    let [load] = loadavg();
    mkdirSync(`${here}results`, { recursive: true });
    for (const section of only ? [only] : sections) {
        console.error(`• ${section}`);
        const date = new Date().toISOString();
        results[section] = { date, quick, load: load.toFixed(1), ...(await run(section)) };
        // At once: a section that fails must not take those before it along.
        writeFileSync(file, `${pretty(results)}\n`);
        load = Math.max(0, loadavg()[0] - 1); // one of them is this comparison
    }
}
if (!results.machine) {
    console.error('nothing was measured yet: npm run bench');
    process.exit(1);
}
writeFileSync(`${here}results/README.md`, fullReport(results));
if (args.includes('--readme')) {
    const readme = readFileSync(`${root}README.md`, 'utf8');
    const [begin, end] = ['<!-- bench: written by npm run bench -- --readme -->', '<!-- /bench -->'];
    const [from, to] = [readme.indexOf(begin), readme.indexOf(end)];
    if (from < 0 || to < from) throw new Error(`README.md has no place between ${begin} and ${end}`);
    writeFileSync(
        `${root}README.md`,
        `${readme.slice(0, from + begin.length)}\n${shortReport(results)}\n${readme.slice(to)}`,
    );
} else {
    console.log(fullReport(results));
}
