import { roomOf } from '../rooms/index.ts';
import { pen, sheet } from '../state/drawing.ts';
import { newest } from '../state/live.ts';
import { stopReplay } from '../state/replay.ts';
import { go, isMethod, route, type Route } from '../state/route.ts';
import { chooseDigit, chooseRather, target } from '../state/target.ts';

/** Whether the key belongs to a control that is being used. */
function typing(event: KeyboardEvent): boolean {
    const at = event.composedPath()[0];
    return (
        at instanceof HTMLSelectElement ||
        at instanceof HTMLTextAreaElement ||
        (at instanceof HTMLInputElement && !['checkbox', 'radio', 'range', 'button'].includes(at.type))
    );
}

const inDialog = (event: KeyboardEvent): boolean =>
    event.composedPath().some((node) => node instanceof HTMLDialogElement);

/** Where Escape leads: from a page of a room to that room, from a room to the first. */
function within(now: Route): Route {
    const room = isMethod(now) ? undefined : (roomOf(now.room).within ?? (now.unit ? now.room : undefined));
    return { room: room ?? 'why' };
}

/** Keys that work wherever the focus is. */
export function shortcuts(showKeys: () => void): (event: KeyboardEvent) => void {
    const history = (work: () => void) => {
        stopReplay();
        work();
    };
    const plain: Record<string, () => void> = {
        z: () => history(() => sheet.undo()),
        y: () => history(() => sheet.redo()),
        c: () => history(() => sheet.clear()),
        e: () => (pen.value = { ...pen.value, eraser: !pen.value.eraser }),
        '?': showKeys,
        Escape: () => route.value.room !== 'why' && go(within(route.value)),
    };
    return (event) => {
        if (event.defaultPrevented || inDialog(event) || typing(event) || event.altKey) return;
        if (event.ctrlKey || event.metaKey) {
            if (event.key.toLowerCase() !== 'z') return;
            history(() => (event.shiftKey ? sheet.redo() : sheet.undo()));
            event.preventDefault();
            return;
        }
        // By the key's place where Shift would turn the digit into something else.
        const digit = /^(?:Digit|Numpad)(\d)$/.exec(event.code)?.[1];
        if (digit !== undefined && (event.shiftKey || event.key === digit)) {
            const chosen = Number(digit);
            if (event.shiftKey)
                chooseRather(target.value.rather === chosen ? null : chosen, newest.value?.prediction.predicted ?? 0);
            else chooseDigit(target.value.digit === chosen ? null : chosen);
            event.preventDefault();
            return;
        }
        const work = plain[event.key.length === 1 ? event.key.toLowerCase() : event.key];
        if (!work) return;
        work();
        if (event.key !== 'Escape') event.preventDefault();
    };
}
