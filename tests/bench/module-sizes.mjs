// Bytes of the two WebAssembly modules, and what each method adds to them:  node tests/bench/module-sizes.mjs [VARIANT]
// A function belongs to a method where its name holds a name that only that method's source file declares. What several
// methods share is nobody's. Gzip's share of each is taken to be that of the whole module.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Sizes of a module's own functions in bytes, in their order, and how many are imported. */
function functionSizes(bytes) {
    let at = 8;
    const number = () => {
        let value = 0;
        for (let shift = 0; ; shift += 7) {
            const byte = bytes[at++];
            value += (byte & 127) * 2 ** shift;
            if (byte < 128) return value;
        }
    };
    const skip = (count) => {
        at += count;
    };
    let imported = 0;
    const sizes = [];
    while (at < bytes.length) {
        const id = bytes[at++];
        const end = number() + at;
        if (id === 2) {
            for (let left = number(); left > 0; --left) {
                for (let i = 0; i < 2; ++i) skip(number());
                const kind = bytes[at++];
                if (kind === 0) {
                    number();
                    ++imported;
                } else if (kind === 1 || kind === 2) {
                    if (kind === 1) ++at;
                    const limits = bytes[at++];
                    number();
                    if (limits & 1) number();
                } else if (kind === 3) at += 2;
                else {
                    ++at;
                    number();
                }
            }
        }
        if (id === 10) {
            for (let left = number(); left > 0; --left) {
                const size = number();
                sizes.push(size);
                at += size;
            }
        }
        at = end;
    }
    return { imported, sizes };
}

/** What each method's file declares that no other file of the methods mentions. */
function ownNames() {
    const folder = join(root, 'lib/pellucid/methods');
    const files = readdirSync(folder, { recursive: true }).filter((file) => /\.[ch]pp$/.test(file));
    const texts = new Map(files.map((file) => [file, readFileSync(join(folder, file), 'utf8')]));
    const listed = readFileSync(join(folder, 'list.inc'), 'utf8').matchAll(/^PELLUCID_(STUDIO_)?METHOD\((\w+)\)/gm);
    return [...listed].map(([, studio, id]) => {
        const own = files.find((file) => basename(file) === `${id}.cpp`);
        const text = own ? texts.get(own) : '';
        const declared = new Set([
            id,
            ...[...text.matchAll(/\b(?:class|struct)\s+(\w+)|^[\w:<>&* ]+[ *&](\w+)\([^;]*$/gm)].map(
                (match) => match[1] ?? match[2],
            ),
        ]);
        const others = files
            .filter((file) => file !== own)
            .map((file) => texts.get(file))
            .join('\n');
        const names = [...declared].filter((name) => name === id || !new RegExp(`\\b${name}\\b`).test(others));
        return {
            id,
            module: studio ? 'studio' : 'live',
            names: new RegExp(`(^|[^A-Za-z_])(${names.join('|')})(?![A-Za-z_])`),
        };
    });
}

export function moduleSizes(variant) {
    const methods = ownNames();
    const table = [];
    for (const [module, file] of [
        ['live', `pellucid-${variant}`],
        ['studio', `pellucid-${variant}-studio`],
    ]) {
        const path = join(root, 'build/wasm', file);
        const bytes = readFileSync(`${path}.wasm`);
        const zipped = gzipSync(bytes, { level: 9 }).length;
        const parts = new Map(methods.map(({ id }) => [id, 0]));
        if (existsSync(`${path}.symbols`)) {
            const { imported, sizes } = functionSizes(bytes);
            for (const line of readFileSync(`${path}.symbols`, 'utf8').split('\n')) {
                const [, index, name] = line.match(/^(\d+):(.*)$/) ?? [];
                if (name === undefined) continue;
                const plain = name.replace(/\\([0-9a-f]{2})/g, (_, code) => String.fromCharCode(parseInt(code, 16)));
                const owner = methods.find(({ names }) => names.test(plain));
                if (owner) parts.set(owner.id, parts.get(owner.id) + (sizes[index - imported] ?? 0));
            }
        }
        table.push({ module, bytes: bytes.length, zipped, share: zipped / bytes.length, parts });
    }
    return { table, methods };
}

/** Each method's module, bytes, and the estimate of what these are gzipped: [{id, module, bytes, zipped}]. */
export function methodSizes(variant) {
    const {
        table: [live, studio],
        methods,
    } = moduleSizes(variant);
    return methods.map(({ id, module }) => {
        const { parts, share } = module === 'live' ? live : studio;
        return { id, module, bytes: parts.get(id), zipped: Math.round(parts.get(id) * share) };
    });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
    const variant = process.argv[2] ?? 'simd128';
    for (const { module, bytes, zipped } of moduleSizes(variant).table) {
        console.log(`${module}: ${bytes} bytes, ${(zipped / 1000).toFixed(1)} KB gzip`);
    }
    console.table(Object.fromEntries(methodSizes(variant).map(({ id, ...sizes }) => [id, sizes])));
}
