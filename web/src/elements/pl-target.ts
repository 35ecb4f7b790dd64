import { LitElement, css, html } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import type { LayerInfo, MethodCard } from 'pellucid';
import { chosenModel, chooseModel, modelFailure, phase } from '../state/engine.ts';
import { newest } from '../state/live.ts';
import { allModels, visiting } from '../state/models.ts';
import { Uses } from '../state/signal.ts';
import { chooseDigit, choosePart, chooseRather, partFor, partKinds, takesDigits, target } from '../state/target.ts';
import { shared } from '../styles/shared.ts';

const digits = Array.from({ length: 10 }, (_, digit) => digit);
const mark = html`<span aria-hidden="true">?</span>`;
const kindWords: Record<string, string> = { channel: 'a channel', neuron: 'a unit', norm: 'a whole layer' };

/**
 * What is explained, as a question: "lenet: why the answer, 4, and not 9?" Only what the method can answer is asked.
 */
@customElement('pl-target')
export class PlTarget extends LitElement {
    static override styles = [
        shared,
        css`
            :host {
                display: block;
            }
            p {
                display: flex;
                flex-wrap: wrap;
                align-items: center;
                gap: var(--gap-1) var(--gap-2);
                font: 400 var(--large) / 1.3 var(--serif);
            }
            select, input {
                font-family: var(--sans);
                font-size: var(--normal);
            }
            input[type='number'] {
                width: 4.5rem;
            }
            label {
                white-space: nowrap;
                display: inline-flex;
                align-items: center;
                gap: var(--gap-2);
            }
            .failure {
                font: 400 var(--small) / 1.4 var(--sans);
            }
        `,
    ];
    /** Whose targets are to be chosen from; without, everybody's. */
    @property({ attribute: false }) card: MethodCard | null = null;
    #answer = -1;

