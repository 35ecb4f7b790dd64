import { LitElement, html } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import type { Explanation, MethodCard, Params } from 'pellucid';
import { icon } from '../core/icons.ts';
import { givesMap, judgedParam, mainMap } from '../core/items.ts';
import { columnsOf, columnsOfTest, settingOf, type Column } from '../core/judging.ts';
import { cardOf, plainly } from '../state/ask.ts';
import { phase } from '../state/engine.ts';
import { judge, settingText, takesMaps } from '../state/judge.ts';
import { leagueOf, leagues } from '../state/league.ts';
import { newest } from '../state/live.ts';
import { entryOf } from '../state/models.ts';
import { takesPicture } from '../state/pictures.ts';
import { address } from '../state/route.ts';
import { Uses } from '../state/signal.ts';
import { shortTitle, viewKey, type View } from '../state/views.ts';
import { shared } from '../styles/shared.ts';
import { comparedWords, figure, leagueFigure } from './check-words.ts';
import { checkStyles } from './pl-check.css.ts';

/** What a test said: its numbers, or why there are none. */
type Told = Record<string, number> | string;

/**
 * Every test that judges explanations, of this map of this drawing; run when asked, with the league's mean beside it.
 */
@customElement('pl-check')
export class PlCheck extends LitElement {
    static override styles = [shared, checkStyles];

    @property({ attribute: false }) view!: View;
    @property({ attribute: false }) card!: MethodCard;
    /** The answer that is shown. */
    @property({ attribute: false }) explanation: Explanation | null = null;
    @state() private told: ReadonlyMap<string, Told> = new Map();
    @state() private running = '';
    /** The drawing has changed since. */
    @state() private behind = false;
    #abort: AbortController | undefined;
    #about: Float32Array | null = null;
    #key = '';
    #end = () => {};

