import type { ReactiveControllerHost } from 'lit';
import { arrows } from '../core/arrows.ts';
import { boardSize, pen, sheet } from '../state/drawing.ts';
import { stopReplay } from '../state/replay.ts';

const cells = 28;
/**
 * Drawing with the keyboard: arrows move over a grid as fine as the network's, Space puts the pen down and lifts it.
 * Put down and lifted rather than held, so that one finger is enough.
 */
export class BoardKeys {
    cell = { x: cells / 2, y: cells / 4 };
    down = false;
    /** The cursor is there only while it is used. */
    showsCursor = false;
    readonly #host: ReactiveControllerHost;

    constructor(host: ReactiveControllerHost) {
        this.#host = host;
    }

    readonly press = (event: KeyboardEvent): void => {
        if (event.ctrlKey || event.metaKey || event.altKey) return;
        const move = arrows[event.key];
        if (move) {
            const inside = (at: number) => Math.min(cells - 1, Math.max(0, at));
            const step = event.shiftKey ? 3 : 1;
            this.cell = { x: inside(this.cell.x + step * move[0]), y: inside(this.cell.y + step * move[1]) };
            if (this.down) sheet.extend([this.#place()]);
        } else if (event.key === ' ' || event.key === 'Enter') {
            if (this.down) this.#lift();
            else this.#put();
        } else if (event.key === 'Escape' && this.down) {
            this.#lift();
            event.stopPropagation();
        } else {
            return;
        }
        this.showsCursor = true;
        event.preventDefault();
        this.#host.requestUpdate();
    };

    /** The focus or another pointer has gone elsewhere. */
    readonly leave = (): void => {
        if (this.down) this.#lift();
        if (!this.showsCursor) return;
        this.showsCursor = false;
        this.#host.requestUpdate();
    };

    #put(): void {
        stopReplay();
        const { x, y } = this.#place();
        sheet.begin(x, y, pen.value.width, pen.value.eraser);
        this.down = true;
    }
    #lift(): void {
        this.down = false;
        sheet.end();
    }
    #place(): { x: number; y: number } {
        const unit = boardSize / cells;
        return { x: (this.cell.x + 0.5) * unit, y: (this.cell.y + 0.5) * unit };
    }
}
