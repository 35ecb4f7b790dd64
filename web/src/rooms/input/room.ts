import { html, type TemplateResult } from 'lit';
import './pl-input.ts';

export const render = (): TemplateResult => html`<pl-input></pl-input>`;
