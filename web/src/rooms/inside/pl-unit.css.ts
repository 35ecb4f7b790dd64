import { css } from 'lit';

export const unitStyles = css`
    :host {
        display: grid;
        grid-template-columns: minmax(0, 1fr);
        gap: var(--gap-5);
        container-type: inline-size;
    }
    header {
        display: grid;
        gap: var(--gap-2);
    }
    .title {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: var(--gap-2) var(--gap-3);
    }
    .where {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: var(--gap-1) var(--gap-3);
    }
    label {
        display: inline-flex;
        align-items: center;
        gap: var(--gap-2);
    }
    section {
        display: grid;
        grid-template-columns: minmax(0, 1fr);
        gap: var(--gap-3);
        padding-top: var(--gap-4);
        border-top: 1px solid var(--line);
    }
    .row {
        display: grid;
        grid-template-columns: repeat(auto-fill, minmax(min(200px, 100%), 1fr));
        gap: var(--gap-5);
        align-items: start;
    }
    .row .wide {
        grid-column: span 2;
    }
    @container (max-width: 519px) {
        .row .wide {
            grid-column: auto;
        }
    }
    h4 {
        margin: 0;
        font: 600 0.9375rem / 1.4 var(--sans);
    }
    figure {
        display: grid;
        gap: var(--gap-1);
        align-content: start;
    }
    pl-field, .own {
        width: 196px;
        max-width: 100%;
    }
`;
