// Measures the models and writes models/README.md and the table in each model's card:
//   node models/measure.mjs MNIST_DIRECTORY [NAME ...]     (else all of them; what is not named keeps its numbers)
// Numbers are kept in models/measurements.json. The command must be built (build/native/pellucid, or what the variable
// PELLUCID names).
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

process.chdir(fileURLToPath(new URL('..', import.meta.url)));

/** In the order of the table, each with what it is there for. */
const models = {
    lenet: 'the network of the page: what good accuracy on clean digits is worth',
    gap: 'a network that averages maps before it decides: class activation maps in their first form',
    linear: 'one weight for each pixel: every explanation of it can be checked by eye',
    untrained: 'what an explanation shows where nothing was learnt',
    robust: 'what withstands attacks that change pixels by up to 0.3, and what it costs',
    augmented: 'what one round of adversarial images does, and what it does not',
    smooth: 'gentle gradients: an attack needs changes twice as large',
    spurious: 'Clever Hans: right for the wrong reason, and who notices',
    texture: 'a network that goes by texture where people go by shape',
    dropout: 'a network that can be asked several times how sure it is',
    evidential: 'a network that says how much it does not know',
};

/** What a column measures: arguments of pellucid evaluate. */
const attacks = {
    fgsm01: ['FGSM, ε 0.1', ['--attack', 'fgsm', '--param', 'epsilon=0.1']],
    pgd01: [
        'PGD-20, ε 0.1',
        ['--attack', 'pgd', '--param', 'epsilon=0.1', '--param', 'step_size=0.02', '--param', 'steps=20'],
    ],
    pgd03: [
        'PGD-40, ε 0.3',
        [
            '--attack',
            'pgd',
            '--param',
            'epsilon=0.3',
            '--param',
            'step_size=0.02',
            '--param',
            'steps=40',
            '--param',
            'random_start=true',
        ],
    ],
};
const attacked = 200;

const [data, ...asked] = process.argv.slice(2);
if (!data) {
    console.error('node models/measure.mjs MNIST_DIRECTORY [NAME ...]');
    process.exit(2);
}

function pellucid(...args) {
    const { status, stdout, stderr } = spawnSync(process.env.PELLUCID ?? 'build/native/pellucid', args, {
        encoding: 'utf8',
    });
    if (status !== 0) throw new Error(`pellucid ${args.join(' ')}: ${stderr}`);
    return JSON.parse(stdout);
}

/** Weights and biases of a recipe's layers. */
function parameters({ input: [h, w, c], layers }) {
    let sum = 0;
    for (const layer of layers) {
        if (layer.type === 'conv') {
            const { kernel, channels, stride = 1, padding = 0 } = layer;
            sum += kernel * kernel * c * channels + channels;
            [h, w, c] = [...[h, w].map((size) => Math.floor((size + 2 * padding - kernel) / stride) + 1), channels];
        } else if (layer.type === 'max_pool') {
            [h, w] = [Math.floor(h / layer.size), Math.floor(w / layer.size)];
        } else if (layer.type === 'global_average_pool') {
            [h, w] = [1, 1];
        } else if (layer.type === 'flatten') {
            [h, w, c] = [1, 1, h * w * c];
        } else if (layer.type === 'dense') {
            sum += c * layer.units + layer.units;
            c = layer.units;
        }
    }
    return sum;
}

const keep = 'models/measurements.json';
const numbers = existsSync(keep) ? JSON.parse(readFileSync(keep, 'utf8')) : {};
for (const name of Object.keys(models)) {
    const file = `models/${name}.onnx`;
    if (!existsSync(file) || (asked.length > 0 && !asked.includes(name))) continue;
    const row = {
        parameters: parameters(JSON.parse(readFileSync(`models/${name}.json`, 'utf8'))),
        kilobytes: Math.round(statSync(file).size / 1000),
        clean: pellucid('evaluate', '--model', file, '--data', data, '--json').accuracy,
    };
    for (const [column, [, args]] of Object.entries(attacks)) {
        row[column] = pellucid(
            'evaluate',
            '--model',
            file,
            '--data',
            data,
            '--limit',
            `${attacked}`,
            '--json',
            ...args,
        ).accuracy_under_attack;
    }
    const recipe = JSON.parse(readFileSync(`models/${name}.json`, 'utf8'));
    if (recipe.data.mark || recipe.data.textures)
        row.cues = pellucid('cues', '--model', file, '--data', data, '--json');
    numbers[name] = row;
    writeFileSync(keep, `${JSON.stringify(numbers, null, 2)}\n`);
    console.log(name, row);
}

