/** Two to three significant digits, with a real minus sign. */
export function short(value: number): string {
    const size = Math.abs(value);
    const digits =
        size === 0 ? '0'
        : size >= 1000 || size < 0.001 ? size.toExponential(1).replace('e+', 'e').replace('e-', 'e−')
        : size >= 100 ? size.toFixed(0)
        : size >= 10 ? size.toFixed(1)
        : size >= 0.1 ? size.toFixed(2)
        : size >= 0.01 ? size.toFixed(3)
        : size.toFixed(4);
    return value < 0 && size > 0 ? `−${digits}` : digits;
}

/** A signed number: "+0.12", "−3.4", "0". */
export const signed = (value: number): string => (value > 0 ? `+${short(value)}` : short(value));

/** Whole per cent, but never a hundred: a network is never certain. */
export function percent(share: number): string {
    const value = Math.round(100 * share);
    return value >= 100 ? '>99' : value < 1 && share > 0 ? '<1' : String(value);
}

/** The same in a sentence. */
export const percentWords = (share: number): string => percent(share).replace('>', 'over ').replace('<', 'under ');

export const milliseconds = (ms: number): string => (ms < 9.95 ? ms.toFixed(1) : ms.toFixed(0));

export const kilobytes = (bytes: number): string => `${Math.max(1, Math.round(bytes / 1000)).toLocaleString('en')} kB`;
