const superscripts = '⁰¹²³⁴⁵⁶⁷⁸⁹';

/** "1.7 × 10⁷": what is too large or too small to be written out. It does not break. */
function scientific(size: number): string {
    const [mantissa = '', exponent = '0'] = size.toExponential(1).split('e');
    const power = Number(exponent);
    const raised = Array.from(String(Math.abs(power)), (digit) => superscripts[Number(digit)]).join('');
    return `${mantissa}\u202f×\u202f10${power < 0 ? '⁻' : ''}${raised}`;
}

/** Two to three significant digits, whole numbers from a hundred on, with a real minus sign. */
export function short(value: number): string {
    const size = Math.abs(value);
    const digits =
        size === 0
            ? '0'
            : size >= 999_999.5 || size < 0.001
              ? scientific(size)
              : size >= 99.95
                ? Math.round(size).toLocaleString('en')
                : size >= 9.995
                  ? size.toFixed(1)
                  : size >= 0.1
                    ? size.toFixed(2)
                    : size >= 0.01
                      ? size.toFixed(3)
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

/** With its unit: what the clock cannot tell apart from nothing is not called nothing. */
export const milliseconds = (ms: number): string =>
    ms < 0.05 ? 'under 0.1 ms' : ms < 9.95 ? `${ms.toFixed(1)} ms` : `${Math.round(ms).toLocaleString('en')} ms`;

export const kilobytes = (bytes: number): string => `${Math.max(1, Math.round(bytes / 1000)).toLocaleString('en')} kB`;

/** Seconds as people count them: "0.4 s", "12 s", "3 min". */
export const duration = (seconds: number): string =>
    seconds < 10
        ? `${Math.max(0.1, seconds).toFixed(1)} s`
        : seconds < 100
          ? `${Math.round(seconds)} s`
          : `${Math.round(seconds / 60)} min`;
