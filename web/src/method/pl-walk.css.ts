import { css } from 'lit';

export const walkStyles = css`
    :host {
        display: block;
        container-type: inline-size;
    }
    .lead {
        max-width: 65ch;
        margin-bottom: var(--gap-4);
    }
    ol {
        display: grid;
    }
    li {
        display: grid;
        grid-template-columns: 112px minmax(0, 1fr);
        gap: var(--gap-2) var(--gap-4);
        align-items: start;
        padding-bottom: var(--gap-4);
    }
    /* The way down: a line beneath the maps. */
    .map {
        position: relative;
        z-index: 0;
    }
    li:not(:last-child) .map::after {
        content: '';
        position: absolute;
        z-index: -1;
        left: 50%;
        top: 100%;
        height: var(--gap-4);
        border-left: 1px solid var(--line-strong);
    }
    .name {
        display: flex;
        flex-wrap: wrap;
        align-items: baseline;
        gap: 0 var(--gap-2);
        font: 600 var(--normal) / 1.35 var(--sans);
    }
    .name small {
        font-weight: 400;
        font-size: var(--small);
        color: var(--muted);
    }
    .sum {
        font-size: var(--large);
        line-height: 1.5;
    }
    .sum small {
        font-size: var(--small);
        color: var(--muted);
    }
    .channels {
        grid-column: 1 / -1;
        display: grid;
        grid-template-columns: repeat(auto-fill, minmax(48px, 1fr));
        gap: var(--gap-2);
    }
    .channels p {
        grid-column: 1 / -1;
    }
    .channels figcaption {
        font-size: 0.75rem;
        line-height: 1.3;
        text-align: center;
        color: var(--muted);
    }
    .channels figure.chosen figcaption {
        color: var(--accent);
        font-weight: 600;
    }
    .unit {
        /* With the map that was pressed. */
        scroll-margin: 200px 0 var(--gap-4);
        grid-column: 1 / -1;
        padding: var(--gap-3) var(--gap-4);
        border: 1px solid var(--line);
        border-radius: var(--radius);
        background: var(--raised);
    }
    .which {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: var(--gap-1) var(--gap-3);
        margin-bottom: var(--gap-2);
    }
    .which button {
        margin-left: auto;
    }
    .which select {
        margin-left: var(--gap-1);
    }
    dl {
        display: flex;
        flex-wrap: wrap;
        gap: 0 var(--gap-4);
        font-size: var(--small);
        color: var(--muted);
    }
    dl div {
        white-space: nowrap;
    }
    dt, dd {
        display: inline;
    }
    .toggle {
        min-height: 32px;
        padding: 0 var(--gap-2);
        margin: 2px 0 0 calc(-1 * var(--gap-2));
        border-color: transparent;
        background: none;
        color: var(--accent);
        font-size: 0.9375rem;
    }
    @media (pointer: coarse), (max-width: 639px) {
        .toggle {
            min-height: var(--touch);
        }
    }
    @container (min-width: 560px) {
        li {
            grid-template-columns: 168px minmax(0, 1fr);
        }
    }
    @container (min-width: 900px) {
        li {
            grid-template-columns: 168px 200px minmax(0, 1fr);
            column-gap: var(--gap-5);
        }
        .unit {
            grid-column: 3;
            grid-row: 1;
        }
    }
    @container (min-width: 560px) {
        .channels {
            grid-template-columns: repeat(auto-fill, minmax(64px, 1fr));
        }
    }
    /* Where the board stays on top, what is scrolled to must not end up beneath it. */
    @media (max-width: 1079px) and (min-height: 561px) {
        .unit {
            scroll-margin: calc(var(--board) + 80px) 0 64px;
        }
    }
    /* The score comes down, layer by layer. */
    @media (prefers-reduced-motion: no-preference) {
        li {
            animation: arrive 220ms calc(var(--step) * 70ms) both;
        }
        @keyframes arrive {
            from {
                opacity: 0;
                transform: translateY(-10px);
            }
        }
    }
    @media print {
        .unit, .toggle {
            display: none;
        }
        li {
            break-inside: avoid;
        }
    }
`;
