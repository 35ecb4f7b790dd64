// Tables out of results.json: all of it (results/README.md), and the part that the repository's README shows.
import { judge } from './goals.mjs';
import { ratio } from './measure.mjs';
import { titles } from './works.mjs';

/** Microseconds as people read them. */
export function duration(microseconds) {
    if (microseconds === null) return '–';
    const three = (value) => (value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2));
    if (microseconds < 1000) return `${three(microseconds)} µs`;
    return microseconds < 1e6 ? `${three(microseconds / 1000)} ms` : `${three(microseconds / 1e6)} s`;
}

const table = (head, rows) => [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');
const percent = (share) => (share === undefined ? '' : `${(100 * share).toFixed(0)} %`);
const giga = (peak) => (peak === undefined ? '' : `${(peak / 1e9).toFixed(1)}`);

const sections = {
    chromium: 'WebAssembly in one page of headless Chromium',
    node: 'WebAssembly in one node process',
    native: 'Natively',
};

function sectionTable({ rows }) {
    return table(
        [
            'work on m1',
            'who',
            'median',
            'middle half of the rounds',
            "× pellucid's time",
            'of the limit',
            'limit, 10⁹ multiply-adds/s',
        ],
        rows.flatMap(({ work, threads = 1, entries }) =>
            entries.map((entry, index) => [
                index === 0 ? `${titles[work]}${threads > 1 ? `, ${threads} threads` : ''}` : '',
                entry.id,
                duration(entry.median),
                `${duration(entry.low)} – ${duration(entry.high)}` +
                    `${entry.times.filter((time) => time !== null).length < 3 ? ' (one or two calls)' : ''}`,
                index === 0 ? '1' : ratio(entry, entries[0]).toFixed(2),
                percent(entry.share),
                giga(entry.peak),
            ]),
        ),
    );
}

const machineText = ({ machine: { cpu, cores, system } }) => `${cpu}, ${cores} cores, ${system}`;
const when = ({ date, quick, load }) =>
    `${date.slice(0, 10)}, load of the machine when it began ${load}${quick ? ', --quick: too short to rely on' : ''}`;

const versionText = ({ engine, versions }) =>
    [engine, ...Object.entries(versions).map(([name, version]) => `${name} ${version}`)].join(', ');

export function fullReport(results) {
    const parts = [
        '# Measured side by side',
        '',
        `Written by \`npm run bench\` on ${machineText(results)}. How, and what is fair ` +
            `about it: [the bench](../README.md).` +
            ' All numbers: [results.json](results.json).',
        '',
    ];
    parts.push(
        '## Goals',
        '',
        table(
            ['what', 'goal', 'measured', ''],
            judge(results, titles, duration).map(({ what, goal, measured, met }) => [
                what,
                goal,
                measured,
                met ? 'met' : '**missed**',
            ]),
        ),
        '',
    );
    for (const [name, title] of Object.entries(sections)) {
        const section = results[name];
        if (!section) continue;
        parts.push(`## ${title}`, '', `${versionText(section)}. ${when(section)}.`, '', sectionTable(section), '');
        for (const problem of section.problems) parts.push(`- left out: ${problem}`, '');
        if (section.methods?.length) {
            parts.push(
                'Methods on lenet, one thread:',
                '',
                table(
                    ['method', 'pellucid', 'reference', 'ratio', 'cosine of the maps'],
                    section.methods.map(({ title: method, entries: [own, peer], agreement }) => [
                        method,
                        duration(own.median),
                        `${peer.id} ${duration(peer.median)}`,
                        `${ratio(peer, own).toFixed(1)}×`,
                        agreement.toFixed(6),
                    ]),
                ),
                '',
            );
        }
        if (section.backward) {
            parts.push(
                'Passes on m1, each with its forward pass:',
                '',
                table(
                    ['', 'forward, recorded', 'input gradient', 'LRP, epsilon_plus', 'LRP, epsilon_gamma_box'],
                    section.backward.map(({ id, entries }) => [id, ...entries.map(({ median }) => duration(median))]),
                ),
                '',
            );
        }
        if (section.everyMethod) {
            const variants = Object.keys(section.everyMethod);
            parts.push(
                'Every method on lenet with its defaults, one thread, the forward pass done already:',
                '',
                table(
                    ['', ...variants],
                    Object.keys(section.everyMethod[variants[0]]).map((method) => [
                        method,
                        ...variants.map((variant) => duration(section.everyMethod[variant][method])),
                    ]),
                ),
                '',
            );
        }
        for (const {
            call,
            entries: [one, two],
        } of section.workers ?? []) {
            parts.push(
                `Occlusion through the package's ${call}() (625 windows): ` +
                    `one worker ${duration(one.median)}, two ${duration(two.median)}.`,
                '',
            );
        }
    }
    if (results.web) {
        const { modules, methods = [], script, first, live } = results.web;
        parts.push(
            '## The page',
            '',
            `${when(results.web)}. Gzipped: WASM ${Object.entries(modules)
                .map(([name, size]) => `${name} ${(size / 1000).toFixed(0)} KB`)
                .join(', ')};` +
                ` JavaScript before the first explanation ${(script / 1000).toFixed(0)} KB. ` +
                `First explanation painted ${first.median.toFixed(0)} ms after navigation.`,
            '',
            ...(methods.length > 0
                ? [
                      `Bytes that each method adds to its module, gzipped (estimated): ` +
                          `${methods.map(({ id, zipped }) => `${id} ${zipped}`).join(', ')}.`,
                      '',
                  ]
                : []),
            table(
                [
                    'while drawing',
                    'methods in a frame, at most',
                    'input to painted maps',
                    '95 % within',
                    'core',
                    'frames with new maps, 1/s',
                    "browser's own, 1/s",
                ],
                live.map((row) => [
                    row.view,
                    row.methods,
                    ...[row.painted, row.painted95, row.core].map((time) => `${time.toFixed(1)} ms`),
                    row.frames.toFixed(1),
                    row.refreshes.toFixed(1),
                ]),
            ),
            '',
        );
    }
    return parts.join('\n');
}

/** pellucid and every peer in one line per work: what the README shows. */
export function shortReport(results) {
    const columns = {
        chromium: [
            'pellucid (relaxed)',
            'pellucid (simd128)',
            'onnxruntime-web (wasm)',
            'LiteRT.js',
            'tfjs (wasm)',
            'tfjs (cpu)',
        ],
        native: ['pellucid', 'onnxruntime-node', 'oneDNN', 'PyTorch eager', 'PyTorch frozen JIT', 'PyTorch oneDNN'],
    };
    const parts = [];
    for (const [name, ids] of Object.entries(columns)) {
        const section = results[name];
        if (!section) continue;
        const cell = (entries, id) => {
            const entry = entries.find(
                (one) => one.id === id || (id === 'pellucid' && one.id.startsWith('pellucid (')),
            );
            if (!entry) return '–';
            const own = entries[0];
            if (entry.id.startsWith('pellucid'))
                return `**${duration(entry.median)}**${entry.share ? ` (${percent(entry.share)})` : ''}`;
            const byHand = entries.find((one) => one.id === `${id}, backward pass by hand`);
            const text = (one) => `${duration(one.median)} (${ratio(one, own).toFixed(1)}×)`;
            return byHand ? `${text(entry)}, by hand ${text(byHand)}` : text(entry);
        };
        parts.push(
            `${name === 'native' ? 'Natively' : 'WebAssembly in Chromium, times with copying in and out'} ` +
                `(${versionText(section)}; ${when(section)}):`,
            '',
            table(
                ['m1, one thread', ...ids],
                section.rows.map(({ work, threads = 1, entries }) => [
                    `${titles[work]}${threads > 1 ? `, ${threads} threads` : ''}`,
                    ...ids.map((id) => cell(entries, id)),
                ]),
            ),
            '',
        );
        if (section.methods?.length) {
            parts.push(
                table(
                    ['lenet, one thread', 'pellucid', 'reference', 'ratio'],
                    section.methods.map(({ title, entries: [own, peer] }) => [
                        title,
                        `**${duration(own.median)}**`,
                        `${peer.id} ${duration(peer.median)}`,
                        `${ratio(peer, own).toFixed(1)}×`,
                    ]),
                ),
                '',
            );
        }
    }
    const judged = judge(results, titles, duration);
    const missed = judged.filter(({ met }) => !met);
    const others =
        missed.length > 0
            ? '; the others, and everything else that was measured, are'
            : '. Everything that was measured is';
    parts.push(
        `${machineText(results)}. In brackets: the peer's time over pellucid's (fastest build); for pellucid the ` +
            "share of the machine's multiply-add rate, measured in the same run (occlusion is counted as the full " +
            'batch that it spares). The input gradients of onnxruntime, and of TensorFlow.js where it says so, are ' +
            'backward passes made by hand.',
        '',
    );
    parts.push(
        `${judged.length - missed.length} of ${judged.length} goals are met${others} in` +
            ' [tests/bench/results](tests/bench/results/README.md).',
    );
    return parts.join('\n');
}
