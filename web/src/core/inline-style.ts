import { nothing, type ElementPart } from 'lit';
import { Directive, PartType, directive, type PartInfo } from 'lit/directive.js';

/**
 * Sets styles of an element through the object model: `<span ${inlineStyle({ transform })}>`. Lit's own styleMap writes
 * a style attribute at first, which the page's content security policy forbids.
 */
class InlineStyle extends Directive {
    constructor(part: PartInfo) {
        super(part);
        if (part.type !== PartType.ELEMENT)
            throw new Error('inlineStyle belongs on an element, not in an attribute or a child');
    }
    override render(_styles: Readonly<Record<string, string>>): typeof nothing {
        return nothing;
    }
    override update(part: ElementPart, [styles]: [Readonly<Record<string, string>>]): typeof nothing {
        const { style } = part.element as HTMLElement;
        for (const [name, value] of Object.entries(styles)) style.setProperty(name, value);
        return nothing;
    }
}

export const inlineStyle = directive(InlineStyle);
