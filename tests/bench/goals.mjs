// What was set out to be reached (issue 4), and how far each measurement is from it.
import { ratio } from './measure.mjs';

const relaxed = 'pellucid (relaxed)';
const simd128 = 'pellucid (simd128)';
const web = 'onnxruntime-web (wasm)';

/** A peer's time over ours, at least; or our own time, at most (µs). */
const times = (section, work, own, peer, least, threads = 1) => ({ section, work, threads, own, peer, least });
const within = (section, work, own, most) => ({ section, work, threads: 1, own, most });

export const goals = [
    times('chromium', 'forward1', relaxed, web, 2.6),
    times('chromium', 'forward1', relaxed, 'LiteRT.js', 1.9),
    within('chromium', 'forward1', relaxed, 80),
    times('chromium', 'forward1', simd128, web, 1.9),
    times('chromium', 'forward784', relaxed, web, 2.3),
    times('chromium', 'forward784', relaxed, 'LiteRT.js', 1.6),
    within('chromium', 'forward784', relaxed, 62_000),
    times('chromium', 'forward784', simd128, web, 1.75),
    times('chromium', 'occlusion784', relaxed, web, 9),
    times('chromium', 'occlusion784', relaxed, 'LiteRT.js', 6),
    within('chromium', 'occlusion784', relaxed, 16_000),
    times('chromium', 'gradient1', relaxed, 'tfjs (wasm)', 14),
    within('chromium', 'gradient1', relaxed, 160),
    times('chromium', 'train64', relaxed, 'tfjs (cpu)', 500),
    within('chromium', 'train64', relaxed, 25_000),
    times('native', 'forward1', 'pellucid', 'oneDNN', 1.6),
    times('native', 'forward1', 'pellucid', 'onnxruntime-node', 2.2),
    times('native', 'forward1', 'pellucid', 'PyTorch eager', 14),
    within('native', 'forward1', 'pellucid', 20),
    times('native', 'forward784', 'pellucid', 'onnxruntime-node', 1.5),
    times('native', 'occlusion784', 'pellucid', 'onnxruntime-node', 6),
    within('native', 'occlusion784', 'pellucid', 3_700),
    times('native', 'gradient1', 'pellucid', 'PyTorch eager', 15),
    times('native', 'gradient1', 'pellucid', 'oneDNN', 3),
    within('native', 'gradient1', 'pellucid', 40),
    times('native', 'train64', 'pellucid', 'PyTorch eager', 2.5),
    times('native', 'train64', 'pellucid', 'PyTorch eager', 2.5, 2),
];

const found = (entries, id) =>
    entries.find((entry) => entry.id === id) ?? entries.find((entry) => entry.id.startsWith(`${id} (`));

/** [{what: text, goal: text, measured: text, met: boolean}], for what was measured; in the order of the goals. */
export function judge(results, titles, duration) {
    const lines = [];
    const factor = (value) => `${value.toFixed(value < 10 ? 2 : 0)}×`;
    for (const { section, work, threads, own, peer, least, most } of goals) {
        const row = results[section]?.rows.find((one) => one.work === work && (one.threads ?? 1) === threads);
        const [mine, theirs] = row ? [found(row.entries, own), peer && found(row.entries, peer)] : [];
        if (!mine || (peer && !theirs)) continue;
        const where = section === 'native' ? 'native' : own.replace('pellucid (', 'WASM, ').replace(')', '');
        const what = `${where}: ${titles[work]}${threads > 1 ? `, ${threads} threads` : ''}`;
        const value = peer ? ratio(theirs, mine) : mine.median;
        lines.push(
            peer
                ? { what, goal: `≥ ${least}× faster than ${peer}`, measured: factor(value), met: value >= least }
                : { what, goal: `≤ ${duration(most)}`, measured: duration(value), met: value <= most },
        );
    }
    for (const { title, entries } of results.native?.methods ?? []) {
        const value = ratio(entries[1], entries[0]);
        lines.push({
            what: `native: ${title}, lenet`,
            goal: `≥ 10× faster than ${entries[1].id}`,
            measured: factor(value),
            met: value >= 10,
        });
    }
    const cores = (what, one, two) => {
        if (!one || !two) return;
        const value = ratio(one, two);
        lines.push({ what, goal: '≥ 1.8× with two', measured: factor(value), met: value >= 1.8 });
    };
    const own784 = (threads) =>
        found(
            results.native?.rows.find((row) => row.work === 'forward784' && row.threads === threads)?.entries ?? [],
            'pellucid',
        );
    cores('two threads: native forward, batch 784', own784(1), own784(2));
    for (const { call, entries } of results.chromium?.workers ?? []) {
        cores(`two workers: occlusion in Chromium, 625 windows, the package's ${call}()`, ...entries);
    }
    for (const [section, label] of [
        ['chromium', 'WASM'],
        ['native', 'native'],
    ]) {
        for (const { id, entries } of results[section]?.backward ?? []) {
            const [forward, ...passes] = entries;
            for (const pass of passes) {
                const most = pass.id === 'gradient1' ? 2.5 : 4;
                const name = {
                    gradient1: 'input gradient',
                    lrp1: 'LRP, epsilon_plus',
                    lrp1_box: 'LRP, epsilon_gamma_box',
                }[pass.id];
                // Measured together; one forward pass serves all methods that are asked for the same drawing.
                const together = ratio(pass, forward);
                lines.push({
                    what: `${label}: the backward pass of ${name}, ${id}`,
                    goal: `≤ ${most} forward passes`,
                    measured: `${(together - 1).toFixed(2)} (${together.toFixed(2)} with its forward pass)`,
                    met: together - 1 <= most,
                });
            }
        }
    }
    const { web: page } = results;
    if (page) {
        const kilobytes = (bytes) => `${(bytes / 1000).toFixed(0)} KB`;
        const size = (what, bytes, most) =>
            lines.push({ what, goal: `≤ ${most} KB`, measured: kilobytes(bytes), met: bytes <= 1000 * most });
        size('download: WASM, simd128 build, gzip', page.modules.simd128, 250);
        size("download: the page's JavaScript before the first explanation, gzip", page.script, 150);
        lines.push({
            what: 'page: navigation to the first painted explanation, nothing cached',
            goal: '≤ 1000 ms',
            measured: `${page.first.median.toFixed(0)} ms`,
            met: page.first.median <= 1000,
        });
    }
    return lines;
}
