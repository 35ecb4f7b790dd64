import { css } from 'lit';

/** A table of what a unit's number is made of: a row for each part, the sum in its foot. */
export const sumStyles = css`
    .wide {
        position: relative;
        overflow-x: auto;
    }
    table {
        width: 100%;
        border-collapse: collapse;
        font-size: 0.9375rem;
        line-height: 1.35;
    }
    th, td {
        padding: 3px var(--gap-3) 3px 0;
        text-align: right;
        font-weight: 400;
        white-space: nowrap;
        border-bottom: 1px solid var(--line);
    }
    thead th {
        color: var(--muted);
        font-size: var(--small);
    }
    th:first-child {
        text-align: left;
    }
    tfoot :is(th, td) {
        border: 0;
    }
`;
