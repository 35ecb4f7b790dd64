import type { MethodCard, ParamCard, Params } from 'pellucid';
import { short } from './numbers.ts';
import { words } from './words.ts';

/** The greatest number that the core can hold. */
const mostFloat = 3.4e38;
/** What was given, as far as it can be shown. */
// eslint-disable-next-line no-control-regex
const shown = (value: unknown): string =>
    `“${String(value)
        .replace(/[\x00-\x1f\x7f]/g, '')
        .slice(0, 40)}”`;

function wrongValue({ name, type, min, max, choices = [] }: ParamCard, value: unknown): string | null {
    const should = (what: string) => `${words(name)} must be ${what}, not ${shown(value)}.`;
    if (type === 'flag') return typeof value === 'boolean' ? null : should('true or false');
    if (type === 'choice')
        return choices.includes(String(value)) ? null : should(`one of ${choices.map(words).join(', ')}`);
    if (type !== 'real' && type !== 'integer') return null;
    const [least, most] = [min ?? -mostFloat, max ?? mostFloat];
    if (typeof value === 'number' && value >= least && value <= most && (type === 'real' || Number.isInteger(value)))
        return null;
    const limits = [min === null ? '' : `from ${short(min)}`, max === null ? '' : `to ${short(max)}`]
        .filter((part) => part !== '')
        .join(' ');
    return should(`${type === 'integer' ? 'a whole number' : 'a number'}${limits === '' ? '' : ` ${limits}`}`);
}

/** Why a method cannot be asked with these parameters, before it is; null where nothing is wrong. */
export function wrongParams(card: MethodCard, params: Params): string | null {
    for (const [name, value] of Object.entries(params)) {
        const param = card.params.find((each) => each.name === name || each.formerly === name);
        if (!param)
            return `${card.title} has no setting called ${shown(name)}; it has ${
                card.params.map((each) => words(each.name)).join(', ') || 'none'
            }.`;
        const wrong = wrongValue(param, value);
        if (wrong !== null) return wrong;
    }
    return null;
}
