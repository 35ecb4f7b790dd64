import { html, type TemplateResult } from 'lit';
import './pl-fool.ts';

export const render = (): TemplateResult => html`<pl-fool></pl-fool>`;
