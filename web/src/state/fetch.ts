/** Fetches with news of how much has come. */
export async function fetchBytes(
    url: string,
    onProgress: (loaded: number, total: number) => void = () => {},
): Promise<Uint8Array> {
    const response = await fetch(url);
    if (!response.ok) throw new Error(`the server answered ${response.status} for ${url}`);
    // Servers that do not know a file often answer with a page.
    if (response.headers.get('content-type')?.startsWith('text/html')) throw new Error(`${url} is not on the server`);
    const total = Number(response.headers.get('content-length') ?? 0);
    if (!response.body) return new Uint8Array(await response.arrayBuffer());
    const parts: Uint8Array[] = [];
    let loaded = 0;
    const reader = response.body.getReader();
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
        parts.push(part.value);
        loaded += part.value.length;
        onProgress(loaded, total);
    }
    const bytes = new Uint8Array(loaded);
    let at = 0;
    for (const part of parts) {
        bytes.set(part, at);
        at += part.length;
    }
    return bytes;
}

export const modelUrl = (file: string): string => new URL(`models/${file}`, document.baseURI).href;
