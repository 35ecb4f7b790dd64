import { html, type TemplateResult } from 'lit';
import type { RoomContext } from '../index.ts';
import '../generic/pl-room.ts';
import { isBounded } from './attacks.ts';
import './pl-fool.ts';

/** The attack with its bound as a knob; beneath it, what else the room offers. */
export function render({ room, cards }: RoomContext): TemplateResult {
    const others = cards.filter((card) => !isBounded(card));
    return html`<pl-fool></pl-fool>${
        others.length > 0
            ? html`<pl-room heading="Other ways to fool it" .room=${room} .cards=${others}></pl-room>`
            : ''
    }`;
}
