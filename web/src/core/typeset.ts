import katex from 'katex';
// Loaded as a file of its own, so that the fonts' addresses stay right and the policy allows it.
import 'katex/dist/katex.min.css';

/** A formula as elements; KaTeX sets styles through the object model, which the page's policy permits. */
export function typeset(latex: string): HTMLElement {
    const element = document.createElement('span');
    element.className = 'formulas';
    for (const part of inRow(latex)) {
        const one = element.appendChild(document.createElement('span'));
        katex.render(part, one, { displayMode: true, throwOnError: false, output: 'htmlAndMathml' });
    }
    return element;
}

/** Formulas that stand one after another, with a \\quad between; those in braces or tall brackets are of one. */
function inRow(latex: string): string[] {
    const parts = [''];
    let depth = 0;
    for (const piece of latex.split(/(\\left\b|\\right\b|\\begin\b|\\end\b|\\[{}]|[{}]|\\quad\b)/)) {
        if (piece === '{' || piece === '\\left' || piece === '\\begin') depth++;
        if (piece === '}' || piece === '\\right' || piece === '\\end') depth--;
        if (piece === '\\quad' && depth === 0) parts.push('');
        else parts[parts.length - 1] += piece;
    }
    return parts.map((part) => part.trim()).filter((part) => part !== '');
}

let copied: CSSStyleSheet | undefined;

/** KaTeX's rules for a shadow root, taken from the document, where its fonts are declared. */
export function sheet(): CSSStyleSheet {
    if (copied) return copied;
    const rules = [...document.styleSheets]
        .flatMap((each) => [...each.cssRules])
        .filter((rule) => rule instanceof CSSStyleRule && rule.cssText.includes('katex'))
        .map((rule) => rule.cssText);
    const made = new CSSStyleSheet();
    made.replaceSync(
        `${rules.join(
            '\n',
        )} .katex-display { margin: 0; text-align: left } .katex-display > .katex { text-align: left }`,
    );
    if (rules.length > 0) copied = made;
    return made;
}
