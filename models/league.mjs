// Writes the table of a league's page from what `pellucid judge` found:
//   node models/league.mjs NAME...     (models/NAME.league.json gives the table in models/NAME.league.md)
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

process.chdir(fileURLToPath(new URL('..', import.meta.url)));

/** Columns: the metric, its output, and what the table calls it. */
const columns = [
    ['deletion', 'area', 'deletion'],
    ['insertion', 'area', 'insertion'],
    ['pixel_flipping', 'area', 'flipping'],
    ['pointing_game', 'hit', 'pointing hit'],
    ['pointing_game', 'mass', 'pointing mass'],
    ['infidelity', 'infidelity', 'infidelity'],
    ['max_sensitivity', 'max_sensitivity', 'sensitivity'],
    ['sparseness', 'gini', 'Gini'],
    ['completeness', 'gap', 'gap'],
    ['model_randomisation', 'mean_spearman', 'random weights'],
    ['shift_invariance', 'difference', 'shift'],
    ['channel_specificity', 'similarity', 'one picture'],
];

/** A mean and half of its 95 % interval. */
function cell(summary) {
    if (!summary) return '–';
    const short = (value, digits) => String(Number(value.toPrecision(digits)));
    return `${short(summary.mean, 3)} ± ${short(summary.high - summary.mean, 1)}`;
}

function table(study) {
    const row = (cells) => `| ${cells.join(' | ')} |`;
    const lines = [row(['method', ...columns.map(([, , name]) => name)]), `|${'---|'.repeat(columns.length + 1)}`];
    for (const method of study.methods) {
        const of = (metric) => study.metrics.find((each) => each.split(':')[0] === metric);
        const cells = columns.map(([metric, output]) => cell(study.league[method][of(metric)]?.[output]));
        lines.push(row([method, ...cells]));
    }
    return lines.join('\n');
}

for (const name of process.argv.slice(2)) {
    const page = `models/${name}.league.md`;
    const study = JSON.parse(readFileSync(`models/${name}.league.json`, 'utf8'));
    const text = readFileSync(page, 'utf8');
    const found = /\| method \|[^\n]*\n(\|[^\n]*\n?)+/.exec(text);
    if (!found) throw new Error(`${page} has no table that begins with "| method |"`);
    writeFileSync(page, text.replace(found[0], `${table(study)}\n`));
}
