import { css } from 'lit';

export const auditStyles = css`
    :host {
        display: grid;
        grid-template-columns: minmax(0, 1fr);
        gap: var(--gap-3);
    }
    .waiting {
        min-height: 24rem;
    }
    .said {
        max-width: 65ch;
        font: 400 1.0625rem/1.6 var(--serif);
    }
    .row {
        display: flex;
        flex-wrap: wrap;
        gap: 0 var(--gap-5);
    }
    .row label {
        display: inline-flex;
        align-items: center;
        gap: var(--gap-2);
        min-height: var(--touch);
    }
    .wide {
        position: relative;
        overflow-x: auto;
    }
    table {
        border-collapse: collapse;
        line-height: 1.35;
    }
    th, td {
        padding: 6px var(--gap-5) 6px 0;
        border-bottom: 1px solid var(--line);
        text-align: left;
        font-weight: 400;
        white-space: nowrap;
    }
    thead th {
        color: var(--muted);
        font-size: var(--small);
        white-space: normal;
        vertical-align: bottom;
    }
    .image pl-map {
        width: 56px;
    }
    button {
        justify-self: start;
    }
`;
