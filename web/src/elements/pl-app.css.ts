import { css, unsafeCSS } from 'lit';
import { twoColumns } from '../core/layout.ts';

const beside = unsafeCSS(twoColumns);

export const appStyles = css`
    :host {
        display: block;
        max-width: 1760px;
        margin: 0 auto;
        padding: 0 var(--edge) 72px;
    }
    .skip {
        position: absolute;
        left: var(--edge);
        top: -60px;
        z-index: 10;
        padding: var(--gap-3) var(--gap-4);
        background: var(--accent);
        color: var(--on-accent);
    }
    .skip:focus {
        top: 0;
    }
    header {
        display: flex;
        align-items: center;
        justify-content: space-between;
        height: 52px;
    }
    .name {
        display: inline-flex;
        align-items: center;
        min-height: var(--touch);
        font: 400 1.375rem/1 var(--serif);
        letter-spacing: -0.01em;
        color: var(--text);
        text-decoration: none;
    }
    .actions {
        display: flex;
    }
    main {
        display: grid;
        gap: var(--gap-4);
    }
    .desk {
        margin: 0 calc(-1 * var(--edge));
        padding: var(--gap-1) var(--edge) var(--gap-1);
    }
    /* Its small form stays when the rest has been scrolled away. */
    .desk.compact {
        --board: 84px;
        position: sticky;
        z-index: 3;
        top: 0;
        box-sizing: border-box;
        height: var(--small-desk);
        background: var(--table);
        border-bottom: 1px solid var(--line);
    }
    .desk.compact pl-tools {
        display: none;
    }
    .desk.compact .sheet {
        max-width: 560px;
        gap: var(--gap-3);
    }
    .sheet {
        display: grid;
        grid-template-columns: var(--board) minmax(0, 1fr);
        gap: var(--gap-4);
    }
    .stage {
        display: grid;
        align-content: start;
        gap: var(--gap-4);
        min-width: 0;
        outline: none;
        /* Rooms arrange themselves by their own width: beside the board or beneath it. */
        container-type: inline-size;
    }
    pl-sentence {
        min-height: calc(2 * 1.25 * (1rem + 0.4vw + 0.375rem));
    }
    @media (min-width: 640px) {
        header {
            height: 64px;
        }
        pl-sentence {
            min-height: 0;
        }
        :host {
            padding-bottom: var(--gap-6);
        }
    }
    @media ${beside} {
        main {
            --beside: clamp(104px, 10vw, 180px);
            grid-template:
                'said said' auto
                'desk stage' 1fr
                / calc(var(--board) + var(--gap-4) + var(--beside)) minmax(0, 1fr);
            gap: var(--gap-4) clamp(24px, 2.8vw, 56px);
            align-items: start;
        }
        pl-sentence {
            grid-area: said;
        }
        .stage {
            grid-area: stage;
        }
        .desk {
            grid-area: desk;
            position: sticky;
            top: var(--gap-4);
            margin: 0;
            padding: 0;
            border: 0;
        }
        .sheet {
            grid-template-columns: var(--board) minmax(0, 1fr);
        }
        pl-tools {
            margin-top: var(--gap-3);
        }
    }
    /* A phone on its side: board and tools take all of its height. */
    @media (min-width: 640px) and (max-height: 560px) {
        header {
            height: 48px;
        }
        main {
            grid-template:
                'desk said' auto
                'desk stage' 1fr
                / calc(var(--board) + var(--gap-4) + var(--beside)) minmax(0, 1fr);
        }
        .desk {
            top: var(--gap-2);
        }
        pl-tools {
            margin-top: var(--gap-2);
        }
    }
    @media print {
        .desk {
            position: static;
            margin-bottom: var(--gap-4);
            border: 0;
        }
        main {
            display: block;
        }
        .stage {
            margin-top: var(--gap-4);
        }
    }
`;
