import { css } from 'lit';

export const byHandStyles = css`
    .lead select {
        color: var(--text);
    }
    .work {
        display: grid;
        grid-template-columns: minmax(0, 1fr);
        gap: var(--gap-3) var(--gap-5);
    }
    pl-pixels {
        width: round(down, min(100%, 364px), var(--map-step));
    }
    .aside {
        display: grid;
        gap: var(--gap-3);
        align-content: start;
    }
    .tools {
        display: flex;
        flex-wrap: wrap;
        gap: var(--gap-2);
    }
    .results {
        display: grid;
        grid-template-columns: repeat(auto-fill, minmax(min(140px, 44%), 1fr));
        gap: var(--gap-4);
        max-width: 760px;
    }
    .results pl-map {
        width: round(down, min(100%, 168px), var(--map-step));
    }
    figcaption {
        margin-top: var(--gap-1);
        color: var(--muted);
        font-size: var(--small);
        line-height: 1.4;
        min-height: 4.2em;
    }
    figcaption b {
        color: var(--text);
        font-weight: 600;
    }
    figcaption button {
        display: flex;
        margin-top: var(--gap-2);
    }
    @container (min-width: 610px) {
        .work {
            grid-template-columns: 364px minmax(0, 1fr);
        }
    }
`;
