// The package says of its methods what the native command says.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { load, native } from './support.mjs';

test('cards equal those of the native command', async () => {
    const cards = JSON.parse(await native('methods', '--json'));
    const pellucid = await load({ workers: 1 });
    try {
        assert.ok(cards.length >= 11);
        assert.deepEqual(pellucid.methods, cards);
    } finally {
        pellucid.dispose();
    }
});
