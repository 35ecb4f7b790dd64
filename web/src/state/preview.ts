import type { MethodCard, Params } from 'pellucid';
import { words as spelled } from '../core/words.ts';

/**
 * The parameters for a quick answer, as the card limits them while drawing, and in words what was shortened (null:
 * nothing).
 */
export function preview(card: MethodCard, params: Params): { params: Params; words: string | null } {
    const quick: Params = { ...params };
    const shortened: string[] = [];
    for (const { name, default: fallback, most_while_drawing: most, least_while_drawing: least } of card.params) {
        const value = params[name] ?? fallback;
        if (typeof value !== 'number') continue;
        if (most !== undefined && value > most) {
            quick[name] = most;
            shortened.push(`${most} ${spelled(name)}`);
        }
        if (least !== undefined && value < least) {
            quick[name] = least;
            shortened.push(`${spelled(name)} ${least}`);
        }
    }
    return { params: quick, words: shortened.length > 0 ? shortened.join(', ') : null };
}
