import { css } from 'lit';

/** What the experiments of the room share: pictures side by side, a slider beneath them, a curve, and a sentence. */
export const experimentStyles = css`
    :host {
        display: grid;
        grid-template-columns: minmax(0, 1fr);
        gap: var(--gap-3);
    }
    .said {
        max-width: 65ch;
        min-height: 8.4em;
        font: 400 var(--large) / 1.5 var(--serif);
    }
    .bench {
        display: grid;
        grid-template-columns: minmax(0, 1fr);
        gap: var(--gap-3) var(--gap-5);
        align-items: start;
    }
    .pictures {
        display: grid;
        grid-template-columns: repeat(2, minmax(0, 1fr));
        gap: var(--gap-3);
        max-width: 464px;
    }
    .pictures pl-map, .pictures pl-legend {
        width: round(down, 100%, var(--map-step));
    }
    .pictures.trio {
        grid-template-columns: repeat(3, minmax(0, 1fr));
        max-width: 620px;
    }
    figcaption {
        margin-top: var(--gap-1);
        color: var(--muted);
        font-size: var(--small);
        line-height: 1.35;
    }
    .said .quiet {
        display: block;
    }
    .knob {
        display: block;
        margin-top: var(--gap-3);
        max-width: 464px;
    }
    .knob input {
        display: block;
        width: 100%;
    }
    .row {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: 0 var(--gap-5);
    }
    .row label {
        display: inline-flex;
        align-items: center;
        gap: var(--gap-2);
        min-height: var(--touch);
    }
    .chart {
        max-width: 34rem;
        min-height: 12rem;
    }
    .failure {
        min-height: var(--touch);
    }
    @container (min-width: 640px) {
        .bench {
            grid-template-columns: minmax(0, 0.95fr) minmax(0, 1fr);
        }
        .said {
            min-height: 4.6em;
        }
    }
`;
