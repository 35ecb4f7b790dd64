import type { MethodCard, ParamCard, Params } from 'pellucid';
import { phase } from './engine.ts';
import { keep, recall } from './settings.ts';
import { Signal } from './signal.ts';

/**
 * Pictures that parameters are given, such as baselines. Views, addresses and storage know them by a short name:
 * "digit-3" for a sample, "mean-3" for all 3s' mean, "kept-1a2b3c" for one that was kept. A name that nobody knows (any
 * more) means the default.
 */
const known = new Map<string, Float32Array>();
const coming = new Set<string>();
/** Kept ones are few and small; the oldest go first. */
const mostKept = 12;

/** Counts pictures that have come. */
export const pictures = new Signal(0);

/** Plain numbers for programs, such as what was drawn at random or a map, get no control. */
export const takesPicture = ({ type, role }: ParamCard): boolean =>
    type === 'image' && !['replay', 'maps'].includes(role);

for (const [name, bytes] of Object.entries((recall('pictures') ?? {}) as Record<string, unknown>)) {
    if (typeof bytes !== 'string') continue;
    try {
        known.set(
            name,
            Float32Array.from(atob(bytes), (each) => each.charCodeAt(0) / 255),
        );
    } catch {
        // Damaged storage: the picture is gone.
    }
}

/** The picture of that name; null while it is on its way, or where there is none. */
export function picture(name: string): Float32Array | null {
    const found = known.get(name);
    if (found) return found;
    const sample = /^digit-(\d)$/.exec(name);
    if (sample && !coming.has(name) && phase.value.name === 'ready') {
        coming.add(name);
        const { pellucid } = phase.value;
        void pellucid
            .penDigit(Number(sample[1]))
            .then(({ drawing }) => pellucid.normalise(drawing))
            .then(({ input }) => {
                known.set(name, input.data);
                pictures.value++;
            });
    }
    const mean = /^mean-(\d)$/.exec(name);
    if (mean && !coming.has(name)) {
        coming.add(name);
        void import('./means.ts')
            .then(({ classMeans }) => classMeans())
            .then((means) => {
                known.set(name, means[Number(mean[1])]!);
                pictures.value++;
            })
            .catch((error: unknown) => {
                coming.delete(name);
                console.error(error);
            });
    }
    return null;
}

/** Keeps a picture and gives it a name. In 255 steps of grey, as files have them, so that it is the same next time. */
export function keepPicture(data: Float32Array): string {
    const bytes = Uint8Array.from(data, (value) => Math.round(255 * Math.min(1, Math.max(0, value))));
    // FNV-1a: names only need to differ.
    let hash = 0x811c9dc5;
    for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
    const name = `kept-${hash.toString(16).padStart(8, '0')}`;
    known.delete(name);
    known.set(
        name,
        Float32Array.from(bytes, (byte) => byte / 255),
    );
    const kept = [...known].filter(([each]) => each.startsWith('kept-')).slice(-mostKept);
    const text = (values: Float32Array) =>
        btoa(String.fromCharCode(...Array.from(values, (value) => Math.round(255 * value))));
    keep('pictures', Object.fromEntries(kept.map(([each, values]) => [each, text(values)])));
    pictures.value++;
    return name;
}

/** A picture from a file, made as large as the network's input; ink is what differs from the paper around it. */
export async function keepFile(file: Blob, width: number, height: number): Promise<string> {
    const bitmap = await createImageBitmap(file);
    const canvas = document.createElement('canvas');
    canvas.width = width;
    canvas.height = height;
    const context = canvas.getContext('2d');
    if (!context) throw new Error('this browser has no canvas');
    context.fillStyle = '#fff';
    context.fillRect(0, 0, width, height);
    context.imageSmoothingQuality = 'high';
    context.drawImage(bitmap, 0, 0, width, height);
    const { data } = context.getImageData(0, 0, width, height);
    const light = Float32Array.from(
        { length: width * height },
        (_, i) => (0.299 * data[4 * i]! + 0.587 * data[4 * i + 1]! + 0.114 * data[4 * i + 2]!) / 255,
    );
    const border = light.filter(
        (_, i) => i < width || i >= width * (height - 1) || i % width === 0 || i % width === width - 1,
    );
    const darkPaper = border.reduce((sum, value) => sum + value, 0) < 0.5 * border.length;
    return keepPicture(light.map((value) => (darkPaper ? value : 1 - value)));
}

/** Parameters as the package wants them: pictures instead of their names. */
export function withPictures(params: Params, card: MethodCard): Params {
    const images = card.params.filter(({ type, name }) => type === 'image' && typeof params[name] === 'string');
    if (images.length === 0) return params;
    const full = { ...params };
    for (const { name } of images) {
        const data = picture(String(params[name]));
        if (data) full[name] = data;
        else delete full[name];
    }
    return full;
}
