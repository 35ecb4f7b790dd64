import { meanWords, ranking, summaryIn, type Column, type Study } from '../core/judging.ts';
import { short } from '../core/numbers.ts';
import { inUnit } from '../core/words.ts';

export const figure = (value: number, unit: string): string =>
    !Number.isFinite(value) ? 'nothing to judge' : unit === 'yes' ? inUnit(value, unit) : short(value);

/** How a drawing's number compares with the same method's over the league's images; empty where neither way is good. */
export function comparedWords(value: number, study: Study, method: string, column: Column): string {
    const summary = summaryIn(study, method, column);
    if (column.good === 0 || !Number.isFinite(value) || column.unit === 'yes') return '';
    if (!summary) {
        const order = ranking(study, column);
        const before = order.filter((each) => column.good * (each.summary.mean - value) > 0).length;
        return `number ${before + 1} of ${order.length + 1}, by this drawing alone`;
    }
    if (!(summary.deviation > 0)) return '';
    const away = (column.good * (value - summary.mean)) / summary.deviation;
    return away > 1
        ? 'better than for most drawings'
        : away < -1
          ? 'worse than for most drawings'
          : 'as for most drawings';
}

/** What the league has beside it: the method's own mean, or who is best. */
export function leagueFigure(study: Study, method: string, column: Column, name: (method: string) => string): string {
    const words = meanWords(study, method, column);
    if (words) return column.unit === 'yes' ? `yes for ${words.mean}` : `${words.mean} ${words.half}`;
    const best = column.good === 0 ? undefined : ranking(study, column)[0];
    return best
        ? `best: ${name(best.method)}, ${figure(best.summary.mean, column.unit === 'yes' ? 'share' : column.unit)}`
        : '–';
}
