import { LitElement } from 'lit';
import { state } from 'lit/decorators.js';
import type { LiveFrame, MethodCard, Model } from 'pellucid';
import { cardOf } from '../../state/ask.ts';
import { missingFor, whenNeedsAreThere } from '../../state/belongings.ts';
import { modelOf, phase } from '../../state/engine.ts';
import { newest } from '../../state/live.ts';
import { Uses } from '../../state/signal.ts';
import { Group, type Order } from './group.ts';

/** What is said of where a part stands. */
export const emptyBoard = 'Draw a digit first.';

/** A part of the room: a group of syntheses that it begins, and that ends when one leaves. */
export abstract class ImaginePart extends LitElement {
    @state() protected group: Group | null = null;
    #end = () => {};
    /** The network and the drawing that the group is about. */
    #of = '';
    #given: LiveFrame | null = null;

    constructor() {
        super();
        new Uses(this, phase);
    }
    override disconnectedCallback(): void {
        super.disconnectedCallback();
        this.group?.stop();
        this.#end();
    }

    /** Another network's pictures would be taken for its own. */
    protected override willUpdate(): void {
        if (!this.group || this.#of === this.modelId) return;
        this.group.stop();
        this.group = null;
    }

    /** The drawing that the pictures are about; before there are any, the one on the board. */
    protected get given(): LiveFrame | null {
        return this.group ? this.#given : newest.value;
    }
    /** What is said where the drawing has changed since. */
    protected get behind(): string {
        const [before, now] = [this.given?.input.data, newest.value?.input.data];
        return before && now && before.some((value, i) => value !== now[i])
            ? ' It is about the drawing as it was.'
            : '';
    }

    protected get model(): Model | null {
        return phase.value.name === 'ready' ? phase.value.model : null;
    }
    protected get modelId(): string {
        return phase.value.name === 'ready' ? phase.value.modelId : '';
    }
    protected get workers(): number {
        return phase.value.name === 'ready' ? phase.value.pellucid.workers : 1;
    }
    protected card(id: string): MethodCard | undefined {
        return cardOf(id);
    }
    /** Why a method cannot begin with the network that answers; '' where it can. */
    protected missing(...ids: string[]): string {
        for (const id of ids) {
            const card = cardOf(id);
            if (!card) return 'The program has no such method.';
            const missing = missingFor(card, this.modelId);
            if (missing) return missing;
        }
        return '';
    }
    /** The drawing as the network gets it; an empty sheet where there is none. */
    protected drawing(model: Model): Float32Array {
        const { height, width, channels } = model.input;
        const shown = newest.value?.input.data;
        const size = height * width * channels;
        return shown?.length === size ? shown.slice() : new Float32Array(size);
    }

    /** Begins anew; what was before is stopped. */
    protected async launch(
        ids: readonly string[],
        orders: (model: Model) => readonly Order[],
        models: readonly string[] = [],
    ): Promise<Group | null> {
        const { model, modelId } = this;
        if (!model) return null;
        this.group?.stop();
        for (const id of ids) {
            const card = cardOf(id);
            if (card) await whenNeedsAreThere(card, model, modelId);
        }
        await Promise.all(models.map((id) => modelOf(id)));
        if (!this.isConnected) return null;
        this.group?.stop();
        this.#of = modelId;
        this.#given = newest.value;
        const group = new Group(orders(model), this.workers);
        this.#end();
        this.#end = group.changed.subscribe(() => this.requestUpdate());
        this.group = group;
        void group.ended.then(() => {
            if (this.group === group && group.error) console.error(group.error);
        });
        return group;
    }
}
