import { LitElement, html } from 'lit';
import { customElement, state } from 'lit/decorators.js';
import { readIdx, type IdxImages } from '../../core/idx.ts';
import { percentWords, short } from '../../core/numbers.ts';
import '../../elements/pl-map.ts';
import { reason } from '../../state/engine.ts';
import { jsonOf } from '../../state/league.ts';
import { dataStudies } from '../../state/models.ts';
import { inAddress, oneOf, yes } from '../../state/room-settings.ts';
import { address } from '../../state/route.ts';
import { settings } from '../../state/settings.ts';
import { Uses } from '../../state/signal.ts';
import { withArticle } from '../../state/target.ts';
import { dropStyles } from '../../styles/drop.ts';
import { shared } from '../../styles/shared.ts';
import { auditStyles } from './pl-audit.css.ts';

interface Suspect {
    image: number;
    label: number;
    suggested: number;
    of_label: number;
    of_suggested: number;
}
interface Part {
    images: number;
    accuracy: number;
    accuracy_if_suggestions_hold: number;
    wrong_labels_estimated: number;
    suspicious: number;
    issues: Suspect[];
    least_probable: Suspect[];
}
/** What `pellucid audit` writes. */
interface Audit {
    folds: number;
    training: Part;
    test: Part;
}
type Which = 'test' | 'training';

const few = 8;
const share = (value: number): string => `${(100 * value).toFixed(2)}\u00a0%`;

/** The labels that look wrong, with the evidence; the images themselves only where the person has MNIST's files. */
@customElement('pl-audit')
export class PlAudit extends LitElement {
    static override styles = [shared, dropStyles, auditStyles];