    constructor() {
        super();
        new Uses(this, target, chosenModel, modelFailure, phase, visiting);
    }
    #end = () => {};
    override connectedCallback(): void {
        super.connectedCallback();
        this.#end = newest.subscribe((frame) => {
            const answer = frame?.prediction.predicted ?? -1;
            if (answer === this.#answer) return;
            this.#answer = answer;
            this.requestUpdate();
        });
        this.#answer = newest.value?.prediction.predicted ?? -1;
    }
    override disconnectedCallback(): void {
        super.disconnectedCallback();
        this.#end();
    }

    get #layers(): readonly LayerInfo[] {
        return phase.value.name === 'ready' ? phase.value.model.layers : [];
    }

    protected override render() {
        const { card } = this;
        const part = card ? partFor(target.value, card, this.#layers) : null;
        const contrast = !card || card.targets.includes('contrast');
        if (card?.subject === 'data') return html``;
        return html`
            <p class="screen">
                ${allModels().length > 1 ? this.#model() : ''}
                ${this.#what(
                    card ? partKinds(card) : [],
                    part,
                    !card || takesDigits(card),
                    !card || card.targets.includes('predicted'),
                    part === null && !contrast,
                )}
                ${part !== null ? this.#part(part) : contrast ? this.#contrast() : ''}
            </p>
            ${modelFailure.value ? html`<p class="failure" role="alert">${modelFailure.value}</p>` : ''}
        `;
    }

    #model() {
        return html`<label>
            <span class="visually-hidden">The network</span>
            <select aria-label="The network" @change=${(event: Event) =>
                void chooseModel((event.target as HTMLSelectElement).value)}>
                ${allModels().map(
                    ({ id, title }) => html`<option value=${id}
                    ?selected=${id === chosenModel.value}>${title}</option>`,
                )}
            </select>
            <span aria-hidden="true">:</span>
        </label>`;
    }

    /** A digit, or for methods that can: a part of the network. */
    #what(kinds: readonly string[], part: string | null, anyDigit: boolean, answerToo: boolean, last: boolean) {
        const { digit } = target.value;
        const answer = this.#answer;
        const now = part?.split(':')[0] ?? '';
        const choose = (event: Event) => {
            const { value } = event.target as HTMLSelectElement;
            const layer = part?.split(':')[1]?.split('/')[0] ?? this.#usual();
            if (!kinds.includes(value)) chooseDigit(value === '' ? null : Number(value));
            else
                choosePart(
                    value === 'norm'
                        ? `norm:${layer}`
                        : value === 'channel'
                          ? `channel:${layer}/0`
                          : `neuron:${layer}/${this.#middle(layer)}`,
                );
        };
        return html`<label>
            Why
            <select aria-label="The digit to explain" @change=${choose}>
                ${
                    answerToo
                        ? html`<option value="" ?selected=${
                              now === '' && (digit === null || !anyDigit)
                          }>the answer${answer >= 0 ? ` (${answer})` : ''}</option>`
                        : ''
                }
                ${
                    anyDigit
                        ? digits.map(
                              (each) => html`<option value=${each}
                    ?selected=${now === '' && digit === each}>${each}</option>`,
                          )
                        : ''
                }
                ${kinds.map(
                    (kind) => html`<option value=${kind}
                    ?selected=${kind === now}>${kindWords[kind]}</option>`,
                )}
            </select>
            ${last ? mark : ''}
        </label>`;
    }

    #contrast() {
        const { digit, rather } = target.value;
        const answer = this.#answer;
        const choose = (event: Event) => {
            const { value } = event.target as HTMLSelectElement;
            chooseRather(value === '' ? null : Number(value), answer);
        };
        return html`<label>
            and not
            <select aria-label="The digit to compare with" ?disabled=${answer < 0 && digit === null} @change=${choose}>
                <option value="" ?selected=${rather === null}>another</option>
                ${digits.map(
                    (each) =>
                        html`<option value=${each} ?selected=${rather === each}
                            ?disabled=${each === (digit ?? answer)}>${each}</option>`,
                )}
            </select>
            ${mark}
        </label>`;
    }

    #usual(): string {
        const layers = this.#layers.filter(({ op }) => /^conv/i.test(op));
        return (layers[Math.floor(layers.length / 2)] ?? this.#layers[0])?.name ?? '';
    }
    #middle(name: string): string {
        const [height, width] = this.#layers.find((layer) => layer.name === name)?.shape ?? [1, 1];
        return height * width > 1 ? `0,${height >> 1},${width >> 1}` : '0';
    }

    #part(part: string) {
        const [kind = '', rest = ''] = part.split(':');
        const [name = '', place = ''] = rest.split('/');
        const shape = this.#layers.find((layer) => layer.name === name)?.shape ?? [1, 1, 1];
        const [channel = 0, row = 0, column = 0] = place.split(',').map(Number);
        const flat = shape[0] * shape[1] === 1;
        const tell = (layer: string, c: number, y: number, x: number) =>
            choosePart(
                kind === 'norm'
                    ? `norm:${layer}`
                    : kind === 'channel' || flat
                      ? `${kind}:${layer}/${c}`
                      : `${kind}:${layer}/${c},${y},${x}`,
            );
        const number = (label: string, value: number, most: number, change: (value: number) => void) => html`<label>
            ${label}
            <input
                type="number"
                min="0"
                max=${most - 1}
                .value=${String(value)}
                @change=${(event: Event) => {
                    const field = event.target as HTMLInputElement;
                    const typed = Math.round(field.valueAsNumber);
                    if (typed >= 0 && typed < most) change(typed);
                    else field.value = String(value);
                }}
            />
        </label>`;
        return html`
            ${
                kind === 'norm'
                    ? ''
                    : number(kind === 'channel' ? 'number' : 'channel', channel, shape[2], (c) =>
                          tell(name, c, row, column),
                      )
            }
            ${
                kind === 'neuron' && !flat
                    ? html`${number('row', row, shape[0], (y) => tell(name, channel, y, column))}${number(
                          'column',
                          column,
                          shape[1],
                          (x) => tell(name, channel, row, x),
                      )}`
                    : ''
            }
            <label>
                of
                <select
                    aria-label="The layer"
                    @change=${(event: Event) => {
                        const { value } = event.target as HTMLSelectElement;
                        choosePart(
                            kind === 'norm'
                                ? `norm:${value}`
                                : kind === 'channel'
                                  ? `channel:${value}/0`
                                  : `neuron:${value}/${this.#middle(value)}`,
                        );
                    }}
                >
                    ${this.#layers.map(
                        (layer) => html`<option value=${layer.name}
                        ?selected=${layer.name === name}>${layer.name}</option>`,
                    )}
                </select>
                ${mark}
            </label>
        `;
    }
}
