import { css } from 'lit';

export const trayStyles = css`
    :host {
        display: grid;
        grid-template-columns: minmax(0, 1fr);
        gap: var(--gap-4);
    }
    :host(:not([whole])) {
        padding-top: var(--gap-5);
        border-top: 1px solid var(--line);
    }
    .title {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        justify-content: space-between;
        gap: var(--gap-2) var(--gap-4);
    }
    .together {
        display: inline-flex;
        align-items: center;
        gap: var(--gap-2);
        min-height: var(--touch);
    }
    .invitation {
        max-width: 60ch;
        font: 400 var(--large) / 1.45 var(--serif);
        color: var(--muted);
    }
    .slots {
        display: grid;
        grid-template-columns: repeat(auto-fill, minmax(150px, 1fr));
        gap: var(--gap-2) var(--gap-4);
        max-width: 1180px;
    }
    .add {
        align-self: start;
        min-height: 84px;
        border-style: dashed;
        background: none;
    }
    figure {
        display: grid;
        gap: var(--gap-1);
        align-content: start;
    }
    figure pl-map, figure pl-legend {
        width: round(down, 100%, var(--map-step));
    }
    figcaption {
        line-height: 1.35;
    }
    @media (max-width: 639px) {
        .slots {
            grid-template-columns: repeat(2, minmax(0, 1fr));
        }
    }
`;
