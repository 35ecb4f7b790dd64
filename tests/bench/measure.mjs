// Interleaved timing, the same in node, in a page and over other processes: in every round each candidate runs one
// sample, in an order that rotates, so that whatever disturbs the machine disturbs all of them. Medians over rounds;
// ratios are medians of the ratios within a round.

export function quantile(values, share) {
    const sorted = [...values].sort((a, b) => a - b);
    const place = share * (sorted.length - 1);
    const [below, above] = [sorted[Math.floor(place)], sorted[Math.ceil(place)]];
    return below + (above - below) * (place - Math.floor(place));
}
export const median = (values) => quantile(values, 0.5);

/** `quick` is for trying things out: few short rounds. */
export const pace = (quick) =>
    quick ? { rounds: 5, sample: 10, warm: 60, limit: 2500 } : { rounds: 25, sample: 30, warm: 400, limit: 8000 };

/** A sample of something that is called: milliseconds for `count` calls. Awaits only what is a promise. */
export const sampler = (run) => {
    let next = 0;
    return async (count) => {
        const began = performance.now();
        for (let i = 0; i < count; ++i) {
            const answer = run(next++);
            if (answer instanceof Promise) await answer;
        }
        return performance.now() - began;
    };
};

/**
 * candidates: {id, sample(count) → milliseconds}. `limit` (ms) bounds what a slow candidate may take; it then has fewer
 * rounds, but always one. Answers, per candidate: {id, median, low, high (quartiles), times (per round, null where it
 * sat out)}, in µs per call.
 */
export async function measure(candidates, { rounds, sample, warm, limit }) {
    const states = [];
    for (const candidate of candidates) {
        let [spent, time, count] = [0, 0, 1];
        do {
            time = (await candidate.sample(count)) / count;
            spent += time * count;
            count = Math.max(1, Math.min(1e6, Math.round(sample / Math.max(time, 1e-4))));
        } while (spent < warm);
        states.push({ candidate, count, expected: time * count, spent: 0, times: [] });
    }
    for (let round = 0; round < rounds; ++round) {
        for (let turn = 0; turn < states.length; ++turn) {
            const state = states[(round + turn) % states.length];
            const stop = state.times.length > 0 && state.spent + state.expected > limit;
            const time = stop ? null : await state.candidate.sample(state.count);
            if (!stop) state.spent += time;
            state.times[round] = stop ? null : (1000 * time) / state.count;
        }
    }
    return states.map(({ candidate, times }) => {
        const numbers = times.filter((time) => time !== null);
        const row = {
            id: candidate.id,
            median: median(numbers),
            low: quantile(numbers, 0.25),
            high: quantile(numbers, 0.75),
        };
        return { ...row, times: times.map((time) => (time === null ? null : Number(time.toPrecision(4)))) };
    });
}

/** How many times as long `a` takes as `b`: the median over the rounds that both took part in. */
export function ratio(a, b) {
    return median(
        a.times
            .map((time, round) => [time, b.times[round]])
            .filter(([x, y]) => x !== null && y !== null)
            .map(([x, y]) => x / y),
    );
}