    constructor() {
        super();
        new Uses(this, phase, leagues);
    }
    override connectedCallback(): void {
        super.connectedCallback();
        this.#end = newest.subscribe((frame) => {
            const before = this.#about;
            if (before && !this.behind)
                this.behind = frame === null || frame.input.data.some((value, i) => value !== before[i]);
        });
    }
    override disconnectedCallback(): void {
        super.disconnectedCallback();
        this.#end();
        this.#stop();
    }
    protected override willUpdate(): void {
        const model = phase.value.name === 'ready' ? phase.value.modelId : '';
        const key = `${viewKey(this.view)} ${model}`;
        if (key === this.#key) return;
        this.#key = key;
        this.#stop();
        this.told = new Map();
        this.#about = null;
        this.behind = false;
    }

    #stop(): void {
        this.#abort?.abort();
        this.#abort = undefined;
        this.running = '';
    }

    /** The tests as the league has set them; those that it has not, as they are. */
    get #tests(): { text: string; judge: MethodCard; param: string }[] {
        if (phase.value.name !== 'ready') return [];
        const study = leagueOf(phase.value.modelId);
        return [...phase.value.cards.values()].flatMap((card) => {
            const param = judgedParam(card);
            const text = study?.metrics.find((metric) => settingOf(metric).id === card.id) ?? usual[card.id] ?? card.id;
            return param === undefined ? [] : [{ text, judge: card, param }];
        });
    }
    /** What was set by pictures, or takes long, is judged as it was computed, not asked again. */
    get #asItIs(): boolean {
        const { card, view } = this;
        return card.pace === 'asked' || card.params.some((param) => takesPicture(param) && param.name in view.params);
    }

    readonly #run = async (): Promise<void> => {
        const frame = newest.value;
        if (!frame || phase.value.name !== 'ready') return;
        const { model, modelId } = phase.value;
        const { signal } = (this.#abort = new AbortController());
        this.told = new Map();
        this.behind = false;
        this.#about = frame.input.data;
        const given = this.explanation && givesMap(this.card) ? mainMap(this.card, this.explanation) : null;
        const asItIs = this.#asItIs;
        const method = settingText(asItIs ? { method: this.card.id, params: {} } : this.view);
        for (const { text, judge: test } of this.#tests) {
            this.running = test.title;
            let said: Told;
            if (asItIs && (!given || !takesMaps(text))) {
                said = given
                    ? `This test asks ${shortTitle(
                          this.card,
                      )} again and again, which is left to the command: pellucid judge.`
                    : 'There is no map yet.';
            } else {
                said = await judge(
                    text,
                    method,
                    { frame, model, modelId },
                    { signal, map: asItIs ? given?.data : undefined },
                ).catch((error: unknown) => plainly(error instanceof Error ? error.message : String(error)));
            }
            if (signal.aborted) return;
            this.told = new Map([...this.told, [test.id, said]]);
        }
        this.running = '';
    };

    protected override render() {
        const tests = this.#tests;
        if (tests.length === 0 || phase.value.name !== 'ready') return '';
        const { running, told } = this;
        const league = leagueOf(phase.value.modelId);
        const can = newest.value !== null;
        return html`
            <h3>Check it</h3>
            <p class="quiet">
                ${tests.length} tests ask whether this map is any good${
                    league
                        ? `; beside each, what ${
                              entryOf(phase.value.modelId).title
                          }’s league has over ${league.images} test images`
                        : ''
                }.
            </p>
            <div class="strip screen">
                ${
                    running
                        ? html`<button @click=${() => this.#stop()}>${icon('stop')} Stop</button>`
                        : html`<button class="main" @click=${this.#run}>${icon('play')} ${
                              told.size > 0 ? 'Check it again' : 'Check this map'
                          }</button>`
                }
                <span class="quiet" role="status">${
                    running
                        ? `${told.size} of ${tests.length} done: ${running} …`
                        : told.size > 0
                          ? `${told.size} of ${tests.length} done.${this.behind ? ' Of the drawing as it was.' : ''}`
                          : can
                            ? ''
                            : 'Draw a digit first.'
                }</span>
            </div>
            <table class="checks">
                <thead><tr><th scope="col">Test</th><th scope="col">your drawing</th><th
                    scope="col">league</th></tr></thead>
                <tbody>${tests.map(({ text, judge: test, param }) => this.#row(text, test, param))}</tbody>
            </table>
        `;
    }

    #row(text: string, test: MethodCard, param: string) {
        const said = this.told.get(test.id);
        const method = settingText(this.view);
        const lens = settingOf(method).params;
        // A link cannot carry pictures.
        const params: Params = {
            [param]: this.card.id,
            ...(lens === '' || this.#asItIs ? {} : { method_params: lens }),
        };
        const name = html`<th scope="row" class="test">
            <a href=${address({
                room: 'method',
                method: test.id,
                params,
            })}>${test.title}</a><span class="quiet">${test.question}</span>
        </th>`;
        if (typeof said === 'string')
            return html`<tr data-test=${test.id}>${name}<td class="why" colspan="2">${said}</td></tr>`;
        const study = phase.value.name === 'ready' ? leagueOf(phase.value.modelId) : undefined;
        const columns = study ? columnsOf(study, cardOf).filter(({ metric }) => metric.text === text) : [];
        const shown: Column[] = columns.length > 0 ? columns : columnsOfTest(text, test, said && Object.keys(said));
        const title = (id: string) => {
            const card = cardOf(settingOf(id).id);
            return card ? shortTitle(card) : id;
        };
        const value = (column: Column) => said?.[column.output] ?? NaN;
        const many = shown.length > 1;
        return html`<tr data-test=${test.id}>
            ${name}
            <td class="own" data-head="your drawing">${
                said === undefined
                    ? ''
                    : shown.map(
                          (column) =>
                              html`<div>${figure(value(column), column.unit)}${
                                  many ? html` <small>${column.head}</small>` : ''
                              }${
                                  study && columns.length > 0
                                      ? html`<small>${comparedWords(value(column), study, method, column)}</small>`
                                      : ''
                              }</div>`,
                      )
            }</td>
            <td data-head="league">${
                study && columns.length > 0
                    ? columns.map(
                          (column) =>
                              html`<div>${leagueFigure(
                                  study,
                                  method,
                                  column,
                                  title,
                              )}${many ? html` <small>${column.head}</small>` : ''}</div>`,
                      )
                    : '–'
            }</td>
        </tr>`;
    }
}

/** Tests that need to be told something to fit any method, where no league says how. */
const usual: Record<string, string> = {
    infidelity: 'infidelity:optimal_scale=true',
    pointing_game: 'pointing_game:companion=next',
};

declare global {
    interface HTMLElementTagNameMap {
        'pl-check': PlCheck;
    }
}
