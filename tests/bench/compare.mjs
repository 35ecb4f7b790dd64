// One process or page: checks every candidate's answers, then times the works one after another, candidates
// interleaved.
import { measure, pace, ratio, sampler } from './measure.mjs';
import { amounts, check, titles } from './works.mjs';

/** own: pellucid's builds, the fastest first; packaged: the package; peers. Opened, see peers/. */
export async function compareAll({ own, packaged, peers, quick, say }) {
    const rows = [];
    const problems = [];
    const paces = pace(quick);
    for (const work of Object.keys(titles)) {
        const candidates = [];
        for (const peer of [...own, packaged, ...peers]) {
            const run = peer.works[work];
            if (!run) continue;
            try {
                await peer.within?.(() => {});
                await check(work, run);
            } catch (error) {
                if (own.includes(peer)) throw error; // pellucid itself must be right
                problems.push(`${peer.id}, ${titles[work]}: ${error.message}`);
                say(`✗ ${problems.at(-1)}`);
                continue;
            }
            const timed = sampler(run);
            const sample = peer.within ? (count) => peer.within(() => timed(count)) : timed;
            candidates.push({ id: peer.id, sample });
        }
        for (const { id, works } of own) candidates.push({ id: `limit of ${id}`, sample: sampler(works.peak) });
        const entries = await measure(candidates, paces);
        rows.push({ work, entries: withShares(entries, own, amounts[work]) });
        say(`${titles[work]}: ${entries.map(({ id, median }) => `${id} ${Math.round(median)}`).join(', ')} µs`);
    }
    // One candidate after another, because they are parts of one whole: forward, gradient, relevance.
    const backward = [];
    for (const { id, works } of own) {
        const entries = await measure(
            ['trace1', 'gradient1', 'lrp1', 'lrp1_box'].map((work) => ({ id: work, sample: sampler(works[work]) })),
            paces,
        );
        backward.push({ id, entries });
    }
    return {
        rows,
        backward,
        problems,
        versions: Object.fromEntries(peers.map(({ id, version }) => [id.replace(/ \(.*/, ''), version])),
    };
}

/** Puts the limit, in multiply-adds a second, and the share of it that is reached, beside pellucid's own times. */
function withShares(entries, own, amount) {
    return entries
        .filter(({ id }) => !id.startsWith('limit of '))
        .map((entry) => {
            const limit = entries.find(({ id }) => id === `limit of ${entry.id}`);
            if (!limit) return entry;
            const { peakCount } = own.find(({ id }) => id === entry.id);
            return {
                ...entry,
                peak: (1e6 * peakCount) / limit.median,
                share: (amount / peakCount) * ratio(limit, entry),
            };
        });
}
