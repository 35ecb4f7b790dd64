/** What a model is given beside its file, in both modules; the second opens the model when it is first needed. */
import { untilAborted } from './abort.js';
import { checkDrawing, checkRole } from './check.js';
import type { Platform } from './platform.js';
import type { Pool } from './pool.js';
import type { Attached, ModelFiles } from './protocol.js';
import type { SecondModule } from './second_module.js';
import { bytesOf } from './source.js';
import type { Drawing, Role } from './types.js';
import { isPlain, nameOf, refuse, short } from './values.js';

/** Images, and behind them their labels, if these are in a file of their own. */
async function dataFrom(source: unknown, platform: Platform, signal: AbortSignal | undefined): Promise<Uint8Array> {
    if (!isPlain(source)) return bytesOf(source, 'the data', platform, signal);
    const unknown = Object.keys(source).find((name) => name !== 'images' && name !== 'labels');
    if (unknown !== undefined || !('images' in source)) {
        refuse(
            `attach: data are a file of images, or {images, labels}, ` +
                `not ${unknown === undefined ? nameOf(source) : `'${short(unknown)}'`}`,
        );
    }
    const parts = [await bytesOf(source['images'], "the data's images", platform, signal)];
    if (source['labels'] !== undefined)
        parts.push(await bytesOf(source['labels'], "the data's labels", platform, signal));
    const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
    let at = 0;
    for (const part of parts) {
        all.set(part, at);
        at += part.length;
    }
    return all;
}

export class Attachments {
    readonly #platform: Platform;
    readonly #pool: Pool;
    readonly #studio: SecondModule;
    readonly #model: number;
    readonly #files: ModelFiles;
    readonly #attached = new Map<Role, Attached>();
    #opening: Promise<void> | null = null;

    constructor(platform: Platform, pool: Pool, studio: SecondModule, model: number, files: ModelFiles) {
        this.#platform = platform;
        this.#pool = pool;
        this.#studio = studio;
        this.#model = model;
        this.#files = files;
    }

    /** `check` throws where the model was disposed of meanwhile. */
    async attach(role: unknown, source: unknown, signal: AbortSignal | undefined, check: () => void): Promise<void> {
        const known = checkRole('attach', role);
        const what = await this.#read(known, source, signal);
        check();
        const ask = { model: this.#model, role: known, what };
        await untilAborted(this.#pool.all('attach', { ...ask, module: 'live' }), signal);
        this.#attached.set(known, what);
        if (!this.#opening) return;
        await this.#opening;
        await this.#pool.all('attach', { ...ask, module: 'studio' });
    }

    async detach(role: unknown): Promise<void> {
        const known = checkRole('detach', role);
        this.#attached.delete(known);
        await this.#pool.all('detach', { model: this.#model, role: known });
    }

    /** After a failure it is tried again. */
    openStudio(): Promise<void> {
        this.#opening ??= this.#open().catch((error: unknown) => {
            this.#opening = null;
            throw error;
        });
        return this.#opening;
    }

    async #open(): Promise<void> {
        await this.#studio.load();
        await this.#pool.all('open', { ...this.#files, model: this.#model, module: 'studio' });
        for (const [role, what] of this.#attached) {
            await this.#pool.all('attach', { model: this.#model, module: 'studio', role, what });
        }
    }

    #read(role: Role, source: unknown, signal: AbortSignal | undefined): Promise<Attached> | Attached {
        if (role === 'strokes') return checkDrawing(source as Drawing);
        return role === 'data'
            ? dataFrom(source, this.#platform, signal)
            : bytesOf(source, `what is attached as ${role}`, this.#platform, signal);
    }
}
