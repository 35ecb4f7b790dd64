/** The workers, each with the same core and the same models. */
import type { Variant } from './api.js';
import { Channel } from './channel.js';
import { PellucidError } from './errors.js';
import type { Platform } from './platform.js';
import type { Answer, Ask, CoreInfo, Operation } from './protocol.js';

/** Two workers get a way to each other. */
function introduce(one: Channel, other: Channel): Promise<unknown> {
    const { port1, port2 } = new MessageChannel();
    return Promise.all([
        one.call('meet', { worker: other.place, port: port1 }, [port1]),
        other.call('meet', { worker: one.place, port: port2 }, [port2]),
    ]);
}

export class Pool {
    readonly channels: readonly Channel[];
    #lastId = 0;
    #closed: PellucidError | null = null;

    constructor(platform: Platform, variant: Variant, count: number, base: URL | undefined) {
        const channels: Channel[] = [];
        try {
            while (channels.length < count) channels.push(new Channel(platform.spawn(variant, base), channels.length));
        } catch (error) {
            for (const channel of channels)
                channel.close(new PellucidError('load_failed', 'another worker could not be started'));
            throw error;
        }
        this.channels = channels;
        // What one worker knows all must know: without it the pool is lost as a whole.
        for (const channel of this.channels) channel.oncrash = (error) => this.close(error);
    }

    /** Gives every worker its core; rejects where one fails its self-test. */
    async init(module: WebAssembly.Module, onReady: (ready: number) => void): Promise<CoreInfo> {
        let ready = 0;
        const infos = await Promise.all(
            this.channels.map(async (channel) => {
                const info = await channel.call('init', { module });
                if (!info.selfTest)
                    throw new PellucidError('load_failed', 'the core computes wrong numbers on this engine');
                onReady(++ready);
                return info;
            }),
        );
        await Promise.all(
            this.channels.flatMap((one) => this.channels.slice(one.place + 1).map((other) => introduce(one, other))),
        );
        return infos[0]!;
    }

    /** A number that no model and no run of this pool has had. */
    newId(): number {
        return ++this.#lastId;
    }

    /** The worker with the least to do. */
    idlest(): Channel {
        return this.channels.reduce((best, channel) => (channel.pending < best.pending ? channel : best));
    }

    /** All workers, those with the least to do first. */
    byPending(): Channel[] {
        return [...this.channels].sort((a, b) => a.pending - b.pending);
    }

    call<K extends Operation>(operation: K, ask: Ask<K>): Promise<Answer<K>> {
        return this.idlest().call(operation, ask);
    }

    all<K extends Operation>(operation: K, ask: Ask<K>): Promise<Answer<K>[]> {
        return Promise.all(this.channels.map((channel) => channel.call(operation, ask)));
    }

    close(error: PellucidError): void {
        if (this.#closed) return;
        this.#closed = error;
        for (const channel of this.channels) channel.close(error);
    }
}
