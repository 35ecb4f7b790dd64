/** Why a browser does not start a worker or fetch a file: what the page's policy forbids, and what to do about it. */
import { CannotStart } from './errors.js';

const inFile = () => globalThis.location?.protocol === 'file:';
const asFile =
    'the page was opened as a file (file://), and browsers load no such parts from files: serve its folder, ' +
    'for instance with "python3 -m http.server", and open http://localhost:8000';

/** The text of a Trusted Types policy of our own, so that pages which require them can allow it by its name. */
interface Policy {
    createScriptURL(text: string): string;
}
interface Policies {
    createPolicy(name: string, rules: Policy): Policy;
}
let policy: Policy | null | undefined;

function trusted(url: URL): string | URL {
    const policies = (globalThis as { trustedTypes?: Policies }).trustedTypes;
    if (policies && policy === undefined) {
        try {
            policy = policies.createPolicy('pellucid', { createScriptURL: (text) => text });
        } catch {
            policy = null; // not among those that the page allows; it may not require any
        }
    }
    return policy ? policy.createScriptURL(url.href) : url;
}

function whyRefused(error: unknown, url: URL): string {
    const { origin } = globalThis;
    const said = error instanceof Error ? error.message : String(error);
    if (inFile()) return asFile;
    if (error instanceof TypeError && 'trustedTypes' in globalThis) {
        return "the page's Content-Security-Policy asks for Trusted Types: add 'trusted-types pellucid' to it";
    }
    if (origin === 'null') {
        return (
            'the page runs in a sandboxed frame, which may start no workers: ' +
            'add allow-same-origin to its sandbox attribute'
        );
    }
    if (url.origin !== origin) {
        return (
            `browsers start no workers from another origin (${url.origin}): put the package's files on ${origin}, ` +
            'beside the page, and import it from there'
        );
    }
    return `the worker ${url.href} cannot be started: ${said}`;
}

/** A worker, or the reason why there is none, with its remedy. */
export function startWorker(url: URL, options: WorkerOptions): Worker {
    if (typeof globalThis.Worker !== 'function') {
        throw new CannotStart('there are no workers (Worker) in this browser or frame', true);
    }
    try {
        return new globalThis.Worker(trusted(url) as URL, options);
    } catch (error) {
        throw new CannotStart(whyRefused(error, url), true, { cause: error });
    }
}

type Violation = Pick<SecurityPolicyViolationEvent, 'effectiveDirective' | 'blockedURI'>;

/**
 * Listens to what the page's Content-Security-Policy forbids. The listener is passive and stays: there is one per page.
 */
const violations: Violation[] = [];
let listening = false;
export function listenToPolicy(): void {
    if (listening) return;
    listening = true;
    globalThis.addEventListener?.('securitypolicyviolation', (event) => {
        const { effectiveDirective, blockedURI, disposition } = event as SecurityPolicyViolationEvent;
        if (disposition !== 'report' && violations.length < 100) violations.push({ effectiveDirective, blockedURI });
    });
}

/** The directive that forbade an address, if one did. Violations are told a moment after the failure. */
async function forbidding(accept: (violation: Violation) => boolean): Promise<string | undefined> {
    await new Promise((resolve) => {
        setTimeout(resolve, 50);
    });
    return violations.find(accept)?.effectiveDirective;
}

const forbids = (directive: string, what: string, remedy: string) =>
    `the page's Content-Security-Policy forbids ${what}: add ${remedy} to its ${directive}`;
const sourceOf = (url: URL) => (url.origin === globalThis.origin ? "'self'" : url.origin);

/** Why a file cannot be fetched. Null where no policy and no kind of page is to blame. */
export async function whyNotFetched(url: URL): Promise<string | null> {
    if (inFile() && url.protocol === 'file:') return asFile;
    const directive = await forbidding(
        ({ effectiveDirective, blockedURI }) => effectiveDirective === 'connect-src' && url.href.startsWith(blockedURI),
    );
    return directive ? forbids(directive, `fetching ${url.href}`, sourceOf(url)) : null;
}

/** Why a WebAssembly module does not compile. */
export async function whyNotCompiled(error: unknown): Promise<string | null> {
    const said = error instanceof Error ? error.message : String(error);
    const forbidden =
        /content security policy|unsafe-eval|blocked by csp/i.test(said) ||
        (await forbidding(({ blockedURI }) => blockedURI === 'wasm-eval'));
    return forbidden ? forbids('script-src', 'WebAssembly', "'wasm-unsafe-eval'") : null;
}

const searches = new Map<string, Promise<CannotStart>>();

/**
 * Why a worker's file did not load: the browser's event does not say. One search for all workers that fail together.
 */
export function whyNotLoaded(url: URL): Promise<CannotStart> {
    const search = searches.get(url.href) ?? searchWhyNotLoaded(url).finally(() => searches.delete(url.href));
    searches.set(url.href, search);
    return search;
}

async function searchWhyNotLoaded(url: URL): Promise<CannotStart> {
    if (inFile()) return new CannotStart(asFile, true);
    const directive = await forbidding(
        ({ effectiveDirective, blockedURI }) =>
            ['worker-src', 'child-src', 'script-src', 'script-src-elem', 'default-src'].includes(effectiveDirective) &&
            url.href.startsWith(blockedURI),
    );
    if (directive) return new CannotStart(forbids(directive, 'workers', sourceOf(url)), true);
    const beside = "put all files of the package's dist folder there, under their own names";
    try {
        const response = await fetch(url, { method: 'HEAD' });
        if (!response.ok) {
            return new CannotStart(
                `the worker ${url.href} is missing (the server answers ${response.status}): ${beside}`,
                false,
            );
        }
        const type = response.headers.get('content-type') ?? 'no media type';
        if (!/javascript|ecmascript/.test(type)) {
            const wrong = `the server sends the worker ${url.href} as ${type}, where browsers want text/javascript`;
            return new CannotStart(`${wrong}: ${beside}`, false);
        }
    } catch {
        return new CannotStart(`the worker ${url.href} cannot be fetched: ${beside}`, false);
    }
    return new CannotStart(
        `the browser does not run the worker ${url.href}: where the page is served with ` +
            'Cross-Origin-Embedder-Policy, this file must be, too',
        true,
    );
}
