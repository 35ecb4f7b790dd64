import { interpolatePuOr, interpolateRdBu } from 'd3-scale-chromatic';
import { appearance } from '../state/settings.ts';
import { Signal } from '../state/signal.ts';

export type Rgb = readonly [number, number, number];

/** The colours of maps, for the theme and palette in force. */
export interface Ramp {
    /** By strength 0 … 255: red, green, blue and opacity (0 … 1) over the paper. */
    inFavour: Float32Array;
    against: Float32Array;
    paper: Rgb;
    ink: Rgb;
    /** Ink of the example that drew itself. */
    ghost: Rgb;
    accent: Rgb;
}

export const steps = 256;

/** Any CSS colour as numbers; custom properties and light-dark() are resolved by the browser. */
function resolve(colour: string): Rgb {
    const probe = document.createElement('span');
    probe.style.color = colour;
    // Where the system forces its colours, maps keep theirs: they are data.
    probe.style.setProperty('forced-color-adjust', 'none');
    document.body.append(probe);
    const [r = 0, g = 0, b = 0] = (getComputedStyle(probe).color.match(/[\d.]+/g) ?? []).map(Number);
    probe.remove();
    return [r, g, b];
}

/**
 * Diverging scales run through a light neutral. On light paper they are used from that neutral outwards; on dark paper
 * from the dark ends inwards, so that stronger is further from the paper in both. Weak values fade into the paper.
 */
function half(diverging: (t: number) => string, side: 1 | -1, dark: boolean): Float32Array {
    const table = new Float32Array(4 * steps);
    for (let i = 0; i < steps; i++) {
        // A single strong pixel sets the scale; the curve keeps the others visible. Legends are drawn with it, too.
        const strength = (i / (steps - 1)) ** 0.75;
        const distance = dark ? 0.5 - 0.33 * strength : 0.06 + 0.42 * strength;
        const [r = 0, g = 0, b = 0] = (diverging(0.5 - side * distance).match(/\d+/g) ?? []).map(Number);
        table.set([r, g, b, Math.min(1, strength / (dark ? 0.3 : 0.2))], 4 * i);
    }
    return table;
}

function build(): Ramp {
    const [theme, palette] = appearance.value.split(' ');
    // Both are to run from "for" at 0 to "against" at 1; this library's PuOr starts with purple.
    const diverging = palette === 'puor' ? (t: number) => interpolatePuOr(1 - t) : interpolateRdBu;
    const dark = theme === 'dark';
    return {
        inFavour: half(diverging, 1, dark),
        against: half(diverging, -1, dark),
        paper: resolve('var(--paper)'),
        ink: resolve('var(--ink)'),
        ghost: resolve('var(--ghost)'),
        accent: resolve('var(--accent)'),
    };
}

export const ramp = new Signal<Ramp>(build());
appearance.subscribe(() => {
    ramp.value = build();
});

/** A colour of the ramp laid over the paper, for legends. `value` from −1 (against) to 1 (for). */
export function legendColour({ inFavour, against, paper }: Ramp, value: number): string {
    const table = value < 0 ? against : inFavour;
    const at = 4 * Math.round(Math.abs(value) * (steps - 1));
    const opacity = table[at + 3] ?? 0;
    const mix = [0, 1, 2].map((c) => Math.round((table[at + c] ?? 0) * opacity + (paper[c] ?? 0) * (1 - opacity)));
    return `rgb(${mix.join(' ')})`;
}
