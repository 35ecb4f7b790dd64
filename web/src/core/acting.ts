import type { MethodCard, ParamCard, Params } from 'pellucid';

/** The values in force: defaults, then the habits of the library that `compat` names, then what was chosen. */
export function inForce({ params, presets }: MethodCard, chosen: Params): Params {
    const defaults = Object.fromEntries(
        params.flatMap(({ name, default: value }) => (value === null ? [] : [[name, value]])),
    );
    const habits = presets?.[String(chosen['compat'] ?? defaults['compat'] ?? '')] ?? {};
    return { ...defaults, ...habits, ...chosen };
}

/**
 * Whether a parameter changes anything now: one of its conditions holds, and what that condition asks for acts itself.
 */
export function acts(param: ParamCard, card: MethodCard, values: Params, depth = 0): boolean {
    const conditions = param.counts_when ?? [];
    if (conditions.length === 0 || depth > 8) return true;
    return conditions.some((when) => {
        const asked = card.params.find(({ name }) => name === when.param);
        return (
            asked !== undefined &&
            when.values.includes(String(values[when.param])) &&
            acts(asked, card, values, depth + 1)
        );
    });
}

/** The parameters that act, with what a person chose. */
export function actingParams(card: MethodCard, chosen: Params): ParamCard[] {
    const values = inForce(card, chosen);
    return card.params.filter((param) => acts(param, card, values));
}
