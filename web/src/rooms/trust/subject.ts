import type { MethodCard } from 'pellucid';
import { isExplanation } from '../../core/items.ts';
import { keep, recall } from '../../state/settings.ts';
import { Signal } from '../../state/signal.ts';
import type { View } from '../../state/views.ts';

const standard: View = { method: 'lrp', params: {} };

function recalled(): View {
    const kept = recall('judged') as Partial<View> | undefined;
    return typeof kept?.method === 'string' && typeof kept.params === 'object' && kept.params !== null
        ? { method: kept.method, params: kept.params }
        : standard;
}

/** The method whose map is put to the test by all experiments of the room. */
export const subject = new Signal<View>(recalled());
subject.subscribe((view) => keep('judged', view));

/** Maps that need no long wait: the experiments follow the drawing. */
export const fitsSubject = (card: MethodCard): boolean => isExplanation(card) && card.pace !== 'asked';

/** Offered at once: they come out of the tests differently. */
export const offered: readonly View[] = ['lrp', 'gradient', 'guided_backprop', 'occlusion', 'grad_cam'].map(
    (method) => ({
        method,
        params: {},
    }),
);
