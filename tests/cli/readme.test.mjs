// The README's table of methods is that of the command.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

test('the README lists every method in its family, and no other family', () => {
    const { stdout } = spawnSync(`${root}build/native/pellucid`, ['methods', '--json'], {
        encoding: 'utf8',
        maxBuffer: 1e8,
    });
    const cards = JSON.parse(stdout);
    const readme = readFileSync(`${root}README.md`, 'utf8');
    const [, table] = readme.split('| family | methods |\n|---|---|\n');
    const rows = new Map(
        table
            .split('\n\n')[0]
            .split('\n')
            .map((line) =>
                line
                    .split('|')
                    .slice(1, 3)
                    .map((cell) => cell.trim()),
            ),
    );
    assert.deepEqual([...rows.keys()].sort(), [...new Set(cards.map((card) => card.family))].sort());
    for (const { id, family } of cards) assert.match(rows.get(family), new RegExp(`\\b${id}\\b`), `${id} is missing`);
});