    @state() private audit: Audit | null = null;
    @inAddress('trust.labels', 'test', oneOf<Which>(['test', 'training'])) private which!: Which;
    @inAddress('trust.alllabels', false, yes) private open!: boolean;
    @state() private failure = '';
    @state() private over = false;
    @state() private files: Partial<Record<Which, IdxImages>> = {};
    readonly #seen = new IntersectionObserver(
        (entries) => {
            if (!entries.at(-1)?.isIntersecting) return;
            this.#seen.disconnect();
            jsonOf<Audit>(dataStudies['audit'] ?? 'audit.json').then(
                (audit) => (this.audit = audit),
                (error: unknown) => (this.failure = `The audit could not be loaded: ${reason(error)}.`),
            );
        },
        { rootMargin: '200px' },
    );

    constructor() {
        super();
        new Uses(this, settings);
    }
    override connectedCallback(): void {
        super.connectedCallback();
        if (!this.audit) this.#seen.observe(this);
    }
    override disconnectedCallback(): void {
        super.disconnectedCallback();
        this.#seen.disconnect();
    }

    /** Reads MNIST's images; what a file is for is known by how many it holds. */
    async #take(files: readonly File[]): Promise<void> {
        this.failure = '';
        for (const file of files) {
            try {
                const images = await readIdx(file);
                const which = (['test', 'training'] as const).find(
                    (each) => this.audit?.[each].images === images.count,
                );
                if (!which)
                    throw new Error(
                        `it holds ${images.count.toLocaleString('en')} images, MNIST’s files 10,000 and 60,000`,
                    );
                this.files = { ...this.files, [which]: images };
                this.which = which;
            } catch (error) {
                this.failure = `${file.name} cannot be shown: ${reason(error)}.`;
            }
        }
    }
    readonly #drop = (event: DragEvent): void => {
        event.preventDefault();
        this.over = false;
        void this.#take([...(event.dataTransfer?.files ?? [])]);
    };

    protected override render() {
        const { audit, which, failure } = this;
        if (!audit) return html`<p role=${failure ? 'alert' : 'status'} class="quiet waiting">${failure || '…'}</p>`;
        const part = audit[which];
        const suspicious = new Set(part.issues.map(({ image }) => image));
        const rows = [...part.issues, ...part.least_probable.filter(({ image }) => !suspicious.has(image))];
        const shown = this.open ? rows : rows.slice(0, few);
        const images = this.files[which];
        return html`
            <p class="said">${this.#words(audit)}</p>
            <div class="row screen" role="radiogroup" aria-label="Which images">
                ${(['test', 'training'] as const).map(
                    (each) =>
                        html`<label><input type="radio" name="which" value=${each} .checked=${which === each}
                            @change=${() => (this.which = each)} />${audit[each].images.toLocaleString('en')}
                                ${each} images</label>`,
                )}
            </div>
            <div class="wide" tabindex="0" role="region" aria-label="Suspicious labels">
                <table>
                    <thead><tr>
                        ${images ? html`<th scope="col">Image</th>` : ''}<th scope="col">Number</th><th
                            scope="col">Labelled</th><th scope="col">Read as</th>
                        <th scope="col">Probability of the label</th><th scope="col">of what was read</th><th
                            scope="col"></th>
                    </tr></thead>
                    <tbody>${shown.map(
                        (each) => html`<tr>
                        ${
                            images
                                ? html`<td class="image"><pl-map label="Image ${each.image}, labelled ${each.label}"
                            .shown=${{ map: images.image(each.image), kind: 'image' }}></pl-map></td>`
                                : ''
                        }
                        <th scope="row">${each.image.toLocaleString(
                            'en',
                        )}</th><td>${each.label}</td><td>${each.suggested}</td>
                        <td>${chance(each.of_label)}</td><td>${chance(each.of_suggested)}</td>
                        <td class="quiet">${
                            suspicious.has(each.image) ? 'suspicious label' : 'more likely a hard drawing'
                        }</td>
                    </tr>`,
                    )}</tbody>
                </table>
            </div>
            ${
                rows.length > shown.length
                    ? html`<button class="screen" @click=${() => (this.open = true)}>Show all
            ${rows.length}</button>`
                    : ''
            }
            <label
                class="drop screen ${this.over ? 'over' : ''}"
                @dragover=${(event: DragEvent) => {
                    event.preventDefault();
                    this.over = true;
                }}
                @dragleave=${() => (this.over = false)}
                @drop=${this.#drop}
            >
                <span>To see the images, drop MNIST’s own files here, such as
                    <code>t10k-images-idx3-ubyte.gz</code>, or choose them. They stay on this device.</span>
                <input
                    type="file"
                    multiple
                    aria-label="MNIST’s image files"
                    @change=${(event: Event) => void this.#take([...((event.target as HTMLInputElement).files ?? [])])}
                />
            </label>
            ${failure ? html`<p role="alert">${failure}</p>` : ''}
        `;
    }

    #words({ folds, test, training }: Audit) {
        const part = { test, training }[this.which];
        const [first] = part.issues;
        const gain = Math.round(part.images * (part.accuracy_if_suggestions_hold - part.accuracy));
        return html`${folds} networks, none of which had seen the image that it was asked about, answer
            ${part.images.toLocaleString('en')} ${this.which} images as they are labelled in
            ${share(part.accuracy)} of cases. ${part.suspicious} labels look
            wrong${
                first
                    ? html`: image ${first.image.toLocaleString('en')} is labelled ${first.label}, and read as
                        ${withArticle(first.suggested)} with ${percentWords(first.of_suggested)}\u00a0%`
                    : ''
            }.
            If all of these suggestions hold, ${gain.toLocaleString('en')} answers that count as errors are right after
            all, and the networks are right in ${share(part.accuracy_if_suggestions_hold)}: so
            a network can be right more often than its labels. An estimate from all answers (the confident joint) puts
            the wrong labels at ${share(part.wrong_labels_estimated)}.
            <a href=${address({ room: 'method', method: 'label_audit', params: {} })}>How labels are suspected</a>`;
    }
}

/** A probability, however small. */
const chance = (value: number): string => (value < 0.01 ? short(value) : `${percentWords(value)}\u00a0%`);

declare global {
    interface HTMLElementTagNameMap {
        'pl-audit': PlAudit;
    }
}
