import { html } from 'lit';
import type { Image, MapKind } from 'pellucid';
import { mainOutput, pictures } from '../../core/items.ts';
import { short } from '../../core/numbers.ts';
import { largest } from '../../core/regions.ts';
import { outputName, sentence } from '../../core/words.ts';
import '../../elements/pl-legend.ts';
import '../../elements/pl-map.ts';
import type { ItemContext } from '../registry.ts';

/** So many pictures are seen at once; more would be none to look at. */
const most = 64;

const kindOf = ({ output }: ItemContext): MapKind => output.map ?? 'signed';

/** A change has the two colours of a signed map. */
export const legendOf = (kind: MapKind): MapKind => (kind === 'change' ? 'signed' : kind);

const scaleOf = (kind: MapKind, images: readonly Image[]): number =>
    kind === 'image' ? 1 : Math.max(0, ...images.map(largest));

/** A map; of many channels or samples all of them, in one scale. */
export function view(context: ItemContext) {
    const { output, input, small } = context;
    const kind = kindOf(context);
    const all = pictures(context.item as Image, kind);
    const scale = scaleOf(kind, all);
    const legend = html`<pl-legend kind=${legendOf(kind)} .scale=${scale}></pl-legend>`;
    const show = (map: Image) => ({
        map,
        kind,
        scale,
        input: kind !== 'image' && map.width === input?.width ? input : null,
    });
    const name = sentence(outputName(output));
    const [first] = all;
    if (first && all.length === 1) {
        return html`<pl-map label="${name}. ${describe(context)}"
            .shown=${show(first)}></pl-map>${small ? '' : legend}`;
    }
    return html`<div class="many">
            ${all.slice(0, small ? 9 : most).map(
                (map, index) => html`<pl-map label="${name}, ${index}"
                title=${String(index)} .shown=${show(map)}></pl-map>`,
            )}
        </div>
        ${small ? '' : legend}`;
}

export function describe(context: ItemContext): string {
    const { output, item, explanation, card } = context;
    const all = pictures(item as Image, kindOf(context));
    if (all.length > 1) return `${all.length} pictures${all.length > most ? `, of which ${most} are shown` : ''}.`;
    if (
        output.map !== 'positive' ||
        mainOutput(card)?.kind !== 'map' ||
        mainOutput(card)?.map === 'image' ||
        output === mainOutput(card)
    )
        return '';
    const [error, mean] = [largest(item as Image), largest(explanation.map)];
    const share = mean > 0 ? Math.round((100 * error) / mean) : 0;
    return `At most ${short(error)}: ${share} % of the map’s strongest value.`;
}
