/** What the page begins with. This file alone decides it: the room is about these by design. */
import type { View } from '../../state/views.ts';

const relevance = { method: 'lrp' };

/** The first is shown large; beneath it one of each way of asking. Two settings of one method are a tile each. */
export const firstViews: readonly View[] = [
    { ...relevance, params: {} },
    { method: 'gradient', params: {} },
    { ...relevance, params: { composite: 'epsilon_gamma_box' } },
    ...['integrated_gradients', 'occlusion', 'deeplift', 'grad_cam'].map((method) => ({ method, params: {} })),
];
