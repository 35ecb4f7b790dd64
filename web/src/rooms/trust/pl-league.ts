import { LitElement, html, nothing, svg } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import type { TargetText } from 'pellucid';
import { icon } from '../../core/icons.ts';
import {
    bestQuarter,
    columnsOf,
    meanWords,
    ranking,
    scaleOf,
    summaryIn,
    type Column,
    type Study,
} from '../../core/judging.ts';
import { short } from '../../core/numbers.ts';
import { inUnit } from '../../core/words.ts';
import { Resting } from '../../elements/resting.ts';
import { cardOf, plainly } from '../../state/ask.ts';
import { modelOf } from '../../state/engine.ts';
import { viewOfSetting, type About } from '../../state/judge.ts';
import { address } from '../../state/route.ts';
import { settingWords, shortTitle } from '../../state/views.ts';
import { shared } from '../../styles/shared.ts';
import { goodWords, leagueWords, ownWords } from './league-words.ts';
import { OwnFigures } from './own-figures.ts';
import { leagueStyles } from './pl-league.css.ts';

const stripWidth = 80;

/** The rows are to be ordered by another column. */
export class OrderChange extends Event {
    readonly order: string;

    constructor(order: string) {
        super('order-change');
        this.order = order;
    }
}

/** A study of `pellucid judge` as a matrix, in which the person's own drawing fills a second figure per cell. */
@customElement('pl-league')
export class PlLeague extends LitElement {
    static override styles = [shared, leagueStyles];

