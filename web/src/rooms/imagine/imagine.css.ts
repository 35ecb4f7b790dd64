import { css } from 'lit';

/** What the room's parts have in common: a question, what was found in words, pictures, and what can be set. */
export const imagineStyles = css`
    :host {
        display: grid;
        grid-template-columns: minmax(0, 1fr);
        gap: var(--gap-4);
    }
    .intro {
        max-width: 62ch;
        color: var(--muted);
    }
    .said {
        min-height: 1.5em;
        font: 400 1.125rem/1.45 var(--serif);
    }
    .choices {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: var(--gap-2) var(--gap-4);
    }
    .choices label {
        display: inline-flex;
        align-items: center;
        gap: var(--gap-2);
        min-height: var(--touch);
    }
    .knobs {
        display: grid;
        grid-template-columns: repeat(auto-fill, minmax(190px, 1fr));
        gap: var(--gap-2) var(--gap-5);
    }
    .knobs label {
        display: grid;
        grid-template-columns: 1fr auto;
        font-size: var(--small);
    }
    .knobs input {
        grid-column: 1 / -1;
        width: 100%;
        accent-color: var(--accent);
    }
    .knobs output {
        font-variant-numeric: tabular-nums;
        color: var(--muted);
    }
    summary {
        min-height: var(--touch);
        line-height: var(--touch);
        cursor: pointer;
    }
    .wall {
        display: grid;
        grid-template-columns: repeat(5, minmax(0, 1fr));
        gap: var(--gap-3);
        max-width: 860px;
    }
    .wall.many {
        grid-template-columns: repeat(8, minmax(0, 1fr));
        gap: var(--gap-2);
    }
    .pair {
        display: grid;
        grid-template-columns: repeat(auto-fit, minmax(140px, 224px));
        gap: var(--gap-4);
    }
    @media (max-width: 639px) {
        .wall {
            grid-template-columns: repeat(3, minmax(0, 1fr));
            gap: var(--gap-2);
        }
        .wall.many {
            grid-template-columns: repeat(6, minmax(0, 1fr));
        }
        .pair {
            grid-template-columns: repeat(2, minmax(0, 1fr));
            gap: var(--gap-3);
        }
    }
`;
