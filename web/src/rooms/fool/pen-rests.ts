import { sheet } from '../../state/drawing.ts';

/** The pen rests when nothing has changed for this long. */
const restMs = 250;
let last = -Infinity;
sheet.version.subscribe(() => {
    last = performance.now();
});

/** While somebody draws, a promise that is kept when the pen rests; otherwise nothing to wait for. */
export function untilPenRests(): Promise<void> | undefined {
    const left = () => (sheet.active ? restMs : restMs - (performance.now() - last));
    if (left() <= 0) return undefined;
    return (async () => {
        for (let ms = left(); ms > 0; ms = left()) await new Promise((resolve) => setTimeout(resolve, ms));
    })();
}