    @property({ attribute: false }) study!: Study;
    /** Rows and tests only: its numbers are of another network. */
    @property({ type: Boolean }) foreign = false;
    /** The network that judges the drawing; null: the page's. */
    @property({ attribute: false }) network: string | null = null;
    /** What is asked about, instead of the page's question. */
    @property({ attribute: false }) asked: TargetText | undefined;
    @property() label = 'League of methods';
    /** By which column the rows are ordered; empty: as the study has them. Who shows the table keeps it. */
    @property() order = '';
    @state() private stopped = false;
    readonly #own = new OwnFigures(() => this.requestUpdate());
    readonly #rest: Resting = new Resting(this, {
        work: async (about, signal) => {
            if (this.stopped) return;
            const other = this.network;
            const asking: About = other === null ? about : { ...about, model: await modelOf(other), modelId: other };
            await this.#own.fill(this.study, this.#columns, asking, signal, this.asked);
        },
        changed: () => {
            this.stopped = false;
            this.#own.clear();
        },
        key: () => `${this.network} ${this.study.model}`,
    });

    /** The drawing that the figures are about. */
    get judged() {
        return this.#rest.frame;
    }

    get #columns(): Column[] {
        return columnsOf(this.study, cardOf);
    }
    #title({ metric, head }: Column): string {
        const title = cardOf(metric.id)?.title ?? metric.id;
        return head === '' ? title : `${title}, ${head}`;
    }
    readonly #name = (method: string): string => {
        const view = viewOfSetting(method);
        const card = cardOf(view.method);
        if (!card) return method;
        const words = Object.keys(view.params).length > 0 ? ` (${settingWords(view, card)})` : '';
        return `${shortTitle(card)}${words}`;
    };

    get #rows(): readonly string[] {
        const column = this.#columns.find(({ key }) => key === this.order);
        if (!column) return this.study.methods;
        const sorted = this.foreign ? this.#byOwn(column) : ranking(this.study, column).map(({ method }) => method);
        return [...sorted, ...this.study.methods.filter((method) => !sorted.includes(method))];
    }
    /** Another network's means say nothing of this one: then the drawing's own figures order the rows. */
    #byOwn(column: Column): string[] {
        const value = (method: string) => this.#own.of(method, column);
        return this.study.methods
            .filter((method) => Number.isFinite(value(method)))
            .sort((a, b) => (column.good || 1) * (Number(value(b)) - Number(value(a))));
    }

    protected override render() {
        const { study, foreign } = this;
        const columns = this.#columns;
        const best = new Map(columns.map((column) => [column.key, foreign ? [] : bestQuarter(study, column)]));
        const scales = new Map(columns.map((column) => [column.key, scaleOf(study, column)]));
        const words = ownWords(study, columns, this.#own, (column) => `“${this.#title(column)}”`);
        return html`
            ${foreign ? '' : html`<p class="said">${leagueWords(study, columns, this.#name)}</p>`}
            ${this.#strip(columns)}
            <div class="wide" tabindex="0" role="region" aria-label=${this.label}>
                <table>
                    <thead>
                        <tr>
                            <th scope="col">Method</th>
                            ${columns.map((column) => this.#head(column))}
                        </tr>
                    </thead>
                    <tbody>
                        ${this.#rows.map(
                            (method) => html`<tr data-method=${method}>
                                ${this.#first(method)}
                                ${columns.map((column) =>
                                    this.#cell(
                                        method,
                                        column,
                                        best.get(column.key)!.includes(method),
                                        scales.get(column.key)!,
                                    ),
                                )}
                            </tr>`,
                        )}
                    </tbody>
                </table>
            </div>
            ${foreign ? '' : html`<p class="said own-words" aria-live="polite">${this.#rest.busy ? '' : words}</p>`}
        `;
    }

    #strip(columns: readonly Column[]) {
        const { study, foreign } = this;
        const all = columns.length * study.methods.length;
        const { count } = this.#own;
        const { frame, busy } = this.#rest;
        const answer = frame ? `your ${frame.prediction.predicted}` : 'your drawing';
        const said = !frame
            ? 'Draw a digit: its own figures come into the cells.'
            : count >= all
              ? `All ${all} figures of ${answer} are there.`
              : `${count} of ${all} figures of ${answer}${this.stopped ? ', stopped' : ''}`;
        const toggle = () => {
            this.stopped = !this.stopped;
            if (this.stopped) this.#rest.stop();
            else this.#rest.go();
        };
        // Its place is kept: nothing moves when there is nothing left to stop.
        const going = frame !== null && count < all && (busy || this.stopped);
        return html`<div class="strip">
            <span class="quiet words" role="status">${said}</span>
            <button class="screen ${going ? '' : 'gone'}" ?disabled=${!going}
                @click=${toggle}>${icon(this.stopped ? 'play' : 'stop')} ${this.stopped ? 'Go on' : 'Stop'}</button>
        </div>
        <p class="keys">
            ${
                foreign
                    ? ''
                    : html`<span class="quiet key">
                      <svg width="40" height="12" aria-hidden="true"><line class="track" x1="0" x2="40" y1="6" y2="6"
                          /><line class="interval" x1="10" x2="26" y1="6" y2="6" /><circle class="dot" cx="18" cy="6"
                              r="3" /></svg>
                      mean of ${study.images} test images, 95 % interval
                  </span>
                  <span class="quiet key">tinted: the best quarter</span>`
            }
            <span class="quiet key"><svg width="12" height="12" aria-hidden="true"><path class="mine" d="M6 1l5 10H1z"
                /></svg> your drawing</span>
        </p>`;
    }

    #head(column: Column) {
        const card = cardOf(column.metric.id);
        const sorted = this.order === column.key;
        return html`<th scope="col" aria-sort=${sorted ? (column.good === -1 ? 'ascending' : 'descending') : 'none'}>
            <button title=${`${card?.question ?? ''} Press to order by it.`} @click=${() =>
                this.dispatchEvent(new OrderChange(sorted ? '' : column.key))}>
                <span>${card?.title ?? column.metric.id}</span>
                <small>${column.head}</small>
                <small class="way">${goodWords[column.good]}</small>
            </button>
        </th>`;
    }

    #first(method: string) {
        const view = viewOfSetting(method);
        const card = cardOf(view.method);
        return html`<th scope="row">
            <a href=${address({ room: 'method', ...view })}>
                ${card ? shortTitle(card) : method}
                ${card && Object.keys(view.params).length > 0 ? html`<small>${settingWords(view, card)}</small>` : ''}
            </a>
        </th>`;
    }

    #cell(method: string, column: Column, best: boolean, scale: (value: number) => number) {
        const { study, foreign } = this;
        const summary = foreign ? undefined : summaryIn(study, method, column);
        const words = foreign ? null : meanWords(study, method, column);
        const own = this.#own.of(method, column);
        const x = (value: number) => (4 + scale(value) * (stripWidth - 8)).toFixed(1);
        const left = study.left_out.find((each) => each.method === method && each.metric === column.metric.text);
        const why = typeof own === 'string' ? own : left ? plainly(left.why) : '';
        const known = typeof own === 'number' && Number.isFinite(own);
        return html`<td class=${best ? 'best' : ''} title=${why || nothing} data-test=${column.key}>
            <span class="mean">${
                words
                    ? html`<b>${words.mean}</b> <small>${words.half}</small>`
                    : html`<small>${foreign ? '' : '–'}</small>`
            }</span>
            <svg width=${stripWidth} height="14" aria-hidden="true">
                <line class="track" x1="0" x2=${stripWidth} y1="5" y2="5" />
                ${
                    summary && words
                        ? svg`<line class="interval" x1=${x(summary.low)} x2=${x(summary.high)} y1="5" y2="5" /><circle
                            class="dot" cx=${x(summary.mean)} cy="5" r="3" />`
                        : ''
                }
                ${known ? svg`<path class="mine" d="M${x(own)} 5l4 9h-8z" />` : ''}
            </svg>
            <span class="own">${
                own === undefined
                    ? ''
                    : html`<span class="visually-hidden">your drawing</span>${
                          typeof own === 'string'
                              ? '–'
                              : !Number.isFinite(own)
                                ? 'nothing'
                                : column.unit === 'yes'
                                  ? inUnit(own, 'yes')
                                  : short(own)
                      }`
            }</span>
        </td>`;
    }
}

declare global {
    interface HTMLElementTagNameMap {
        'pl-league': PlLeague;
    }
}
