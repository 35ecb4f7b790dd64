import { css } from 'lit';

export const pickerStyles = css`
    .search {
        position: sticky;
        z-index: 1;
        top: 60px;
        display: flex;
        align-items: center;
        gap: var(--gap-2);
        margin: 0 -2px var(--gap-4);
        padding: 0 2px var(--gap-2);
        background: var(--table);
    }
    input[type='search'] {
        flex: 1;
        min-width: 0;
        min-height: var(--touch);
        padding: 0 var(--gap-3);
        border: 1px solid var(--line-strong);
        border-radius: var(--radius);
        background: var(--paper);
    }
    fieldset {
        break-inside: avoid;
        margin-bottom: var(--gap-4);
    }
    legend {
        padding: 0;
        color: var(--muted);
        font-size: var(--small);
    }
    .families {
        columns: 20rem 2;
        column-gap: var(--gap-5);
        min-height: 40vh;
    }
    .all {
        position: sticky;
        z-index: 1;
        bottom: 0;
        display: flex;
        flex-wrap: wrap;
        gap: var(--gap-2);
        margin: 0 -2px;
        padding: var(--gap-3) 2px;
        background: var(--table);
    }
    .line {
        display: grid;
        grid-template-columns: minmax(0, 1fr) auto;
        align-items: center;
        border-bottom: 1px solid var(--line);
        break-inside: avoid;
    }
    .line.pictured {
        grid-template-columns: 64px minmax(0, 1fr) auto;
        column-gap: var(--gap-3);
    }
    pl-thumb {
        grid-row: 1 / 3;
        align-self: start;
        width: 64px;
        height: 64px;
        margin: var(--gap-2) 0;
    }
    .pictured .about, .pictured .name {
        grid-column: 2 / -1;
    }
    .about {
        grid-column: 1 / -1;
        padding-bottom: var(--gap-2);
        line-height: 1.35;
    }
    label:not(.search) {
        display: flex;
        align-items: center;
        gap: var(--gap-3);
        min-height: var(--touch);
    }
    small {
        color: var(--muted);
        font-size: var(--small);
    }
    .name {
        grid-column: 1 / -1;
        justify-content: start;
        margin-left: calc(-1 * var(--gap-2));
        padding: 0 var(--gap-2);
        text-align: left;
    }
    .badge {
        display: inline-block;
        padding: 0 6px;
        border: 1px solid var(--line-strong);
        border-radius: 9px;
        white-space: nowrap;
    }
`;
