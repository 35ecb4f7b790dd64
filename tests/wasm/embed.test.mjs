// The README's "Embed it in a page", followed word for word in an empty folder behind a plain file server.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { launch, serve, skip } from './site.mjs';
import { inFolder, root } from './support.mjs';

/** The chapter's code blocks: language and text. */
async function blocks() {
    const readme = await readFile(join(root, 'README.md'), 'utf8');
    const chapter = readme.split(/^## /m).find((text) => text.startsWith('Embed it in a page'));
    return [...chapter.matchAll(/```(\w+)\n(.*?)```/gs)].map(([, language, text]) => ({ language, text }));
}

/** Runs in the page: how many pixels are not white, and how many colours there are. */
const painted = (id) => {
    const { data } = document.getElementById(id).getContext('2d').getImageData(0, 0, 280, 280);
    const colours = [];
    for (let at = 0; at < data.length; at += 40) colours.push(data.slice(at, at + 4).join());
    return {
        inked: colours.filter((colour) => !['255,255,255,255', '0,0,0,0'].includes(colour)).length,
        colours: new Set(colours).size,
    };
};

test("the README's page paints a digit and a map, under its own policy", { skip }, () =>
    inFolder(async (folder) => {
        const [commands, html, script] = await blocks();
        assert.deepEqual([commands.language, html.language, script.language], ['sh', 'html', 'js']);
        // A repository of its own, so that '../page' is in the folder; the package is built already.
        const repository = join(folder, 'repository');
        await mkdir(repository);
        await symlink(join(root, 'wasm'), join(repository, 'wasm'));
        const [build, ...rest] = commands.text.trim().split('\n');
        assert.equal(build, 'npm run build:wasm');
        execFileSync('sh', ['-ec', rest.join('\n')], { cwd: repository });
        await writeFile(join(folder, 'page/index.html'), html.text);
        await writeFile(join(folder, 'page/explain.js'), script.text);

        const site = await serve(join(folder, 'page'));
        const browser = await launch();
        try {
            const page = await browser.newPage();
            const complaints = [];
            page.on(
                'console',
                (message) =>
                    ['error', 'warning'].includes(message.type()) &&
                    complaints.push(`${message.text()} ${message.location().url}`),
            );
            page.on('pageerror', (error) => complaints.push(error.message));
            await page.goto(site.origin);
            await page.getByText(/It reads a 4, at 9\d\.\d %\./).waitFor();
            const digit = await page.evaluate(painted, 'digit');
            const map = await page.evaluate(painted, 'map');
            assert.ok(digit.inked > 200 && digit.colours > 20, JSON.stringify(digit));
            assert.ok(map.inked > 200 && map.colours > 30, JSON.stringify(map));
            assert.deepEqual(
                complaints.filter((text) => !text.includes('favicon')),
                [],
            );
        } finally {
            await browser.close();
            site.close();
        }
    }),
);
