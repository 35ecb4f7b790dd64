import { html, type TemplateResult } from 'lit';
import './pl-unit.ts';

export const render = (): TemplateResult => html`<pl-unit></pl-unit>`;
