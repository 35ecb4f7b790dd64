/** One frame of drawing: one message to each worker that is needed. */
import { checkRequest, checkRequests } from './check.js';
import type { ModelInfo } from './core.js';
import { fromErrorData, PellucidError } from './errors.js';
import type { Pool } from './pool.js';
import type { FrameAnswer, FullRequest } from './protocol.js';
import type { Schedule, Share } from './schedule.js';
import type { Drawing, Explanation, LiveFrame } from './types.js';

type Outcome = Explanation | PellucidError;

/** A request that several workers answer together. */
interface SharedRun {
    run: number;
    /** Who keeps it, and which of that worker's portions it is. */
    keeper: number;
    place: number;
    /** How many others have a portion. */
    others: number;
}

export async function liveFrame(
    pool: Pool,
    schedule: Schedule,
    model: number,
    shape: ModelInfo['input'],
    what: Drawing | Float32Array,
    asked: unknown,
): Promise<LiveFrame> {
    const began = performance.now();
    const checked = checkRequests(asked).map((request) => outcomeOf(() => checkRequest(request)));
    const requests = checked.filter((request): request is FullRequest => !(request instanceof PellucidError));

    // Workers that are in the middle of something else come last.
    const workers = pool.byPending();
    const shares = schedule.assign(requests, workers.length);
    const shared = sharedRuns(pool, shares);
    const answers = await Promise.all(
        shares.map(({ whole, portions }, worker): Promise<FrameAnswer> | null => {
            if (worker > 0 && whole.length + portions.length === 0) return null;
            return workers[worker]!.call('frame', {
                model,
                what,
                first: worker === 0,
                requests: whole.map((index) => requests[index]!),
                portions: portions.map(({ index, from, to }) => {
                    const { run, keeper, others } = shared.get(index)!;
                    return { request: requests[index]!, run, from, to, keeper: workers[keeper]!.place, others };
                }),
            });
        }),
    );
    const outcomes = collect(schedule, requests, shares, answers);
    for (const [index, { keeper, place }] of shared) {
        const outcome = answers[keeper]!.portions[place]!;
        outcomes[index] = 'code' in outcome ? fromErrorData(outcome) : outcome;
        if ('map' in outcome) schedule.learn(requests[index]!, outcome.milliseconds);
    }
    const first = answers[0];
    if (!first?.input || !first.prediction)
        throw new PellucidError('internal', 'a frame came back without its prediction');
    let next = 0;
    return {
        input: { data: first.input, ...shape },
        normalised: first.normalised,
        prediction: first.prediction,
        explanations: checked.map((request) => (request instanceof PellucidError ? request : outcomes[next++]!)),
        milliseconds: performance.now() - began,
    };
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
        portions.forEach(({ index }, place) => {
            const run = runs.get(index);
            if (run) run.others++;
            // the first share begins at 0
            else runs.set(index, { run: pool.newId(), keeper: worker, place, others: 0 });
        });
    });
    return runs;
}

/** The outcomes of whole requests. */
function collect(
    schedule: Schedule,
    requests: readonly FullRequest[],
    shares: readonly Share[],
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
            if ('explanation' in explained)
                schedule.learn(requests[index]!, explained.explanation.milliseconds, explained.parts);
        });
    });
    return outcomes;
}
