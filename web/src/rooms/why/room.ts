import { html, type TemplateResult } from 'lit';
import './pl-why.ts';

export const render = (): TemplateResult => html`<pl-why></pl-why>`;
