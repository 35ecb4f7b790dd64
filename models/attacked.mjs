// Measures each model's accuracy against ε, the bound on the change of a pixel, and writes models/attacked.json, which
// the page draws:
//   node models/attacked.mjs MNIST_DIRECTORY [NAME ...]     (else all of them; what is not named keeps its numbers)
// Every number is `pellucid evaluate --attack pgd` over the first 1,000 of MNIST's test images, one thread: some
// seconds each.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

process.chdir(fileURLToPath(new URL('..', import.meta.url)));

const images = 1000;
const epsilons = [0, 0.025, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4];
const steps = 40;
// The margin between logits finds more than the cross-entropy, whose gradient dies where a network is very sure.
const fixed = { steps, norm: 'linf', loss: 'margin', random_start: true, restarts: 1, seed: 0 };
/** Steps that together reach two and a half times as far as allowed (Madry et al. 2018). */
const stepSize = (epsilon) => Number(((2.5 * epsilon) / steps).toPrecision(6));
// Where nothing was learnt there is nothing to lose.
const without = ['untrained'];

const [data, ...asked] = process.argv.slice(2);
if (!data) {
    console.error('node models/attacked.mjs MNIST_DIRECTORY [NAME ...]');
    process.exit(2);
}

/** The share of the images that a model reads right when each was attacked; of ε 0, as they are. */
function measure(model, epsilon) {
    const params = Object.entries({ epsilon, step_size: stepSize(epsilon), ...fixed }).flatMap(([name, value]) => [
        '--param',
        `${name}=${value}`,
    ]);
    const { status, stdout, stderr } = spawnSync(
        process.env.PELLUCID ?? 'build/native/pellucid',
        [
            '--threads',
            '1',
            'evaluate',
            '--model',
            `models/${model}`,
            '--data',
            data,
            '--limit',
            `${images}`,
            '--json',
            ...(epsilon === 0 ? [] : ['--attack', 'pgd', ...params]),
        ],
        { encoding: 'utf8' },
    );
    if (status !== 0) throw new Error(`pellucid evaluate ${model}: ${stderr}`);
    const found = JSON.parse(stdout);
    return epsilon === 0 ? found.accuracy : found.accuracy_under_attack;
}

const file = 'models/attacked.json';
const about =
    "Share of the first of MNIST's test images that each network still reads right when every one is " +
    'attacked as its own label, changing no pixel by more than ε (paper 0, ink 1). An attack proves nothing ' +
    'where it finds nothing: stronger ones find more.';
const before = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')).accuracy : {};
const ids = JSON.parse(readFileSync('models/index.json', 'utf8')).models.filter(({ id }) => !without.includes(id));
for (const { id, file: model } of ids) {
    if (asked.length > 0 && !asked.includes(id)) continue;
    before[id] = epsilons.map((epsilon) => measure(model, epsilon));
    console.log(id, before[id].join(' '));
    const accuracy = Object.fromEntries(ids.flatMap((each) => (before[each.id] ? [[each.id, before[each.id]]] : [])));
    const table = {
        about,
        images,
        attack: 'pgd',
        params: { step_size: '2.5 ε / steps', ...fixed },
        epsilons,
        accuracy,
    };
    writeFileSync(
        file,
        `${JSON.stringify(table, null, 1).replace(/\[[^\]]*\]/g, (list) => list.replace(/\s+/g, ' '))}\n`,
    );
}
