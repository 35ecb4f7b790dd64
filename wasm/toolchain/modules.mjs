// Exits 0 if node_modules holds what package-lock.json asks for, so that set-up can leave it alone.
// npm itself needs two seconds to find that out, and `npm ci` begins by deleting everything.
import { readFileSync } from 'node:fs';

const read = (path) => JSON.parse(readFileSync(path, 'utf8')).packages;

let installed;
try {
    installed = read('node_modules/.package-lock.json');
} catch {
    process.exit(1); // never installed
}
const differing = Object.entries(read('package-lock.json')).filter(([path, wanted]) => {
    // The workspaces themselves are left out.
    if (!path.startsWith('node_modules/') && !path.includes('/node_modules/')) return false;
    const got = installed[path];
    if (!got) return !wanted.optional; // another platform's package
    return got.version !== wanted.version || got.link !== wanted.link;
});
process.exit(differing.length === 0 ? 0 : 1);
