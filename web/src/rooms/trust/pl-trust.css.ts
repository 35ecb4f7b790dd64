import { css } from 'lit';

export const trustStyles = css`
    :host {
        display: grid;
        grid-template-columns: minmax(0, 1fr);
        gap: var(--gap-6);
    }
    .intro {
        max-width: 60ch;
        color: var(--muted);
        font: 400 var(--large) / 1.45 var(--serif);
    }
    .intro-small {
        max-width: 65ch;
        margin-bottom: var(--gap-3);
    }
    section {
        display: grid;
        grid-template-columns: minmax(0, 1fr);
        align-content: start;
        gap: var(--gap-2);
        padding-top: var(--gap-5);
        border-top: 1px solid var(--line);
    }
    h3 {
        font: 400 1.375rem/1.3 var(--serif);
    }
    h4 {
        margin: 0;
        font: 600 var(--normal) / 1.4 var(--sans);
    }
    .quizzes {
        display: grid;
        grid-template-columns: minmax(0, 1fr);
        gap: var(--gap-5);
    }
    @container (min-width: 640px) {
        .quizzes {
            grid-template-columns: minmax(0, 1fr) minmax(0, 1fr);
        }
    }
    .waiting {
        min-height: 30rem;
    }
    .family ul {
        columns: 18rem 3;
        column-gap: var(--gap-5);
    }
    .family + .family {
        margin-top: var(--gap-4);
    }
    .family a {
        display: block;
        min-height: var(--touch);
        padding: var(--gap-2) 0;
        border-bottom: 1px solid var(--line);
        color: var(--text);
        text-decoration: none;
        line-height: 1.3;
        break-inside: avoid;
    }
    .family a:hover {
        border-color: var(--accent);
    }
    .family a .quiet {
        display: block;
    }
`;
