/** pellucid in node, 20 or newer. */
import { createLoad } from './load.js';
import { node } from './platform-node.js';

export const load = createLoad(node);
export { PellucidError, type ErrorCode } from './errors.js';
export type * from './api.js';
export type * from './types.js';
