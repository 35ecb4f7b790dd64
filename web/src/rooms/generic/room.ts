import { html, type TemplateResult } from 'lit';
import type { RoomContext } from '../index.ts';
import './pl-room.ts';

/** A room for any family: its methods as tiles, led by the questions that they answer. */
export const render = ({ room, cards }: RoomContext): TemplateResult =>
    html`<pl-room .room=${room} .cards=${cards}></pl-room>`;
