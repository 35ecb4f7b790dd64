import { LitElement, html } from 'lit';
import { customElement, query, state } from 'lit/decorators.js';
import { icon } from '../core/icons.ts';
import { sheet } from '../state/drawing.ts';
import { phase } from '../state/engine.ts';
import { replay } from '../state/replay.ts';
import { address } from '../state/route.ts';
import { linkOfState } from '../state/store.ts';
import { Uses } from '../state/signal.ts';
import { shared } from '../styles/shared.ts';
import { DeskShrinks } from './desk-shrinks.ts';
import { appStyles } from './pl-app.css.ts';
import './pl-board.ts';
import './pl-caption.ts';
import './pl-keys.ts';
import './pl-probabilities.ts';
import './pl-sentence.ts';
import './pl-settings.ts';
import './pl-rooms.ts';
import './pl-runs.ts';
import './pl-stage.ts';
import './pl-tools.ts';
import type { PlKeys } from './pl-keys.ts';
import type { PlSettings } from './pl-settings.ts';
import { shortcuts } from './shortcuts.ts';

/** The example of the first seconds: a four, as people write it. */
const firstPenDigit = 4;
const firstReplayMs = 1400;

/** The page: the board stays, the rooms beside it change. */
@customElement('pl-app')
export class PlApp extends LitElement {
    static override styles = [shared, appStyles];

    @query('pl-keys') private keys!: PlKeys;
    @query('pl-settings') private settings!: PlSettings;
    readonly #shortcuts = shortcuts(() => this.keys.show());
    readonly #desk = new DeskShrinks(this, () => this.renderRoot.querySelector('.desk'));
    #end = () => {};

    constructor() {
        super();
        new Uses(this, phase);
    }
    override connectedCallback(): void {
        super.connectedCallback();
        document.addEventListener('keydown', this.#shortcuts);
        this.#end = phase.subscribe(() => void this.#greet());
    }
    override disconnectedCallback(): void {
        super.disconnectedCallback();
        document.removeEventListener('keydown', this.#shortcuts);
        this.#end();
    }

    /** As soon as the network is there, a ghost draws the first digit, unless a person was faster. */
    async #greet(): Promise<void> {
        if (phase.value.name !== 'ready' || !sheet.empty) return;
        const { drawing } = await phase.value.pellucid.penDigit(firstPenDigit);
        if (sheet.empty) replay(drawing, firstReplayMs, true);
    }

    protected override render() {
        return html`
            <header class="screen">
                <a class="skip" href="#/why" @click=${this.#skip}>Skip to the explanations</a>
                <a class="name" href=${address({ room: 'why' })}>pellucid</a>
                <pl-rooms></pl-rooms>
                <div class="actions">
                    <button class="icon bare" aria-label="Copy a link" title=${
                        this.copied || 'Copy a link to what you see'
                    } @click=${this.#copy}>
                        ${icon(this.copied ? 'done' : 'link')}
                    </button>
                    <span class="visually-hidden" role="status">${this.copied}</span>
                    <button class="icon bare" aria-label="Appearance" title="Appearance"
                        @click=${() => this.settings.show()}>
                        ${icon('settings')}
                    </button>
                    <button class="icon bare" aria-label="Keys (?)" title="Keys (?)"
                        @click=${() => this.keys.show()}>${icon('help')}</button>
                </div>
            </header>
            <main>
                <h1 class="visually-hidden">pellucid: see why a network reads your digit</h1>
                <section class="desk ${this.#desk.compact ? 'compact' : ''}" aria-label="Your drawing">
                    <div class="sheet">
                        <pl-board></pl-board>
                        <pl-probabilities ?compact=${this.#desk.compact}></pl-probabilities>
                    </div>
                    <pl-tools></pl-tools>
                </section>
                <pl-sentence></pl-sentence>
                <section class="stage" id="stage" tabindex="-1" aria-label="What the network makes of it">
                    <pl-stage></pl-stage>
                    <pl-runs></pl-runs>
                </section>
                <pl-caption class="print"></pl-caption>
            </main>
            <pl-settings></pl-settings>
            <pl-keys></pl-keys>
        `;
    }

    @state() private copied = '';
    readonly #copy = async (): Promise<void> => {
        try {
            await navigator.clipboard.writeText(linkOfState());
            this.copied = 'The link is copied';
        } catch {
            this.copied = 'This browser gives no access to the clipboard; the address line has the link';
        }
        setTimeout(() => (this.copied = ''), 2500);
    };

    readonly #skip = (event: Event): void => {
        event.preventDefault();
        this.renderRoot.querySelector<HTMLElement>('#stage')?.focus();
    };
}
