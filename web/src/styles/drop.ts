import { css } from 'lit';

/** A label of class drop: files are dropped on it, or chosen with the input in it; .over while they hover. */
export const dropStyles = css`
    .drop {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: var(--gap-2) var(--gap-4);
        max-width: 65ch;
        padding: var(--gap-3) var(--gap-4);
        border: 1px dashed var(--line-strong);
        border-radius: var(--radius);
        font-size: var(--small);
        line-height: 1.45;
        cursor: pointer;
    }
    .drop.over {
        border-color: var(--accent);
        background: var(--accent-soft);
    }
    .drop input {
        min-height: var(--touch);
        max-width: 100%;
    }
    .drop input::file-selector-button {
        min-height: var(--touch);
        margin-right: var(--gap-3);
        padding: 0 var(--gap-3);
        border: 1px solid var(--line);
        border-radius: var(--radius);
        background: var(--paper);
        color: var(--text);
        font: inherit;
        cursor: pointer;
    }
    code {
        overflow-wrap: anywhere;
    }
`;
