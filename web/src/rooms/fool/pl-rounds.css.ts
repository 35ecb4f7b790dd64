import { css } from 'lit';

export const roundsStyles = css`
    .row {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: var(--gap-2) var(--gap-4);
    }
    .row label {
        display: inline-flex;
        flex-wrap: wrap;
        align-items: center;
        gap: var(--gap-1) var(--gap-2);
        min-height: var(--touch);
        max-width: 100%;
    }
    .row select {
        max-width: 100%;
    }
    .samples {
        display: grid;
        grid-template-columns: repeat(auto-fill, minmax(min(250px, 100%), 1fr));
        gap: var(--gap-2);
        max-width: 860px;
    }
    .samples li {
        display: grid;
        grid-template-columns: 72px 72px minmax(0, 1fr) auto;
        align-items: start;
        gap: var(--gap-2);
        padding: var(--gap-2) 0 var(--gap-2) var(--gap-2);
        border: 1px solid var(--line);
        border-radius: var(--radius);
        background: var(--raised);
    }
    .none {
        aspect-ratio: 1;
        border: 1px dashed var(--line-strong);
        border-radius: 2px;
    }
    .samples b {
        color: var(--text);
    }
    /* The buttons and the strip that takes their place are as high as each other: nothing moves when a round begins or
        ends. */
    .zone {
        display: grid;
        align-content: center;
        min-height: calc(var(--touch) + 1.6em);
        max-width: 40rem;
    }
    .zone:focus {
        outline: none;
    }
    .wide {
        max-width: 760px;
        overflow-x: auto;
    }
    @media (min-width: 640px) {
        table {
            table-layout: fixed;
        }
    }
    tbody .own {
        font-weight: 600;
    }
    .cell {
        display: grid;
        grid-template-columns: 5.2ch minmax(24px, 72px);
        align-items: center;
        gap: var(--gap-2);
    }
    .track {
        display: block;
        height: 8px;
        border-radius: 2px;
        background: color-mix(in srgb, var(--line) 60%, transparent);
        overflow: hidden;
    }
    .bar {
        display: block;
        height: 100%;
        background: var(--ink);
        transform-origin: 0 0;
    }
    td:last-child, thead th:last-child {
        padding-right: 0;
    }
    .cell span {
        white-space: nowrap;
    }
    .said {
        min-height: 0;
    }
    @media (max-width: 639px) {
        .cell {
            grid-template-columns: 5.2ch;
        }
        .track {
            display: none;
        }
        th, td {
            padding-right: var(--gap-2);
        }
    }
`;
