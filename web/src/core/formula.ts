import type { Params } from 'pellucid';

/** A formula, and for which layers it holds where there are several. */
export interface Formula {
    where?: string;
    latex: string;
}

const handed = (part: string): string =>
    `R_j = \\sum_k \\frac{${part}}{\\sum_i ${part.replaceAll('_j', '_i').replaceAll('_{jk}', '_{ik}')}}\\, R_k`;

/** Relevance rules, in words and signs of Montavon et al. (2019); activations a are not negative. */
function ruleLatex(rule: string, { relative_epsilon: relative }: Params): string {
    const epsilon = Number(relative) > 0 ? '\\varepsilon\\,\\overline{|z|}' : '\\varepsilon';
    switch (rule) {
        case 'zero':
            return 'R_j = \\sum_k \\frac{a_j w_{jk}}{z_k} R_k';
        case 'gamma':
            return handed('a_j (w_{jk} + \\gamma\\, w_{jk}^+)');
        case 'z_plus':
            return handed('a_j w_{jk}^+');
        case 'alpha_beta':
            return [
                'R_j = \\sum_k \\Big(\\alpha \\frac{a_j w_{jk}^+}{\\sum_i a_i w_{ik}^+}',
                ' - \\beta \\frac{a_j w_{jk}^-}{\\sum_i a_i w_{ik}^-}\\Big) R_k,\\quad \\beta = \\alpha - 1',
            ].join('');
        case 'z_box':
            return handed('x_j w_{jk} - l\\, w_{jk}^+ - h\\, w_{jk}^-');
        case 'w_square':
            return handed('w_{jk}^2');
        case 'flat':
            return 'R_j = \\sum_k \\frac{1}{\\sum_i 1}\\, R_k';
        default:
            return `R_j = \\sum_k \\frac{a_j w_{jk}}{z_k + ${epsilon}\\,\\mathrm{sign}(z_k)} R_k`;
    }
}

/** Which rule a composite has for the first layer, for convolutions and for dense layers (zennit's names). */
const composites: Record<string, { first?: string; convolutions: string; dense: string }> = {
    epsilon: { convolutions: 'epsilon', dense: 'epsilon' },
    epsilon_plus: { convolutions: 'z_plus', dense: 'epsilon' },
    epsilon_plus_flat: { first: 'flat', convolutions: 'z_plus', dense: 'epsilon' },
    epsilon_gamma_box: { first: 'z_box', convolutions: 'gamma', dense: 'epsilon' },
    epsilon_alpha2_beta1: { convolutions: 'alpha_beta', dense: 'epsilon' },
    epsilon_alpha2_beta1_flat: { first: 'flat', convolutions: 'alpha_beta', dense: 'epsilon' },
    gamma: { convolutions: 'gamma', dense: 'gamma' },
    z_plus: { convolutions: 'z_plus', dense: 'z_plus' },
};

function lrp(params: Params): Formula[] {
    const rule = String(params['rule'] ?? 'by_composite');
    const composite = composites[String(params['composite'])];
    const parts =
        rule === 'z_box'
            ? { first: 'z_box', convolutions: 'epsilon', dense: 'epsilon' }
            : rule !== 'by_composite'
              ? { convolutions: rule, dense: rule }
              : composite;
    if (!parts) return [];
    const { first, convolutions, dense } = parts;
    // A composite of α = 2 has it whatever the parameter says.
    const latex = (id: string) =>
        id === 'alpha_beta' && rule === 'by_composite'
            ? ruleLatex(id, params)
                  .replace('\\alpha \\frac', '2 \\frac')
                  .replace('\\beta \\frac', '\\frac')
                  .replace(/,\\quad.*$/, '')
            : ruleLatex(id, params);
    const others = first ? 'the other ' : '';
    const byHand = String(params['rules'] ?? '')
        .split(',')
        .filter((entry) => entry.includes('='));
    return [
        ...byHand.map((entry) => {
            const [layer = '', own = ''] = entry.split('=');
            return { where: `In ${layer}`, latex: ruleLatex(own, params) };
        }),
        ...(first ? [{ where: 'In the first layer', latex: latex(first) }] : []),
        ...(convolutions === dense
            ? [{ ...(first || byHand.length > 0 ? { where: 'In all others' } : {}), latex: latex(dense) }]
            : [
                  { where: `In ${others}convolutions`, latex: latex(convolutions) },
                  { where: 'In dense layers', latex: latex(dense) },
              ]),
    ];
}

const one = (latex: string): Formula[] => [{ latex }];
const gradient = '\\frac{\\partial f_t}{\\partial x}';

