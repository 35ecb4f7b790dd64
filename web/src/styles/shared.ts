import { css } from 'lit';

/** Buttons, links, form controls and headings, the same in every element. */
export const shared = css`
    :host,
    *,
    ::before,
    ::after {
        box-sizing: border-box;
    }
    :host([hidden]),
    [hidden] {
        display: none !important;
    }
    h1, h2, h3, p, ul, ol, dl, dd, figure, fieldset {
        margin: 0;
        padding: 0;
        border: 0;
        list-style: none;
    }
    h2 {
        font: 400 clamp(1.3125rem, 1.1rem + 0.7vw, 1.5rem) / 1.25 var(--serif);
    }
    h3 {
        font: 600 var(--normal) / 1.4 var(--sans);
    }
    button, input, select {
        font: inherit;
        color: inherit;
    }
    button, .button {
        display: inline-flex;
        align-items: center;
        justify-content: center;
        gap: var(--gap-2);
        min-width: var(--touch);
        min-height: var(--touch);
        padding: 0 var(--gap-3);
        border: 1px solid var(--line);
        border-radius: var(--radius);
        background: var(--raised);
        color: var(--text);
        text-decoration: none;
        cursor: pointer;
        transition: background-color var(--moment), border-color var(--moment);
        touch-action: manipulation;
    }
    button:hover, .button:hover {
        border-color: var(--line-strong);
    }
    button.bare {
        border-color: transparent;
        background: none;
    }
    button.bare:hover {
        background: var(--accent-soft);
    }
    button[aria-pressed='true'] {
        border-color: var(--accent);
        background: var(--accent-soft);
    }
    button:disabled {
        color: var(--line-strong);
        border-color: transparent;
        background: none;
        cursor: default;
    }
    button.icon {
        width: var(--touch);
        padding: 0;
    }
    button.main:not(:disabled) {
        border-color: var(--accent);
        background: var(--accent);
        color: var(--on-accent);
    }
    svg.icon {
        width: 20px;
        height: 20px;
        flex: none;
        fill: none;
        stroke: currentColor;
        stroke-width: 1.7;
        stroke-linecap: round;
        stroke-linejoin: round;
    }
    a {
        color: var(--accent);
        text-underline-offset: 0.2em;
    }
    :focus-visible {
        outline: 2px solid var(--accent);
        outline-offset: 2px;
    }
    :focus:not(:focus-visible) {
        outline: none;
    }
    select, input[type='number'], input[type='text'] {
        min-height: var(--touch);
        padding: 0 var(--gap-2);
        border: 1px solid var(--line-strong);
        border-radius: var(--radius);
        background: var(--paper);
    }
    select {
        appearance: none;
        padding-right: 30px;
        background: var(--paper)
            url("data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 12 12' fill='none' \
stroke='%23898479' stroke-width='1.6' stroke-linecap='round' stroke-linejoin='round'%3E%3Cpath d='m2 4 4 4 4-4'/%3E\
%3C/svg%3E")
                no-repeat right 9px center / 12px;
        cursor: pointer;
    }
    input[type='range'] {
        min-height: var(--touch);
        margin: 0;
        cursor: pointer;
    }
    input[type='checkbox'], input[type='radio'] {
        width: 20px;
        height: 20px;
        margin: 0;
        flex: none;
        accent-color: var(--accent);
    }
    .quiet {
        color: var(--muted);
        font-size: var(--small);
        line-height: 1.45;
    }
    .visually-hidden {
        position: absolute;
        width: 1px;
        height: 1px;
        margin: -1px;
        overflow: hidden;
        clip-path: inset(50%);
        white-space: nowrap;
    }
    .print {
        display: none;
    }
    /* The system's own colours: what is drawn with backgrounds and shadows needs a line or a colour of its own. */
    @media (forced-colors: active) {
        .bar {
            forced-color-adjust: none;
            background: CanvasText;
        }
        .track {
            outline: 1px solid CanvasText;
        }
        [aria-pressed='true'], [aria-current='page'] {
            outline: 2px solid Highlight;
            outline-offset: -2px;
        }
        svg.icon {
            stroke: CanvasText;
        }
    }
    @media print {
        .print {
            display: revert;
        }
        .screen {
            display: none !important;
        }
    }
`;
