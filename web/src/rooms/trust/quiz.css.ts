import { css } from 'lit';

export const quizStyles = css`
    :host {
        display: grid;
        grid-template-columns: minmax(0, 1fr);
        gap: var(--gap-3);
        align-content: start;
    }
    h4 {
        margin: 0;
        font: 400 var(--large) / 1.4 var(--serif);
    }
    .answer {
        display: grid;
        align-items: center;
        min-height: var(--touch);
    }
    .verdict {
        min-height: 7.6em;
        max-width: 60ch;
        line-height: 1.5;
    }
    .verdict b {
        font-weight: 600;
    }
    .pair {
        display: grid;
        grid-template-columns: repeat(2, minmax(0, 1fr));
        gap: var(--gap-3);
        max-width: 464px;
    }
    .pair pl-map {
        width: round(down, 100%, var(--map-step));
    }
    .pair figure {
        display: grid;
        gap: var(--gap-2);
        align-content: start;
        justify-items: start;
    }
    figcaption {
        color: var(--muted);
        font-size: var(--small);
        line-height: 1.35;
    }
    .hidden-map {
        display: grid;
        place-items: center;
        width: round(down, 100%, var(--map-step));
        aspect-ratio: 1;
        border: 1px dashed var(--line-strong);
        border-radius: 2px;
        color: var(--muted);
        font: 400 2rem/1 var(--serif);
    }
    .sheet {
        position: relative;
        width: round(down, min(100%, 308px), 28px);
    }
    .square {
        position: absolute;
        min-width: 0;
        min-height: 0;
        padding: 0;
        border: 2px solid var(--accent);
        border-radius: 0;
        background: color-mix(in srgb, var(--accent) 14%, transparent);
        color: var(--accent);
        font: 600 var(--normal) / 1 var(--sans);
    }
    .square span {
        padding: 1px 4px 2px;
        border-radius: 2px;
        background: var(--paper);
    }
    .square:hover {
        border-color: var(--accent);
        background: color-mix(in srgb, var(--accent) 30%, transparent);
    }
    .square.chosen {
        border-width: 4px;
    }
    .square:disabled {
        color: var(--accent);
        border-color: var(--accent);
        background: none;
    }
    .three {
        display: grid;
        grid-template-columns: repeat(3, minmax(0, 1fr));
        gap: var(--gap-3);
        max-width: 464px;
        min-height: 8rem;
    }
    .foot {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: var(--gap-3);
        min-height: var(--touch);
    }
`;
