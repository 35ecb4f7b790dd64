import { css } from 'lit';

export const overviewStyles = css`
    :host {
        display: grid;
        grid-template-columns: minmax(0, 1fr);
        gap: var(--gap-4);
    }
    .lead {
        max-width: 62ch;
        color: var(--muted);
        font: 400 var(--large) / 1.45 var(--serif);
    }
    .legend {
        display: flex;
        align-items: center;
        gap: var(--gap-2);
        margin-top: var(--gap-2);
    }
    .legend .end {
        flex: none;
    }
    .scale {
        flex: none;
        width: 96px;
        height: 8px;
        border-radius: 2px;
        box-shadow: 0 0 0 1px var(--line);
        forced-color-adjust: none;
        print-color-adjust: exact;
    }
    ol {
        display: grid;
        grid-template-columns: minmax(0, 1fr);
        gap: var(--gap-4);
    }
    .layer {
        display: grid;
        grid-template-columns: minmax(0, 1fr);
        gap: var(--gap-1);
    }
    .head {
        display: flex;
        flex-wrap: wrap;
        align-items: baseline;
        gap: 0 var(--gap-3);
    }
    .head button {
        gap: var(--gap-1);
        min-width: 0;
        min-height: 28px;
        padding: 0 var(--gap-1);
        margin-left: calc(-1 * var(--gap-1));
        border-color: transparent;
        background: none;
        font-weight: 600;
    }
    .head button:hover, .head button[aria-expanded='true'] {
        background: var(--accent-soft);
    }
    .head button svg {
        width: 14px;
        height: 14px;
        color: var(--accent);
    }
    @media (pointer: coarse) {
        .head button {
            min-width: var(--touch);
            min-height: var(--touch);
        }
    }
    .pointed {
        margin-left: auto;
        min-height: 1.45em;
    }
    .answer {
        display: grid;
        grid-template-columns: max-content minmax(0, 1fr) 5ch;
        gap: 2px var(--gap-3);
        max-width: 30rem;
    }
    .answer li {
        display: grid;
        grid-column: 1 / -1;
        grid-template-columns: subgrid;
        align-items: center;
    }
    .answer .best {
        font-weight: 600;
    }
    .track {
        height: 12px;
        border-radius: 2px;
        background: color-mix(in srgb, var(--line) 45%, transparent);
    }
    .bar {
        display: block;
        height: 100%;
        border-radius: 1px;
        background: var(--accent);
        transform-origin: left;
    }
    .number {
        text-align: right;
        white-space: nowrap;
    }
    .zoom {
        display: grid;
        grid-template-columns: minmax(0, 1fr);
        gap: var(--gap-3);
        margin: var(--gap-2) 0 var(--gap-3);
        padding: var(--gap-4);
        border: 1px solid var(--line);
        border-radius: var(--radius);
        background: var(--raised);
        scroll-margin: calc(var(--desk) + 136px) 0 64px;
    }
    .zoom header {
        display: grid;
        grid-template-columns: minmax(0, 1fr) auto;
        align-items: start;
        gap: var(--gap-2);
    }
    .zoom header h3 {
        padding-top: 10px;
    }
    .zoom .parts {
        display: grid;
        grid-template-columns: 112px minmax(0, 1fr);
        gap: var(--gap-4);
        align-items: start;
    }
    .links {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: var(--gap-2);
    }
    .empty {
        min-height: 60vh;
    }
    @container (max-width: 519px) {
        .zoom {
            padding: var(--gap-3);
        }
        .zoom .parts {
            grid-template-columns: minmax(0, 1fr);
        }
        .zoom pl-field {
            width: 112px;
        }
    }
`;
