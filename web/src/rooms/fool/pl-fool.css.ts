import { css } from 'lit';

export const foolStyles = css`
    :host {
        display: grid;
        grid-template-columns: minmax(0, 1fr);
        gap: var(--gap-5);
    }
    .intro {
        max-width: 60ch;
        color: var(--muted);
        font: 400 var(--large) / 1.45 var(--serif);
    }
    .verdict {
        min-height: 3.2em;
        font: 400 1.25rem/1.5 var(--serif);
    }
    .sum {
        display: grid;
        grid-template-columns: minmax(0, 1fr) auto minmax(0, 1fr) auto minmax(0, 1fr);
        align-items: start;
        gap: var(--gap-2) var(--gap-3);
        max-width: 760px;
    }
    .operator {
        align-self: center;
        margin-bottom: 1.5em;
        font-size: 1.5rem;
        color: var(--muted);
    }
    figcaption {
        margin-top: var(--gap-2);
        /* As high whatever it says. */
        min-height: 4.05em;
        color: var(--muted);
        font-size: var(--small);
        line-height: 1.35;
    }
    .controls {
        display: grid;
        gap: var(--gap-4) var(--gap-6);
        max-width: 760px;
    }
    .choices {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: var(--gap-1) var(--gap-5);
    }
    .choices label {
        display: inline-flex;
        align-items: center;
        gap: var(--gap-2);
        min-height: var(--touch);
    }
    .choices .quiet {
        flex: 1 0 100%;
    }
    @media (max-width: 639px) {
        .sum {
            column-gap: var(--gap-1);
        }
        .operator {
            font-size: 1rem;
        }
        figcaption {
            min-height: 6.75em;
        }
        .verdict {
            min-height: 4.5em;
        }
    }
`;

/** A part of the room, with a line above it. */
export const partStyles = css`
    :host {
        display: grid;
        grid-template-columns: minmax(0, 1fr);
        gap: var(--gap-3);
        padding-top: var(--gap-4);
        border-top: 1px solid var(--line);
    }
    .lead {
        max-width: 65ch;
        color: var(--muted);
        line-height: 1.45;
    }
    .said {
        max-width: 65ch;
        font: 400 var(--large) / 1.45 var(--serif);
        min-height: 2.9em;
    }
`;

/** A table of networks, a line each; a network that can be chosen is a button. */
export const networkTable = css`
    table {
        width: 100%;
        border-collapse: collapse;
    }
    th, td {
        padding: var(--gap-1) var(--gap-3) var(--gap-1) 0;
        font-weight: 400;
        text-align: left;
        line-height: 1.25;
    }
    thead th {
        color: var(--muted);
        font-size: var(--small);
        vertical-align: bottom;
    }
    tbody tr {
        border-top: 1px solid var(--line);
        height: 48px;
    }
    th button {
        justify-content: start;
        margin-left: calc(-1 * var(--gap-3));
        text-align: left;
        line-height: 1.2;
        text-decoration: underline;
        text-decoration-color: var(--line-strong);
        text-underline-offset: 0.2em;
    }
    .turned {
        color: var(--for);
        font-weight: 600;
    }
`;
