import { css } from 'lit';

export const arithmeticStyles = css`
    :host {
        display: grid;
        grid-template-columns: minmax(0, 1fr);
        gap: var(--gap-3);
        container-type: inline-size;
    }
    .equation {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: var(--gap-2) var(--gap-3);
    }
    .equation figure {
        display: grid;
        gap: var(--gap-1);
    }
    figcaption {
        color: var(--muted);
        font-size: var(--small);
    }
    .sign {
        font-size: var(--large);
    }
    table {
        max-width: 44rem;
    }
    tfoot .total :is(th, td) {
        font-weight: 600;
        border-top: 1px solid var(--line-strong);
    }
    td.picture {
        width: 34%;
        padding-right: 0;
    }
    .bar {
        display: block;
        height: 6px;
        min-width: 1px;
        border-radius: 1px;
        background: var(--for);
    }
    .bar.negative {
        background: var(--against);
    }
    th button {
        min-height: 32px;
    }
    th button {
        min-width: 0;
        padding: 0 var(--gap-2) 0 0;
        border-color: transparent;
        background: none;
        color: var(--accent);
    }
    th button:hover {
        border-color: transparent;
        text-decoration: underline;
        text-underline-offset: 0.2em;
    }
    tr.marked th button {
        border-color: transparent;
        background: none;
        font-weight: 600;
        color: var(--text);
    }
    @media (pointer: coarse) {
        th button {
            min-width: var(--touch);
            min-height: var(--touch);
            justify-content: start;
        }
    }
    @container (max-width: 519px) {
        .picture {
            display: none;
        }
    }
    .result {
        font: 400 var(--large) / 1.45 var(--serif);
    }
`;
