/** One frame of drawing: one message to each worker that is needed, and one more for what several of them share. */
import type { Channel } from './channel.js';
import { checkRequest } from './check.js';
import type { ModelInfo } from './core.js';
import { fromErrorData, PellucidError, type ErrorData } from './errors.js';
import type { Pool } from './pool.js';
import type { FrameAnswer, FullRequest, PortionAnswer } from './protocol.js';
import type { Schedule, Share } from './schedule.js';
import type { Drawing, Explanation, ExplainRequest, LiveFrame } from './types.js';

type Outcome = Explanation | PellucidError;

/** A request that several workers answer together. */
interface SharedRun {
    run: number;
    lead: Channel;
    portions: (PortionAnswer | ErrorData)[];
}

export async function liveFrame(
    pool: Pool, schedule: Schedule, model: number, shape: ModelInfo['input'], what: Drawing | Float32Array,
    asked: readonly ExplainRequest[],
): Promise<LiveFrame> {
    const began = performance.now();
    const checked = asked.map((request) => outcomeOf(() => checkRequest(request)));
    const requests = checked.filter((request): request is FullRequest => !(request instanceof PellucidError));

    // Workers that are in the middle of something else come last.
    const workers = [...pool.channels].sort((a, b) => a.pending - b.pending);
    const shares = schedule.assign(requests, workers.length);
    const shared = sharedRuns(pool, workers, shares);
    try {
        const answers = await Promise.all(shares.map(({ whole, portions }, worker): Promise<FrameAnswer> | null => {
            if (worker > 0 && whole.length + portions.length === 0) return null;
            return workers[worker]!.call('frame', {
                model,
                what,
                first: worker === 0,
                requests: whole.map((index) => requests[index]!),
                portions: portions.map(({ index, from, to }) => ({ request: requests[index]!, run: shared.get(index)!.run, from, to })),
            });
        }));
        const outcomes = collect(schedule, requests, shares, shared, answers);
        await Promise.all([...shared].map(async ([index, run]) => {
            outcomes[index] = await finish(run);
            if ('map' in outcomes[index]) schedule.learn(requests[index]!, outcomes[index].milliseconds);
        }));
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
        for (const { lead, run } of shared.values()) lead.call('end', { run }).catch(() => {});
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

function sharedRuns(pool: Pool, workers: readonly Channel[], shares: readonly Share[]): Map<number, SharedRun> {
    const runs = new Map<number, SharedRun>();
    shares.forEach(({ portions }, worker) => {
        for (const { index, from } of portions) {
            if (from === 0) runs.set(index, { run: pool.newId(), lead: workers[worker]!, portions: [] });
        }
    });
    return runs;
}

/** The outcomes of whole requests; portions go to their runs, in order, because workers are. */
function collect(
    schedule: Schedule, requests: readonly FullRequest[], shares: readonly Share[], shared: Map<number, SharedRun>,
    answers: readonly (FrameAnswer | null)[],
): Outcome[] {
    const outcomes: Outcome[] = new Array(requests.length);
    shares.forEach(({ whole, portions }, worker) => {
        const answer = answers[worker];
        if (!answer) return;
        schedule.learnSetUp(answer.setUp);
        whole.forEach((index, place) => {
            const explained = answer.explanations[place]!;
            outcomes[index] = 'explanation' in explained ? explained.explanation : fromErrorData(explained);
            if ('explanation' in explained) schedule.learn(requests[index]!, explained.explanation.milliseconds, explained.parts);
        });
        portions.forEach(({ index }, place) => shared.get(index)!.portions.push(answer.portions[place]!));
    });
    return outcomes;
}

/** Gives the worker that keeps a shared run what the others have computed. */
async function finish({ run, lead, portions }: SharedRun): Promise<Outcome> {
    const computed: PortionAnswer[] = [];
    for (const portion of portions) {
        if ('code' in portion) return fromErrorData(portion);
        computed.push(portion);
    }
    const rest = computed.slice(1); // the first is the lead's own, and done
    const { explanation } = await lead.call('absorb', {
        run,
        first: rest[0]?.first ?? 0,
        parts: rest.flatMap(({ parts }) => parts),
        milliseconds: rest.reduce((sum, { milliseconds }) => sum + milliseconds, 0),
        snapshot: true,
    });
    return explanation ?? new PellucidError('internal', 'a shared run came back without its result');
}
