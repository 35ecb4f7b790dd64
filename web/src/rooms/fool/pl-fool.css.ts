import { css } from 'lit';

export const foolStyles = css`
    :host {
        display: grid;
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
        color: var(--muted);
        font-size: var(--small);
        line-height: 1.35;
    }
    .controls {
        display: grid;
        gap: var(--gap-3) var(--gap-6);
        max-width: 760px;
    }
    label small {
        color: var(--muted);
        font-size: var(--small);
    }
    .epsilon input {
        display: block;
        width: 100%;
    }
    fieldset {
        display: flex;
        flex-wrap: wrap;
        gap: 0 var(--gap-5);
    }
    legend {
        float: left;
        margin-right: var(--gap-4);
        padding: 0;
        line-height: var(--touch);
    }
    fieldset label, .towards {
        display: inline-flex;
        align-items: center;
        gap: var(--gap-2);
        min-height: var(--touch);
    }
    @media (max-width: 639px) {
        .sum {
            column-gap: var(--gap-1);
        }
        .operator {
            font-size: 1rem;
        }
    }
`;
