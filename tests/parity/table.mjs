// npm run parity: compares every method with its reference library and writes tests/parity/TABLE.md.
// Ends with the tests' exit code: a deviation beyond its bound fails, and the table is not written.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

process.chdir(fileURLToPath(new URL('../..', import.meta.url)));

/** Who says what a method's numbers must be; a preset (compat=…) names its library itself. */
const libraries = {
    captum: [
        'gradient',
        'input_x_gradient',
        'integrated_gradients',
        'expected_gradients',
        'smoothgrad',
        'guided_backprop',
        'deconvnet',
        'deeplift',
        'deep_shap',
        'occlusion',
        'feature_ablation',
        'lime',
        'kernel_shap',
        'shapley_sampling',
        'grad_cam',
        'channel_attribution',
    ],
    'grad-cam': ['grad_cam_pp', 'layer_cam', 'score_cam'],
    zennit: ['lrp', 'deep_taylor', 'excitation_backprop', 'concept_relevance'],
    foolbox: ['fgsm', 'bim', 'pgd', 'deepfool'],
    torch: ['pattern_net', 'pattern_attribution', 'cam'],
};
const libraryOf = ({ method, settings }) =>
    /compat=(\w+)/.exec(settings)?.[1] ??
    Object.keys(libraries).find((name) => libraries[name].includes(method)) ??
    'own oracle';

/** "captum 0.9.0" and so on, as the goldens were made with. */
const versions = readFileSync('tests/parity/requirements.txt', 'utf8') + readFileSync('tests/parity/README.md', 'utf8');
const withVersion = (name) => `${name} ${versions.match(new RegExp(`${name}==([0-9.]+)`))?.[1] ?? ''}`.trim();

/** Whether the command succeeded; if not, its exit code becomes ours. */
function run(command, args, env = {}) {
    const { status, error } = spawnSync(command, args, { stdio: 'inherit', env: { ...process.env, ...env } });
    if (error) throw error;
    if (status !== 0) process.exitCode = status ?? 1;
    return status === 0;
}

/** One case of one network. */
function parse(line) {
    const [network, file, method, settings, rows, deviation, cosine, reference] = line.split('\t');
    // lenet_habits, lenet_patterns and lenet_inside are lenet, asked for other things.
    return {
        network: network.split('_')[0],
        name: file.replace(/\.npy$/, ''),
        method,
        settings,
        rows: +rows,
        deviation: +deviation,
        cosine: +cosine,
        reference: +reference,
    };
}

/** One significant digit after the first, always rounded up: a bound, not a guess. */
function up(value) {
    if (value === 0) return '0';
    const exponent = Math.floor(Math.log10(value));
    return `${(Math.ceil(value / 10 ** (exponent - 1) - 1e-9) / 10).toFixed(1)}e${exponent}`.replace(
        /^10\.0e(-?\d+)$/,
        (_, e) => `1.0e${+e + 1}`,
    );
}
const down = (value) => (Math.floor(value * 1e7) / 1e7).toFixed(7);

function table(cases) {
    const networks = [
        'lenet',
        ...new Set(
            cases
                .map((c) => c.network)
                .filter((n) => n !== 'lenet')
                .sort(),
        ),
    ];
    const rowsOf = (network) => cases.find((c) => c.network === network)?.rows ?? 0;
    const names = [...new Set(cases.map((c) => c.name))];
    const head = [
        'method',
        'settings',
        'reference',
        ...networks.map((n) => `${n} (${rowsOf(n)})`),
        'cosine ≥',
        'reference in float32',
    ];
    const order = new Map([...Object.values(libraries).flat()].map((method, place) => [method, place]));
    names.sort((a, b) => {
        const place = (name) => order.get(cases.find((c) => c.name === name).method) ?? order.size;
        return place(a) - place(b) || (a < b ? -1 : 1);
    });
    const lines = names.map((name) => {
        const of = cases.filter((c) => c.name === name);
        const { method, settings } = of[0];
        const cell = (network) => {
            const found = of.find((c) => c.network === network);
            return found ? up(found.deviation) : '–';
        };
        const library = libraryOf(of[0]);
        // Bounds of z_box differ from network to network and say nothing about the method.
        const shown = settings
            .split(' ')
            .filter((word) => !/^(low|high)=/.test(word))
            .join(', ');
        return [
            method,
            shown,
            library === 'own oracle' ? library : withVersion(library),
            ...networks.map(cell),
            down(Math.min(...of.map((c) => c.cosine))),
            up(Math.max(...of.map((c) => c.reference))).replace(/^0$/, '–'),
        ];
    });
    const row = (cells) => `| ${cells.join(' | ')} |`;
    return [row(head), row(head.map(() => '---')), ...lines.map(row)].join('\n');
}

const write = (cases) =>
    writeFileSync(
        'tests/parity/TABLE.md',
        `# Parity, case by case

Made by \`npm run parity\`; do not edit. Per case the largest deviation of our float32 from the reference in double
precision, as a share of the row's largest magnitude, over all inputs and targets of a network (their number in
brackets), and the smallest cosine similarity. The bounds are 1e-4 and 0.9999; beyond them the command fails. The last
column is how far the reference library itself strays when it runs in float32. A dash: not asked of that network, or
not measured. Which inputs, and what each library does: [README.md](README.md).

${table(cases)}
`,
    );

const folder = mkdtempSync(join(tmpdir(), 'pellucid-parity-'));
try {
    const file = join(folder, 'cases.tsv');
    if (
        run('bash', ['wasm/toolchain/build.sh', 'native-tests']) &&
        run('build/native/pellucid_tests', ['--no-colors', '-tc=parity*'], { PELLUCID_PARITY_TABLE: file })
    ) {
        const cases = readFileSync(file, 'utf8').trim().split('\n').map(parse);
        write(cases);
        console.log(`tests/parity/TABLE.md: ${cases.length} cases`);
    }
} finally {
    rmSync(folder, { recursive: true });
}
