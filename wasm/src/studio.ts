/** The glue of the second module; workers load it with the module (host.ts). */
export { default } from '#core';
