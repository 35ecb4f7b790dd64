import { css } from 'lit';

export const hidingStyles = css`
    :host {
        display: grid;
        grid-template-columns: minmax(0, 1fr);
        gap: var(--gap-3);
    }
    .lead {
        max-width: 65ch;
        color: var(--muted);
        line-height: 1.45;
    }
    .work {
        display: grid;
        grid-template-columns: minmax(0, 1fr);
        gap: var(--gap-4) var(--gap-5);
    }
    .sheet {
        position: relative;
        width: round(down, min(100%, 336px), var(--map-step));
    }
    .pad {
        position: absolute;
        inset: 0;
        cursor: none;
        overflow: hidden;
        touch-action: none;
        user-select: none;
        -webkit-user-select: none;
    }
    .window {
        position: absolute;
        left: 0;
        top: 0;
        outline: 2px solid var(--accent);
        outline-offset: -1px;
        background: color-mix(in srgb, var(--accent-soft) 60%, transparent);
        pointer-events: none;
        visibility: hidden;
    }
    .window.there {
        visibility: visible;
    }
    .size {
        display: grid;
        grid-template-columns: auto minmax(0, 1fr) auto;
        align-items: center;
        gap: var(--gap-3);
        width: round(down, min(100%, 336px), var(--map-step));
    }
    .said {
        min-height: 4.35em;
        font: 400 var(--large) / 1.45 var(--serif);
    }
    ol {
        display: grid;
        max-width: 22rem;
    }
    li {
        display: grid;
        grid-template-columns: 1.1ch minmax(0, 1fr) 4.6ch;
        align-items: center;
        gap: var(--gap-2);
        height: 24px;
    }
    .track {
        position: relative;
        display: block;
        height: 10px;
        border-radius: 2px;
        background: color-mix(in srgb, var(--line) 60%, transparent);
        overflow: hidden;
    }
    .bar, .was {
        position: absolute;
        inset: 0;
        transform-origin: 0 0;
        background: var(--ink);
    }
    .was {
        background: var(--line-strong);
        opacity: 0.5;
    }
    .number {
        color: var(--muted);
        font-size: 0.875rem;
        text-align: right;
    }
    .maps {
        display: grid;
        grid-template-columns: repeat(3, minmax(0, 1fr));
        gap: var(--gap-4);
        max-width: 640px;
    }
    .maps pl-map, .maps pl-legend {
        width: round(down, 100%, var(--map-step));
    }
    .maps pl-map {
        margin-bottom: var(--gap-1);
    }
    figcaption {
        margin-top: var(--gap-1);
        line-height: 1.35;
    }
    figcaption b {
        font-weight: 600;
    }
    @media (max-width: 639px) {
        .maps {
            gap: var(--gap-2);
        }
    }
    @container (min-width: 610px) {
        .work {
            grid-template-columns: 336px minmax(0, 1fr);
        }
    }
`;
