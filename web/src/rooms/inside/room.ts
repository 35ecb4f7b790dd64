import { html, type TemplateResult } from 'lit';
import type { RoomContext } from '../index.ts';
import '../generic/pl-room.ts';
import './pl-overview.ts';
import { insideHeading } from './words.ts';

/** The network from input to answer, and then the methods that look into it. */
export const render = ({ room, cards }: RoomContext): TemplateResult =>
    html`<pl-overview .question=${room.question}></pl-overview>
        <pl-room .room=${room} .cards=${cards} heading=${insideHeading}></pl-room>`;
