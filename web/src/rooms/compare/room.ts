import { html, type TemplateResult } from 'lit';
import './pl-tray.ts';

export const render = (): TemplateResult => html`<pl-tray whole></pl-tray>`;
