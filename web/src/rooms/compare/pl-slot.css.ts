import { css } from 'lit';

export const slotStyles = css`
    :host {
        display: grid;
        grid-row: span 7;
        grid-template-rows: subgrid;
        align-content: start;
        min-width: 0;
    }
    .head {
        display: grid;
        grid-template-columns: minmax(0, 1fr) auto;
        gap: var(--gap-1);
        container-type: inline-size;
    }
    .method {
        justify-content: space-between;
        min-width: 0;
        padding: 0 var(--gap-2);
        text-align: left;
        line-height: 1.2;
        overflow-wrap: anywhere;
    }
    @container (max-width: 210px) {
        .method {
            font-size: 0.9375rem;
        }
        .method svg {
            display: none;
        }
    }
    .method small {
        color: var(--muted);
        font-size: var(--small);
    }
    pl-map, pl-legend, pl-item, .empty {
        width: round(down, 100%, var(--map-step));
    }
    pl-map {
        align-self: start;
    }
    .empty {
        aspect-ratio: 1;
        background: var(--paper);
        box-shadow: 0 0 0 1px var(--line);
    }
    .empty, pl-item {
        grid-row: span 2;
    }
    .meta {
        display: flex;
        justify-content: space-between;
        gap: var(--gap-2);
    }
    .run.kept {
        min-height: var(--touch);
    }
    .own {
        display: flex;
        flex-wrap: wrap;
        gap: var(--gap-1);
        align-content: start;
    }
    .own select, .own button {
        flex: 1 1 7.5rem;
        min-width: 0;
        font-size: 0.875rem;
    }
    .adjust {
        align-self: start;
        display: inline-flex;
        align-items: center;
        min-height: var(--touch);
        font-size: 0.875rem;
    }
`;
