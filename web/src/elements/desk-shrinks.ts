import type { ReactiveController, ReactiveControllerHost } from 'lit';
import { twoColumns } from '../core/layout.ts';

/**
 * In one column the desk scrolls away with the page, until it is as high as its small form: that one stays at the top.
 * What it takes off its height it adds to its margin, so that nothing beneath it moves.
 */
export class DeskShrinks implements ReactiveController {
    compact = false;
    readonly #host: ReactiveControllerHost;
    readonly #desk: () => HTMLElement | null;
    readonly #beside = matchMedia(twoColumns);
    /** Its height in full. */
    #full = 0;

    constructor(host: ReactiveControllerHost, desk: () => HTMLElement | null) {
        this.#host = host;
        this.#desk = desk;
        host.addController(this);
    }
    hostConnected(): void {
        addEventListener('scroll', this.#look, { passive: true });
        addEventListener('resize', this.#look);
        this.#beside.addEventListener('change', this.#look);
    }
    hostDisconnected(): void {
        removeEventListener('scroll', this.#look);
        removeEventListener('resize', this.#look);
        this.#beside.removeEventListener('change', this.#look);
    }
    hostUpdated(): void {
        const desk = this.#desk();
        if (!desk) return;
        if (this.compact) desk.style.marginBottom = `${this.#full - desk.offsetHeight}px`;
        else desk.style.removeProperty('margin-bottom');
    }

    readonly #look = (): void => {
        const desk = this.#desk();
        const top = desk?.parentElement?.getBoundingClientRect().top;
        if (!desk || top === undefined) return;
        if (!this.compact) this.#full = desk.offsetHeight;
        const small = Number.parseFloat(getComputedStyle(desk).getPropertyValue('--small-desk')) || 0;
        const compact = !this.#beside.matches && top < small - this.#full;
        if (compact === this.compact) return;
        this.compact = compact;
        this.#host.requestUpdate();
    };
}
