/** pellucid in a browser. */
import { createLoad } from './load.js';
import { browser } from './platform-browser.js';

export const load = createLoad(browser);
export { PellucidError, type ErrorCode } from './errors.js';
export type * from './api.js';
export type * from './types.js';
