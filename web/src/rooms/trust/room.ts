import { html, type TemplateResult } from 'lit';
import type { RoomContext } from '../index.ts';
import './pl-trust.ts';

export const render = ({ room, cards }: RoomContext): TemplateResult =>
    html`<pl-trust .room=${room} .cards=${cards}></pl-trust>`;
