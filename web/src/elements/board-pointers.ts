import { boardSize, pen, sheet } from '../state/drawing.ts';
import { stopReplay } from '../state/replay.ts';
import type { BoardKeys } from './board-keys.ts';

/** Mouse, touch and pen on the board. One finger draws; a second one turns the gesture into scrolling the page. */
export class BoardPointers {
    readonly #canvas: HTMLCanvasElement;
    readonly #keys: BoardKeys;
    readonly #touches = new Map<number, number>();
    readonly #listening = new AbortController();
    /** The pointer that draws. */
    #drawer: number | null = null;
    #scrolling = false;

    constructor(canvas: HTMLCanvasElement, keys: BoardKeys) {
        this.#canvas = canvas;
        this.#keys = keys;
        const { signal } = this.#listening;
        canvas.addEventListener('pointerdown', (event) => this.#down(event), { signal });
        canvas.addEventListener('pointermove', (event) => this.#move(event), { signal });
        canvas.addEventListener('pointerup', (event) => this.#up(event), { signal });
        canvas.addEventListener('pointercancel', (event) => this.#up(event), { signal });
        canvas.addEventListener('contextmenu', (event) => event.preventDefault(), { signal });
    }
    release(): void {
        this.#listening.abort();
    }

    #down(event: PointerEvent): void {
        if (event.button > 0 && event.pointerType === 'mouse') return;
        this.#keys.leave();
        if (event.pointerType === 'touch') {
            this.#touches.set(event.pointerId, event.clientY);
            // The first finger had only come down to scroll: what it drew so far was not meant.
            if (this.#touches.size === 2) {
                sheet.cancel();
                this.#drawer = null;
                this.#scrolling = true;
            }
        }
        if (this.#drawer !== null || this.#scrolling) return;
        this.#drawer = event.pointerId;
        this.#canvas.setPointerCapture(event.pointerId);
        stopReplay();
        const { x, y } = this.#place(event);
        // The other end of a pen rubs out.
        sheet.begin(x, y, pen.value.width, pen.value.eraser || event.button === 5);
    }

    #move(event: PointerEvent): void {
        if (this.#scrolling && event.pointerType === 'touch') {
            const before = this.#touches.get(event.pointerId);
            if (before !== undefined) window.scrollBy(0, (before - event.clientY) / this.#touches.size);
            this.#touches.set(event.pointerId, event.clientY);
            return;
        }
        if (event.pointerId !== this.#drawer) return;
        const events = event.getCoalescedEvents();
        sheet.extend((events.length > 0 ? events : [event]).map((each) => this.#place(each)));
    }

    #up(event: PointerEvent): void {
        this.#touches.delete(event.pointerId);
        if (this.#touches.size === 0) this.#scrolling = false;
        if (event.pointerId !== this.#drawer) return;
        this.#drawer = null;
        sheet.end();
    }

    #place({ clientX, clientY }: PointerEvent): { x: number; y: number } {
        const box = this.#canvas.getBoundingClientRect();
        return { x: ((clientX - box.left) / box.width) * boardSize, y: ((clientY - box.top) / box.height) * boardSize };
    }
}
