/** One frame of drawing: one message to each worker that is needed, one answer from each. */
import { checkRequest } from './check.js';
import type { ModelInfo } from './core.js';
import { fromErrorData, PellucidError } from './errors.js';
import type { Pool } from './pool.js';
import type { FrameAnswer, FullRequest } from './protocol.js';
import type { Schedule } from './schedule.js';
import type { Drawing, Explanation, ExplainRequest, LiveFrame } from './types.js';

export async function liveFrame(
    pool: Pool, schedule: Schedule, model: number, shape: ModelInfo['input'], what: Drawing | Float32Array,
    requests: readonly ExplainRequest[],
): Promise<LiveFrame> {
    const began = performance.now();
    const explanations: (Explanation | Error)[] = new Array(requests.length);
    const wanted: { at: number; request: FullRequest }[] = [];
    requests.forEach((request, at) => {
        try {
            wanted.push({ at, request: checkRequest(request) });
        } catch (error) {
            explanations[at] = error as PellucidError;
        }
    });

    // Workers that are in the middle of something else come last.
    const workers = [...pool.channels].sort((a, b) => a.pending - b.pending);
    const shares = schedule.assign(wanted.map(({ request }) => request), workers.length);
    const answers = await Promise.all(shares.map((share, worker): Promise<FrameAnswer> | null => {
        if (worker > 0 && share.length === 0) return null;
        return workers[worker]!.call('frame', { model, what, first: worker === 0, requests: share.map((i) => wanted[i]!.request) });
    }));

    shares.forEach((share, worker) => {
        const answer = answers[worker];
        if (!answer) return;
        schedule.learnSetUp(answer.setUp);
        share.forEach((index, place) => {
            const { at, request } = wanted[index]!;
            const explained = answer.explanations[place]!;
            explanations[at] = 'map' in explained ? explained : fromErrorData(explained);
            if ('map' in explained) schedule.learn(request, explained.milliseconds);
        });
    });

    const first = answers[0];
    if (!first?.input || !first.prediction) throw new PellucidError('internal', 'a frame came back without its prediction');
    return {
        input: { data: first.input, ...shape },
        normalised: first.normalised,
        prediction: first.prediction,
        explanations,
        milliseconds: performance.now() - began,
    };
}
