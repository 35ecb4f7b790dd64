import type { Image, LayerInfo, TargetText } from 'pellucid';

/** A channel of a layer, or one unit of it. Units of a layer without rows and columns are its channels. */
export interface Unit {
    layer: string;
    channel: number;
    /** null: the whole channel. */
    place: { row: number; column: number } | null;
}

type Sized = Pick<Image, 'height' | 'width' | 'channels'>;

export const sizeOf = ({ shape: [height, width, channels] }: LayerInfo): Sized => ({ height, width, channels });
export const isFlat = ({ height, width }: Sized): boolean => height * width === 1;

/** "relu2/3" a channel, "relu2/3,4,4" a unit: as addresses, targets and the package name them. */
export const unitText = ({ layer, channel, place }: Unit): string =>
    `${layer}/${channel}${place ? `,${place.row},${place.column}` : ''}`;

export function parseUnit(text: string): Unit | null {
    const [, layer = '', channel = '', , row, column] = /^(.+)\/(\d{1,6})(,(\d{1,6}),(\d{1,6}))?$/.exec(text) ?? [];
    if (layer === '') return null;
    const place = row === undefined ? null : { row: Number(row), column: Number(column) };
    return { layer, channel: Number(channel), place };
}

/** Without a place where the layer has none, as addresses have it. */
export function placed(unit: Unit, layers: readonly LayerInfo[]): Unit {
    const layer = layers.find(({ name }) => name === unit.layer);
    return layer && isFlat(sizeOf(layer)) ? { ...unit, place: null } : unit;
}

/** As the core wants a single unit: with its place where the layer has any; of a channel the one in the middle. */
export function unitName({ layer, channel, place }: Unit, size: Sized): string {
    if (isFlat(size)) return `${layer}/${channel}`;
    const { row, column } = place ?? { row: size.height >> 1, column: size.width >> 1 };
    return `${layer}/${channel},${row},${column}`;
}

export const targetOfUnit = (unit: Unit, size: Sized): TargetText =>
    unit.place || isFlat(size) ? `neuron:${unitName(unit, size)}` : `channel:${unit.layer}/${unit.channel}`;

/**
 * "channel 3 of relu2", "unit 5 of dense1", "the unit at row 4, column 5 of channel 3 of relu2"; counted from 0, as
 * targets are.
 */
export function unitWords({ layer, channel, place }: Unit, size: Sized): string {
    if (isFlat(size)) return `unit ${channel} of ${layer}`;
    const map = `channel ${channel} of ${layer}`;
    return place ? `the unit at row ${place.row}, column ${place.column} of ${map}` : map;
}

/** The layer behind one that was changed by hand, where the change acts. */
const behind = '_without';
export const isBehind = ({ layer }: Pick<Unit, 'layer'>): boolean => layer.endsWith(behind);
/** The unit that a change is made in; behind a change stands the same one. */
export const before = <Part extends Pick<Unit, 'layer'>>(unit: Part): Part =>
    isBehind(unit) ? { ...unit, layer: unit.layer.slice(0, -behind.length) } : unit;
/** After a change was taken back its layer is gone. */
export const still = (unit: Unit, layers: readonly LayerInfo[]): Unit =>
    layers.some(({ name }) => name === unit.layer) ? unit : before(unit);

/** Why there is no such unit; null where there is. */
export function missingUnit({ layer, channel, place }: Unit, layers: readonly LayerInfo[]): string | null {
    const found = layers.find(({ name }) => name === layer);
    if (!found) return `This network has no layer “${layer}”.`;
    const { height, width, channels } = sizeOf(found);
    if (channel >= channels) return `${layer} has the channels 0 to ${channels - 1}, and no channel ${channel}.`;
    if (place && (place.row >= height || place.column >= width))
        return `${layer} has ${height} rows and ${width} columns, counted from 0; row ${place.row}, column ${
            place.column
        } is outside.`;
    return null;
}

/** Operators as people call them, and what they do. */
const operators: Record<string, [string, string]> = {
    Conv: ['Convolution', 'looks for a small pattern everywhere'],
    ConvTranspose: ['Transposed convolution', 'draws a small pattern everywhere'],
    Relu: ['ReLU', 'keeps what is above 0'],
    MaxPool: ['Max pooling', 'keeps the largest of each window'],
    AveragePool: ['Average pooling', 'takes the mean of each window'],
    GlobalAveragePool: ['Global average', 'takes the mean over all places'],
    Gemm: ['Dense', 'weighs everything that it reads'],
    Flatten: ['Flatten', 'writes the same numbers in one line'],
    BatchNormalization: ['Batch normalisation', 'scales and shifts each channel'],
    Affine: ['Changed by hand', 'scales each channel'],
    UnitMap: ['Changed by hand', 'scales or disturbs single units'],
    Dropout: ['Dropout', 'does nothing outside of training'],
    Add: ['Sum', 'adds two layers'],
    Softmax: ['Softmax', 'makes shares of one whole'],
};
export const opTitle = (op: string): string => operators[op]?.[0] ?? op;
export const opWords = (op: string): string => operators[op]?.[1] ?? '';
