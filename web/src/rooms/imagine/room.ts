import { html, type TemplateResult } from 'lit';
import type { RoomContext } from '../index.ts';
import './pl-imagine.ts';

/** What the networks dream of: walls, walks and morphs first, then every synthesis with all its settings. */
export const render = ({ room, cards }: RoomContext): TemplateResult =>
    html`<pl-imagine .room=${room} .cards=${cards}></pl-imagine>`;
