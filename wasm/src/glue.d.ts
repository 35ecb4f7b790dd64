/** The core's glue, which the build puts in place of this name (build.mjs). */
declare module '#core' {
    const createCore: import('./core.js').CreateCore;
    export default createCore;
}

declare module '#cards' {
    const cards: import('./types.js').MethodCard[];
    export default cards;
}
