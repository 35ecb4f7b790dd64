/** The core's glue, which the build puts in place of this name (build.mjs). */
declare module '#core' {
    const createCore: import('./core.js').CreateCore;
    export default createCore;
}

declare module '#cards' {
    const cards: Record<string, import('./words.js').CardWords>;
    export default cards;
}
