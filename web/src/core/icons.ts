import { svg, html, type SVGTemplateResult, type TemplateResult } from 'lit';

const shapes = {
    undo: svg`<path d="M8 5 4 9l4 4M4 9h9a5 5 0 0 1 0 10h-3" />`,
    redo: svg`<path d="m16 5 4 4-4 4M20 9h-9a5 5 0 0 0 0 10h3" />`,
    eraser: svg`<path d="m4 15 9-10 7 6-8 9H8zM9.500 9.500l7 6M12 20h8" />`,
    clear: svg`<path d="M5 7h14M10 7V4h4v3M7 7l1 13h8l1-13" />`,
    sample: svg`<path d="M4 4h7v7H4zM14 4h6v7h-6zM4 14h7v6H4zM17 14v6M14 17h6" />`,
    settings: svg`<path d="M4 7h9M18 7h2M4 17h3M12 17h8M13 5v4h4V5zM8 15v4h4v-4z" />`,
    help: svg`<circle cx="12" cy="12" r="9" /><path
        d="M9.500 9.500a2.500 2.500 0 1 1 3.500 2.300c-.7.3-1 .8-1 1.700M12 16.800v.1" />`,
    close: svg`<path d="M6 6l12 12M18 6 6 18" />`,
    back: svg`<path d="M20 12H5M11 6l-6 6 6 6" />`,
    pin: svg`<path d="M9 4h6l-1 6 3 3H7l3-3zM12 13v7" />`,
    large: svg`<path d="M4 10V4h6M20 14v6h-6M4 4l6 6M20 20l-6-6" />`,
    tiles: svg`<path d="M4 4h7v7H4zM14 4h6v7h-6zM4 14h7v6H4zM14 14h6v6h-6z" />`,
    reset: svg`<path d="M5 12a7 7 0 1 0 2.500-5.400L5 9M5 4v5h5" />`,
    play: svg`<path d="M8 5v14l11-7z" />`,
    pause: svg`<path d="M8 5v14M16 5v14" />`,
    stop: svg`<path d="M6 6h12v12H6z" />`,
    compare: svg`<path d="M4 5h7v14H4zM13 5h7v14h-7z" />`,
    search: svg`<circle cx="11" cy="11" r="6" /><path d="m20 20-4.700-4.700" />`,
    done: svg`<path d="m5 12 5 5 9-10" />`,
    more: svg`<path d="M5 12v.1M12 12v.1M19 12v.1" />`,
    link: svg`<path d="M10 14a4 4 0 0 0 6 0l3-3a4 4 0 0 0-6-6l-1 1M14 10a4 4 0 0 0-6 0l-3 3a4 4 0 0 0 6 6l1-1" />`,
} satisfies Record<string, SVGTemplateResult>;

/** A picture for a control that has its name in text or in aria-label. */
export const icon = (name: keyof typeof shapes): TemplateResult =>
    html`<svg class="icon" viewBox="0 0 24 24" aria-hidden="true">${shapes[name]}</svg>`;
