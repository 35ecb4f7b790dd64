import { css } from 'lit';

export const methodStyles = css`
    :host {
        display: grid;
        grid-template-columns: minmax(0, 1fr);
        gap: var(--gap-4) var(--gap-6);
        align-items: start;
    }
    header {
        display: flex;
        flex-wrap: wrap;
        justify-content: space-between;
        gap: var(--gap-2);
    }
    .title {
        order: 1;
        flex: 1 0 100%;
        min-width: 0;
    }
    .actions {
        display: flex;
        gap: var(--gap-2);
    }
    /* All in one row: the map is to be seen beneath. */
    @container (max-width: 860px) {
        .actions .word {
            display: none;
        }
        .actions button {
            padding: 0;
        }
    }
    .title h2 {
        outline: none;
    }
    .question {
        max-width: 60ch;
        font: 400 var(--large) / 1.45 var(--serif);
        color: var(--muted);
    }
    .work {
        display: grid;
        grid-template-columns: minmax(0, 1fr);
        gap: var(--gap-4) var(--gap-5);
        align-items: start;
    }
    /* The map stays in view while its controls pass by: beside it, or beneath it. */
    .picture {
        position: sticky;
        z-index: 2;
        top: var(--desk);
        display: grid;
        gap: var(--gap-2);
        max-width: 588px;
        padding-bottom: var(--gap-2);
        background: var(--table);
    }
    .picture pl-map, .picture pl-legend {
        width: round(down, min(100%, var(--map-most), 58dvh), var(--map-step));
    }
    .picture pl-map {
        box-shadow: var(--lift);
    }
    .picture .empty {
        width: round(down, min(100%, var(--map-most), 58dvh), var(--map-step));
        aspect-ratio: 4 / 3;
        background: var(--paper);
        box-shadow: 0 0 0 1px var(--line);
        border-radius: 2px;
    }
    .side {
        display: grid;
        gap: var(--gap-5);
        min-width: 0;
    }
    .controls, .folded {
        display: grid;
        grid-template-columns: minmax(0, 1fr);
        gap: var(--gap-4);
    }
    .controls {
        max-width: 34rem;
    }
    summary {
        min-height: var(--touch);
        line-height: var(--touch);
        color: var(--accent);
        cursor: pointer;
    }
    .folded {
        margin: var(--gap-2) 0;
    }
    .controls > button {
        justify-self: start;
    }
    .text {
        max-width: 65ch;
    }
    .text h3 {
        margin-top: var(--gap-4);
    }
    .serif {
        font: 400 1.0625rem/1.6 var(--serif);
    }
    .where {
        margin-top: var(--gap-2);
    }
    @container (min-width: 640px) {
        header {
            flex-wrap: nowrap;
            align-items: start;
            gap: var(--gap-4);
        }
        .title {
            order: 0;
            flex: 1 1 auto;
        }
        .back {
            flex: none;
            padding: 0;
        }
        .back .to {
            position: absolute;
            width: 1px;
            height: 1px;
            overflow: hidden;
            clip-path: inset(50%);
        }
        .picture pl-map, .picture pl-legend {
            width: round(down, min(100%, var(--map-most)), var(--map-step));
        }
        .work {
            grid-template-columns: minmax(0, max(var(--board), 55%)) minmax(0, 1fr);
        }
    }
    @media print {
        .picture {
            position: static;
        }
    }
`;
