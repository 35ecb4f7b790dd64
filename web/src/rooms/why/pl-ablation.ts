import { LitElement, css, html, svg } from 'lit';
import { customElement } from 'lit/decorators.js';
import { inlineStyle } from '../../core/inline-style.ts';
import { cardOf } from '../../state/ask.ts';
import { shared } from '../../styles/shared.ts';
import { ablation, featureOf, ranked, withAll, withoutFeature } from './ablation.ts';
import '../../views/series/pl-series.ts';

/** Shares of test images have a tenth of a per cent. */
const share = (accuracy: number): string => `${(Math.round(1000 * accuracy) / 10).toFixed(1)} %`;
const titleOf = (name: string): string => (name === 'chance' ? 'chosen by chance' : (cardOf(name)?.title ?? name));

/** What networks can do that were trained without a part of every image: the ablation table as two figures. */
@customElement('pl-ablation')
export class PlAblation extends LitElement {
    static override styles = [
        shared,
        css`
            :host {
                display: grid;
                grid-template-columns: minmax(0, 1fr);
                gap: var(--gap-3);
            }
            .lead {
                max-width: 65ch;
                color: var(--muted);
                line-height: 1.45;
            }
            .said {
                max-width: 65ch;
                font: 400 var(--large) / 1.45 var(--serif);
            }
            .figures {
                display: grid;
                grid-template-columns: repeat(auto-fit, minmax(min(300px, 100%), 1fr));
                gap: var(--gap-5);
                align-items: start;
            }
            figcaption {
                margin-bottom: var(--gap-2);
                font-weight: 600;
                line-height: 1.35;
            }
            ol {
                display: grid;
                grid-template-columns: 28px fit-content(46%) minmax(0, 1fr) max-content;
                gap: 2px var(--gap-2);
            }
            li {
                display: grid;
                grid-column: 1 / -1;
                grid-template-columns: subgrid;
                align-items: center;
                min-height: 32px;
                line-height: 1.2;
            }
            li svg {
                width: 24px;
                height: 24px;
                box-shadow: 0 0 0 1px var(--line-strong);
                background: var(--paper);
            }
            .gone {
                fill: var(--for);
                opacity: 0.55;
            }
            .left {
                fill: var(--paper);
            }
            .track {
                position: relative;
                height: 12px;
                border-radius: 2px;
                background: color-mix(in srgb, var(--line) 45%, transparent);
            }
            .bar {
                position: absolute;
                inset: 0;
                border-radius: 2px;
                background: var(--line-strong);
                transform-origin: 0 0;
            }
            .all .bar {
                background: var(--ink);
            }
            /* Where the accuracy with everything is. */
            .mark {
                position: absolute;
                top: -3px;
                bottom: -3px;
                width: 2px;
                background: var(--accent);
            }
            .number {
                text-align: right;
            }
        `,
    ];

    protected override render() {
        const { training_images: trained, test_images: tested, epochs } = ablation.settings;
        const curves = ranked.map((curve) => ({ ...curve, name: titleOf(curve.name) }));
        const number = (value: number) => value.toLocaleString('en');
        const bar = (accuracy: number) => html`<span class="track">
            <span class="bar" ${inlineStyle({ transform: `scaleX(${accuracy.toFixed(4)})` })}></span>
            <span class="mark" ${inlineStyle({ left: `${(100 * withAll).toFixed(2)}%` })}></span>
        </span>`;
        return html`
            <h2 id="ablation">And if it had never seen that part?</h2>
            <p class="lead">
                Hiding a part from a trained network shows what this network uses. Whether the part was needed only
                training without it can tell:
                here each bar is a network that was trained, and tested, on images without something.
            </p>
            <p class="said">${said()}</p>
            <div class="figures">
                <figure>
                    <figcaption>Accuracy without …</figcaption>
                    <ol>
                        <li class="all"><span></span><span>nothing removed</span>${bar(withAll)}<span
                            class="number">${share(withAll)}</span></li>
                        ${withoutFeature.map(
                            ({ without, accuracy }) => html`<li data-without=${without}>
                            ${picture(without)}<span>${featureOf(without).words}</span>${bar(accuracy)}<span
                                class="number">${share(accuracy)}</span>
                        </li>`,
                        )}
                    </ol>
                </figure>
                <figure>
                    <figcaption>Accuracy without the pixels that a method ranks highest</figcaption>
                    <pl-series
                        .curves=${curves}
                        name="Accuracy"
                        along="removed, %"
                        unit="share"
                        label="Accuracy against the share of pixels removed. ${curves
                            .map(
                                ({ name, at, values }) =>
                                    `${name}: ${share(values.at(-1) ?? NaN)} at ${at.at(-1)} percent.`,
                            )
                            .join(' ')}"
                    ></pl-series>
                </figure>
            </div>
            <p class="quiet">
                ${number(trained)} training images, ${epochs} epochs,
                ${number(tested)} test images: short trainings, to be compared with each other, not with
                the network of this page. A method that ranks well makes accuracy fall early; what is removed leaves a
                shape behind, which the
                next network can read, too. Made by <code>pellucid ablate</code>.
            </p>
        `;
    }
}

/** Which part of the image was taken away. */
function picture(id: string) {
    const { part, allBut } = featureOf(id);
    if (!part) return html`<span></span>`;
    const [x, y, w, h] = part.map((value) => 24 * value);
    return html`<svg viewBox="0 0 24 24" aria-hidden="true">
        ${allBut ? svg`<rect class="gone" width="24" height="24" />` : ''}
        ${svg`<rect class=${allBut ? 'left' : 'gone'} x=${x} y=${y} width=${w} height=${h} />`}
    </svg>`;
}

/** Which feature costs most and least, and whose ranking finds what is needed. */
function said(): string {
    const [worst, least] = [withoutFeature[0], withoutFeature.at(-1)];
    // Of the numbers as they are shown.
    const points = (accuracy: number) =>
        `${((Math.round(1000 * withAll) - Math.round(1000 * accuracy)) / 10).toFixed(1)} points`;
    const parts =
        worst && least
            ? `Without ${
                  featureOf(worst.without).words
              } accuracy falls most, by ${points(worst.accuracy)}; taking away ${
                  featureOf(least.without).words
              } costs ${least.accuracy < withAll ? `only ${points(least.accuracy)}` : 'nothing'}.`
            : '';
    const last = ranked.map(({ name, at, values }) => ({
        name,
        percent: at.at(-1) ?? 0,
        accuracy: values.at(-1) ?? NaN,
    }));
    const chance = last.find(({ name }) => name === 'chance');
    const best = last.filter(({ name }) => name !== 'chance').sort((a, b) => a.accuracy - b.accuracy)[0];
    if (!chance || !best) return parts;
    return `${parts} When the ${best.percent} % of pixels that ${titleOf(best.name)} ranks highest go, ${share(
        best.accuracy,
    )} are left; when as many go by chance, ${share(chance.accuracy)}.`;
}

declare global {
    interface HTMLElementTagNameMap {
        'pl-ablation': PlAblation;
    }
}