const percent = (share) => `${(100 * share).toFixed(2)} %`;
const rough = (share) => `${(100 * share).toFixed(1)} %`;
const shown = Object.keys(models).filter((name) => numbers[name]);
const head = [
    'model',
    'parameters',
    'file',
    'test images',
    ...Object.values(attacks).map(([title]) => title),
    'what it is there for',
];
const rows = shown.map((name) => {
    const row = numbers[name];
    return [
        `[${name}](${name}.md)`,
        row.parameters.toLocaleString('en'),
        `${row.kilobytes} KB`,
        percent(row.clean),
        ...Object.keys(attacks).map((column) => rough(row[column])),
        models[name],
    ];
});
const table = [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');
writeFileSync(
    'models/README.md',
    `# Models

Each model has a recipe (\`NAME.json\`), from which \`pellucid train models/NAME.json --data MNIST_DIRECTORY\` makes
the same weights again (the same build, whatever the number of threads), a card (\`NAME.md\`) and the weights
(\`NAME.onnx\`). This page is written by \`node models/measure.mjs MNIST_DIRECTORY\` from what \`pellucid evaluate\`
measures.

"Test images" are MNIST's 10,000. Columns of attacks say how many of the first ${attacked.toLocaleString('en')} are
still read right when each is attacked as its own label, changing no pixel by more than ε (ink 1, paper 0); PGD-40
starts from a random place.

${table}

An attack finds wrong answers and proves nothing where it finds none: stronger ones find more. Accuracy against ε, as
a curve for each network, is kept in \`attacked.json\`, which \`node models/attacked.mjs MNIST_DIRECTORY\` writes.

All weights were computed from MNIST (Yann LeCun, Corinna Cortes, Christopher Burges), which is licensed
[CC BY-SA 3.0](https://creativecommons.org/licenses/by-sa/3.0/). No image of MNIST is in this repository.
`,
);

const begin = '<!-- measured: node models/measure.mjs -->',
    end = '<!-- /measured -->';
for (const name of shown) {
    const file = `models/${name}.md`;
    const card = existsSync(file) ? readFileSync(file, 'utf8') : '';
    if (!card.includes(begin)) continue;
    const row = numbers[name];
    const lines = [
        ['parameters', row.parameters.toLocaleString('en')],
        ['file', `${row.kilobytes} KB`],
        ['MNIST, 10,000 test images', percent(row.clean)],
        ...Object.entries(attacks).map(([column, [title]]) => [
            `under ${title}, ${attacked.toLocaleString('en')} images`,
            rough(row[column]),
        ]),
    ];
    if (row.cues?.cue === 'mark') {
        lines.push(
            [`with the mark on every ${row.cues.class}, as in training`, percent(row.cues.marked)],
            [`of the ${row.cues.class}s without the mark, read right`, percent(row.cues.class_plain)],
            [`of the other digits, read as ${row.cues.class} without the mark`, percent(row.cues.others_plain)],
            [`of the other digits, read as ${row.cues.class} with the mark`, percent(row.cues.others_marked)],
        );
    }
    if (row.cues?.cue === 'texture') {
        const { conflict } = row.cues;
        lines.push(
            ['each digit in its own texture, as in training', percent(row.cues.agreeing)],
            ["in another digit's texture: answered by the shape", percent(conflict.shape / conflict.images)],
            ["in another digit's texture: answered by the texture", percent(conflict.texture / conflict.images)],
            ["in another digit's texture: neither", percent(conflict.neither / conflict.images)],
        );
    }
    const block = ['| | |', '|---|---|', ...lines.map((line) => `| ${line.join(' | ')} |`)].join('\n');
    writeFileSync(file, card.replace(/<!-- measured[\s\S]*<!-- \/measured -->/, `${begin}\n${block}\n${end}`));
}