/**
 * Where a parameter changes what is computed, the formula of what was chosen; methods that are not here have one for
 * all.
 */
const chosen: Record<string, (params: Params) => Formula[]> = {
    lrp,
    gradient: ({ absolute }) => (absolute === true ? one(`\\left|${gradient}\\right|`) : []),
    smoothgrad: ({ variant, absolute }) => {
        const each =
            absolute === true
                ? `\\left|${gradient}\\right|_{x+\\varepsilon_i}`
                : `${gradient}\\Big|_{x+\\varepsilon_i}`;
        const noise = ',\\quad \\varepsilon_i\\sim\\mathcal N(0,\\sigma^2)';
        if (variant === 'squared') return one(`\\frac1n\\sum_{i=1}^{n} \\Big(${each}\\Big)^2${noise}`);
        if (variant === 'variance') return one(`\\mathrm{Var}_i\\Big(${each}\\Big)${noise}`);
        return absolute === true ? one(`\\frac1n\\sum_{i=1}^{n} ${each}${noise}`) : [];
    },
    deeplift: ({ rule }) => deepliftRule(rule, "C_i = m_i\\,(x_i - x'_i)"),
    deep_shap: ({ rule }) => deepliftRule(rule, '\\phi_i = \\frac1K\\sum_{k=1}^{K} m_i^{(k)}\\,(x_i - b_i^{(k)})'),
    excitation_backprop: ({ contrastive, truncate }) => {
        const rule = 'P(a_j) = \\sum_k \\frac{a_j w_{jk}^+}{\\sum_i a_i w_{ik}^+} P(a_k)';
        const map = contrastive === true ? 'P_t - P_{\\neg t}' : 'P_t';
        if (contrastive !== true && truncate !== true) return [];
        return [
            { where: 'Layer by layer', latex: rule },
            { where: 'The map', latex: truncate === true ? `\\max(${map},\\,0)` : map },
        ];
    },
    occlusion: ({ fill, value }) => {
        if (fill === 'value' && Number(value) === 0) return [];
        const cover =
            fill === 'mean'
                ? '\\bar x\\, w'
                : fill === 'blurred'
                  ? '\\mathrm{blur}(x) \\odot w'
                  : `${String(value)}\\, w`;
        return one(`f_t(x) - f_t\\big(x \\odot (1-w) + ${cover}\\big)`);
    },
    grad_cam: ({ relu }) =>
        relu === false
            ? one(
                  [
                      '\\sum_k \\alpha_k A_k,\\quad ',
                      '\\alpha_k = \\frac1Z\\sum_{ij}\\frac{\\partial f_t}{\\partial A_{k,ij}}',
                  ].join(''),
              )
            : [],
    fgsm: ({ targeted }) =>
        targeted === true
            ? one("x' = \\mathrm{clip}\\big(x - \\varepsilon\\,\\mathrm{sign}(\\nabla_x L(x, t))\\big)")
            : [],
    pgd: ({ targeted, norm }) => {
        if (targeted !== true && norm !== 'l2') return [];
        const ball = norm === 'l2' ? '\\|x-x_0\\|_2' : '\\|x-x_0\\|_\\infty';
        const slope = '\\nabla_x L(x_k, t)';
        const step = norm === 'l2' ? `\\frac{${slope}}{\\|${slope}\\|_2}` : `\\mathrm{sign}(${slope})`;
        return one(
            `x_{k+1} = \\Pi_{${ball}\\le\\varepsilon}\\Big(x_k ${
                targeted === true ? '-' : '+'
            } \\alpha\\,${step}\\Big)`,
        );
    },
};

function deepliftRule(rule: Params[string] | undefined, map: string): Formula[] {
    if (rule === 'linear') return one(`${map},\\quad m_{\\Delta x\\Delta y} = \\frac{\\partial y}{\\partial x}`);
    if (rule !== 'reveal_cancel') return [];
    const half = (own: '+' | '-', other: '+' | '-') =>
        `\\Delta y^${own} = \\tfrac12\\big(f(x'+\\Delta x^${own}) - f(x') + f(x) - f(x'+\\Delta x^${other})\\big)`;
    return [
        { where: 'The map', latex: map },
        {
            where: 'Where a layer is not linear',
            latex: `m^\\pm = \\frac{\\Delta y^\\pm}{\\Delta x^\\pm},\\quad ${half('+', '-')}`,
        },
    ];
}

/** The formulas of a method with these parameters, defaults included; `usual` is the card's own. */
export function formulas(method: string, params: Params, usual: string): Formula[] {
    const found = chosen[method]?.(params) ?? [];
    return found.length > 0 ? found : [{ latex: usual }];
}
