import { boardSize, pen, sheet } from '../state/drawing.ts';
import { stopReplay } from '../state/replay.ts';
import type { BoardKeys } from './board-keys.ts';

/** So long after a pen was last seen, in ms, what touches the board is taken for the hand that holds it. */
const handMs = 1500;

/**
 * Mouse, touch and pen on the board. One finger draws; a second one turns the gesture into scrolling the page. A pen
 * wins over touch, whatever came first: what a finger or a palm was drawing is taken back, and touches beside the pen,
 * or shortly after it, do nothing until they are lifted.
 */
export class BoardPointers {
    readonly #canvas: HTMLCanvasElement;
    readonly #keys: BoardKeys;
    /** Fingers that count, and where they are. */
    readonly #touches = new Map<number, number>();
    readonly #listening = new AbortController();
    /** The pointer that draws. */
    #drawer: { id: number; type: string } | null = null;
    #scrolling = false;
    #penSeen = -Infinity;

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
        const { pointerId: id, pointerType: type, button } = event;
        if (button > 0 && type === 'mouse') return;
        if (type === 'pen') this.#putAside(event);
        if (type === 'touch') {
            if (this.#drawer?.type === 'pen' || event.timeStamp - this.#penSeen < handMs) return;
            this.#touches.set(id, event.clientY);
            // The first finger had only come down to scroll: what it drew so far was not meant.
            if (this.#touches.size === 2) {
                this.#takeBack();
                this.#scrolling = true;
            }
        }
        this.#keys.leave();
        if (this.#drawer !== null || this.#scrolling) return;
        this.#drawer = { id, type };
        this.#canvas.setPointerCapture(id);
        stopReplay();
        const { x, y } = this.#place(event);
        // The other end of a pen rubs out.
        sheet.begin(x, y, pen.value.width, pen.value.eraser || button === 5);
    }

    /** A pen has come: fingers and palms that are there no longer count. */
    #putAside({ timeStamp }: PointerEvent): void {
        this.#penSeen = timeStamp;
        if (this.#drawer?.type === 'touch') this.#takeBack();
        this.#touches.clear();
        this.#scrolling = false;
    }
    #takeBack(): void {
        if (this.#drawer) sheet.cancel();
        this.#drawer = null;
    }

    #move(event: PointerEvent): void {
        // A pen is seen already while it hovers.
        if (event.pointerType === 'pen') this.#penSeen = event.timeStamp;
        if (this.#scrolling && event.pointerType === 'touch') {
            const before = this.#touches.get(event.pointerId);
            if (before === undefined) return;
            window.scrollBy(0, (before - event.clientY) / this.#touches.size);
            this.#touches.set(event.pointerId, event.clientY);
            return;
        }
        if (event.pointerId !== this.#drawer?.id) return;
        const events = event.getCoalescedEvents();
        sheet.extend((events.length > 0 ? events : [event]).map((each) => this.#place(each)));
    }

    #up(event: PointerEvent): void {
        if (event.pointerType === 'pen') this.#penSeen = event.timeStamp;
        this.#touches.delete(event.pointerId);
        if (this.#touches.size === 0) this.#scrolling = false;
        if (event.pointerId !== this.#drawer?.id) return;
        // The system takes a touch away where it sees a palm, or a gesture of its own: nothing of it was meant.
        if (event.type === 'pointercancel' && event.pointerType === 'touch') this.#takeBack();
        else sheet.end();
        this.#drawer = null;
    }

    #place({ clientX, clientY }: PointerEvent): { x: number; y: number } {
        const box = this.#canvas.getBoundingClientRect();
        return { x: ((clientX - box.left) / box.width) * boardSize, y: ((clientY - box.top) / box.height) * boardSize };
    }
}
