import { css } from 'lit';

export const leagueStyles = css`
    :host {
        display: grid;
        grid-template-columns: minmax(0, 1fr);
        gap: var(--gap-3);
    }
    .said {
        max-width: 65ch;
        font: 400 var(--large) / 1.5 var(--serif);
    }
    .said.own-words {
        min-height: 3em;
    }
    .strip {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: 0 var(--gap-4);
        min-height: var(--touch);
    }
    .strip .gone {
        visibility: hidden;
    }
    .strip .words {
        min-width: 14rem;
    }
    .keys {
        display: flex;
        flex-wrap: wrap;
        gap: var(--gap-1) var(--gap-4);
    }
    .key {
        display: inline-flex;
        align-items: center;
        gap: var(--gap-2);
    }
    .wide {
        width: fit-content;
        max-width: 100%;
        max-height: min(82dvh, 60rem);
        overflow: auto;
        /* What is hidden for the eye in the cells would lengthen the page instead. */
        position: relative;
        border: 1px solid var(--line);
        border-radius: var(--radius);
        overscroll-behavior-x: contain;
    }
    table {
        border-collapse: separate;
        border-spacing: 0;
        font-size: 0.875rem;
        line-height: 1.25;
    }
    th, td {
        padding: 6px var(--gap-2);
        border-bottom: 1px solid var(--line);
        text-align: left;
        font-weight: 400;
        vertical-align: top;
        background: var(--table);
    }
    thead th {
        position: sticky;
        top: 0;
        z-index: 1;
        min-width: 96px;
        padding: 0;
    }
    thead th:first-child, tbody th {
        position: sticky;
        left: 0;
        z-index: 1;
        min-width: 8.5rem;
        max-width: 11rem;
        border-right: 1px solid var(--line);
    }
    thead th:first-child {
        z-index: 2;
        padding: var(--gap-2);
        vertical-align: bottom;
    }
    thead button {
        display: flex;
        flex-direction: column;
        align-items: start;
        justify-content: start;
        gap: 0;
        width: 100%;
        height: 100%;
        min-height: 98px;
        padding: var(--gap-2);
        border: 0;
        border-radius: 0;
        background: none;
        text-align: left;
        line-height: 1.2;
    }
    thead button:hover {
        background: var(--accent-soft);
    }
    thead th:is([aria-sort='ascending'], [aria-sort='descending']) button {
        box-shadow: inset 0 -2px var(--accent);
    }
    thead small, tbody th small {
        display: block;
        color: var(--muted);
        font-size: var(--small);
    }
    thead .way {
        margin-top: auto;
        padding-top: 4px;
    }
    tbody th {
        padding: 0;
    }
    tbody th a {
        display: flex;
        flex-direction: column;
        justify-content: center;
        min-height: 64px;
        padding: 4px var(--gap-2);
        color: inherit;
        text-decoration: none;
        line-height: 1.2;
    }
    tbody th a:hover {
        color: var(--accent);
    }
    td.best {
        background: var(--accent-soft);
    }
    td.best .mean b {
        font-weight: 600;
    }
    .mean b {
        font-weight: 400;
    }
    .mean, .own {
        display: block;
        white-space: nowrap;
    }
    .mean small {
        color: var(--muted);
    }
    td.best .mean small {
        color: var(--text);
    }
    .own {
        min-height: 1.25em;
        color: var(--accent);
    }
    svg {
        display: block;
        margin: 3px 0;
        overflow: visible;
    }
    .track {
        stroke: var(--line-strong);
        stroke-opacity: 0.45;
    }
    .interval {
        stroke: var(--text);
        stroke-width: 2;
    }
    .dot {
        fill: var(--text);
    }
    .mine {
        fill: var(--accent);
    }
    @media (max-width: 639px) {
        thead th:first-child, tbody th {
            min-width: 6.5rem;
            max-width: 6.5rem;
            overflow-wrap: anywhere;
        }
        table {
            font-size: var(--small);
        }
    }
    @media (forced-colors: active) {
        td.best {
            outline: 1px solid CanvasText;
            outline-offset: -3px;
        }
        .mine {
            fill: Highlight;
        }
        .track, .interval {
            stroke: CanvasText;
        }
        .dot {
            fill: CanvasText;
        }
    }
    @media print {
        .wide {
            max-height: none;
            overflow: visible;
        }
    }
`;
