import type { MethodCard } from 'pellucid';
import { isExplanation } from '../../core/items.ts';
import { setting, view } from '../../state/room-settings.ts';
import type { View } from '../../state/views.ts';

/** The method whose map is put to the test by all experiments of the room. */
export const usual: View = { method: 'lrp', params: {} };
export const subject = setting<View>('trust.subject', usual, view);

/** Maps that need no long wait: the experiments follow the drawing. */
export const fitsSubject = (card: MethodCard): boolean => isExplanation(card) && card.pace !== 'asked';

/** Offered at once: they come out of the tests differently. */
export const offered: readonly View[] = ['lrp', 'gradient', 'guided_backprop', 'occlusion', 'grad_cam'].map(
    (method) => ({
        method,
        params: {},
    }),
);
