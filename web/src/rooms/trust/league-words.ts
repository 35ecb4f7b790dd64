import { bestQuarter, ranking, type Column, type Study } from '../../core/judging.ts';
import { spearman } from '../../core/correlate.ts';
import { short } from '../../core/numbers.ts';
import type { OwnFigures } from './own-figures.ts';

/** Fewer methods than this give no order to speak of. */
const leastForOrder = 6;

const listed = (parts: readonly string[]): string =>
    parts.length < 2 ? (parts[0] ?? '') : `${parts.slice(0, -1).join(', ')} and ${parts.at(-1)}`;

/** Who is among the best how often, and whether anybody always is. */
export function leagueWords(study: Study, columns: readonly Column[], name: (method: string) => string): string {
    const judged = columns.filter(({ good }) => good !== 0);
    const counts = new Map(study.methods.map((method) => [method, 0]));
    for (const column of judged)
        for (const method of bestQuarter(study, column)) counts.set(method, (counts.get(method) ?? 0) + 1);
    const most = Math.max(...counts.values());
    const leaders = study.methods.filter((method) => counts.get(method) === most).map(name);
    const never = study.methods.filter((method) => counts.get(method) === 0).map(name);
    const often = `${listed(leaders)} ${
        leaders.length > 1 ? 'are' : 'is'
    } in the best quarter of ${most} of ${judged.length} tests`;
    return `${most === judged.length ? often : `No method wins everywhere: ${often}, no other in more`}.${
        never.length > 0 && never.length <= 5 ? ` In none: ${listed(never)}.` : ''
    }`;
}

/** Whether the tests put the methods into the same order for this drawing as for all of them. */
export function ownWords(
    study: Study,
    columns: readonly Column[],
    own: OwnFigures,
    title: (column: Column) => string,
): string {
    const agreements = columns.flatMap((column) => {
        const pairs = ranking(study, column).flatMap(({ method, summary }) => {
            const mine = own.of(method, column);
            return typeof mine === 'number' && Number.isFinite(mine) ? [[summary.mean, mine] as const] : [];
        });
        if (column.unit === 'yes' || pairs.length < Math.min(leastForOrder, study.methods.length)) return [];
        const rho = spearman(
            pairs.map(([all]) => all),
            pairs.map(([, mine]) => mine),
        );
        return Number.isFinite(rho) ? [{ column, rho }] : [];
    });
    if (agreements.length === 0) return '';
    const sorted = [...agreements].sort((a, b) => b.rho - a.rho);
    const [best, worst] = [sorted[0]!, sorted.at(-1)!];
    const say = ({ column, rho }: { column: Column; rho: number }) =>
        `${title(column)} (rank correlation ${short(rho)})`;
    return sorted.length === 1
        ? `For your drawing, the order of the methods is like the league’s in ${say(best)}.`
        : `For your drawing, the order of the methods is most like the league’s in ${say(best)} and least in ${say(
              worst,
          )}.`;
}

export const goodWords: Record<Column['good'], string> = {
    1: 'large is good',
    [-1]: 'small is good',
    0: 'neither is better',
};
