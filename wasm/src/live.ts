/** One frame of drawing: one message to each worker that is needed, and one more for what several of them share. */
import type { Channel } from './channel.js';
import { checkRequest } from './check.js';
import type { ModelInfo } from './core.js';
import { fromErrorData, PellucidError } from './errors.js';
import type { Pool } from './pool.js';
import { joined, type FrameAnswer, type FullRequest, type PortionAnswer } from './protocol.js';
import type { Schedule, Share } from './schedule.js';
import type { Drawing, Explanation, ExplainRequest, LiveFrame } from './types.js';

type Outcome = Explanation | PellucidError;

/** A request that several workers answer together. */
interface SharedRun {
    run: number;
    /** Who has a portion, and which of the worker's portions it is, from the first part to the last. */
    portions: { worker: number; place: number }[];
}

export async function liveFrame(
    pool: Pool, schedule: Schedule, model: number, shape: ModelInfo['input'], what: Drawing | Float32Array,
    asked: readonly ExplainRequest[],
): Promise<LiveFrame> {
    const began = performance.now();
    const checked = asked.map((request) => outcomeOf(() => checkRequest(request)));
    const requests = checked.filter((request): request is FullRequest => !(request instanceof PellucidError));

    // Workers that are in the middle of something else come last.
    const workers = pool.byPending();
    const shares = schedule.assign(requests, workers.length);
    const shared = sharedRuns(pool, shares);
    try {
        const asked = shares.map(({ whole, portions }, worker): Promise<FrameAnswer> | null => {
            if (worker > 0 && whole.length + portions.length === 0) return null;
            return workers[worker]!.call('frame', {
                model,
                what,
                first: worker === 0,
                requests: whole.map((index) => requests[index]!),
                portions: portions.map(({ index, from, to }) => ({ request: requests[index]!, run: shared.get(index)!.run, from, to })),
            });
        });
        const finished = [...shared].map(async ([index, run]) => ({ index, outcome: await finish(run, workers, asked) }));
        for (const outcome of finished) outcome.catch(() => {}); // heard below, unless a frame fails as a whole
        const answers = await Promise.all(asked);
        const outcomes = collect(schedule, requests, shares, answers);
        for (const { index, outcome } of await Promise.all(finished)) {
            outcomes[index] = outcome;
            if ('map' in outcome) schedule.learn(requests[index]!, outcome.milliseconds);
        }
        const first = answers[0];
        if (!first?.input || !first.prediction) throw new PellucidError('internal', 'a frame came back without its prediction');
        let next = 0;
        return {
            input: { data: first.input, ...shape },
            normalised: first.normalised,
            prediction: first.prediction,
            explanations: checked.map((request) => (request instanceof PellucidError ? request : outcomes[next++]!)),
            milliseconds: performance.now() - began,
        };
    } finally {
        for (const { run, portions } of shared.values()) workers[portions[0]!.worker]!.call('end', { run }).catch(() => {});
    }
}

function outcomeOf<T>(work: () => T): T | PellucidError {
    try {
        return work();
    } catch (error) {
        if (error instanceof PellucidError) return error;
        throw error;
    }
}

function sharedRuns(pool: Pool, shares: readonly Share[]): Map<number, SharedRun> {
    const runs = new Map<number, SharedRun>();
    shares.forEach(({ portions }, worker) => {
        portions.forEach(({ index, from }, place) => {
            if (from === 0) runs.set(index, { run: pool.newId(), portions: [] });
            runs.get(index)!.portions.push({ worker, place });
        });
    });
    return runs;
}

/** The outcomes of whole requests. */
function collect(
    schedule: Schedule, requests: readonly FullRequest[], shares: readonly Share[],
    answers: readonly (FrameAnswer | null)[],
): Outcome[] {
    const outcomes: Outcome[] = new Array(requests.length);
    shares.forEach(({ whole }, worker) => {
        const answer = answers[worker];
        if (!answer) return;
        schedule.learnSetUp(answer.setUp);
        whole.forEach((index, place) => {
            const explained = answer.explanations[place]!;
            outcomes[index] = 'explanation' in explained ? explained.explanation : fromErrorData(explained);
            if ('explanation' in explained) schedule.learn(requests[index]!, explained.explanation.milliseconds, explained.parts);
        });
    });
    return outcomes;
}

/** Gives the worker that keeps a shared run what the others have computed: at once, so that it finds that waiting. */
async function finish(
    { run, portions }: SharedRun, workers: readonly Channel[], asked: readonly (Promise<FrameAnswer> | null)[],
): Promise<Outcome> {
    const answerOf = async ({ worker, place }: SharedRun['portions'][number]) => (await asked[worker])!.portions[place]!;
    const rest: PortionAnswer[] = [];
    for (const portion of portions.slice(1)) {
        const answer = await answerOf(portion);
        if ('code' in answer) return fromErrorData(answer);
        rest.push(answer);
    }
    const absorbed = workers[portions[0]!.worker]!.call('absorb', { run, ...joined(rest), snapshot: true });
    absorbed.catch(() => {}); // there is nothing to absorb into if its own share failed
    const own = await answerOf(portions[0]!);
    if ('code' in own) return fromErrorData(own);
    const { explanation } = await absorbed;
    return explanation ?? new PellucidError('internal', 'a shared run came back without its result');
}
