import { LitElement, html } from 'lit';
import { customElement, state } from 'lit/decorators.js';
import { sentence } from '../core/words.ts';
import { reason } from '../state/engine.ts';
import { ownImages, takesData } from '../state/belongings.ts';
import { takeImages } from '../state/own-images.ts';
import { forgetRun, runs } from '../state/run.ts';
import { Uses } from '../state/signal.ts';
import { dropStyles } from '../styles/drop.ts';
import { shared } from '../styles/shared.ts';

/** Where a person's own images are dropped, to be used instead of the built-in drawings. */
@customElement('pl-own-images')
export class PlOwnImages extends LitElement {
    static override styles = [shared, dropStyles];

    @state() private over = false;
    @state() private failure = '';

    constructor() {
        super();
        new Uses(this, ownImages);
    }
    #take(files: Iterable<File>): void {
        this.failure = '';
        takeImages([...files]).then(
            () => {
                // What they found among others is out of date.
                for (const run of runs.value) if (takesData(run.order.card)) forgetRun(run);
            },
            (error: unknown) => {
                this.failure = `${sentence(reason(error))}.`;
            },
        );
    }

    protected override render() {
        const own = ownImages.value;
        const count = (number: number) => number.toLocaleString('en');
        const said = own
            ? `In use: ${
                  own.count < own.of ? `the first ${count(own.count)} of ` : ''
              }your ${count(own.of)} images${own.labelled ? '' : ', of which nobody said what they show'}.`
            : 'In use: 300 built-in pen drawings.';
        return html`
            <label
                class="screen drop ${this.over ? 'over' : ''}"
                @dragover=${(event: DragEvent) => {
                    event.preventDefault();
                    this.over = true;
                }}
                @dragleave=${() => (this.over = false)}
                @drop=${(event: DragEvent) => {
                    event.preventDefault();
                    this.over = false;
                    this.#take(event.dataTransfer?.files ?? []);
                }}
            >
                <span class="which">${said} Drop MNIST’s own files here for others,
                    <code>t10k-images-idx3-ubyte.gz</code> and its labels, or choose them. They stay on this
                        device.</span>
                <input
                    type="file"
                    multiple
                    aria-label="Files of images and labels"
                    @change=${(event: Event) => this.#take((event.target as HTMLInputElement).files ?? [])}
                />
            </label>
            ${this.failure ? html`<p role="alert">${this.failure}</p>` : ''}
        `;
    }
}

declare global {
    interface HTMLElementTagNameMap {
        'pl-own-images': PlOwnImages;
    }
}
