import { css } from 'lit';

export const checkStyles = css`
    :host {
        display: grid;
        grid-template-columns: minmax(0, 1fr);
        gap: var(--gap-2);
        max-width: 60rem;
    }
    h3 {
        margin-top: var(--gap-4);
    }
    .strip {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: var(--gap-2) var(--gap-4);
        min-height: var(--touch);
    }
    .checks {
        width: 100%;
        border-collapse: collapse;
        line-height: 1.35;
    }
    th, td {
        padding: var(--gap-1) var(--gap-4) var(--gap-1) 0;
        border-bottom: 1px solid var(--line);
        text-align: left;
        font-weight: 400;
        vertical-align: top;
    }
    thead th {
        color: var(--muted);
        font-size: var(--small);
        white-space: nowrap;
    }
    .test {
        width: 52%;
    }
    .test a {
        display: inline-flex;
        align-items: center;
        min-height: var(--touch);
    }
    .test .quiet {
        display: block;
        margin-top: -8px;
    }
    td {
        padding-top: 11px;
        min-width: 7rem;
    }
    .own {
        color: var(--accent);
    }
    .why {
        color: var(--muted);
        font-size: var(--small);
    }
    td small {
        display: block;
        color: var(--muted);
        font-size: var(--small);
    }
    /* Beneath one another where there is no room beside. */
    @container (max-width: 639px) {
        thead {
            position: absolute;
            width: 1px;
            height: 1px;
            overflow: hidden;
            clip-path: inset(50%);
        }
        tr {
            display: grid;
            grid-template-columns: minmax(0, 1fr) minmax(0, 1fr);
            border-bottom: 1px solid var(--line);
            padding-bottom: var(--gap-2);
        }
        th, td {
            border: 0;
            padding: 0 var(--gap-2) 0 0;
            min-width: 0;
        }
        .test, .why {
            grid-column: 1 / -1;
            width: auto;
        }
        td::before {
            content: attr(data-head) ' ';
            color: var(--muted);
            font-size: var(--small);
        }
        td:empty, td.why::before {
            display: none;
        }
    }
`;
