// The package says of its methods what the native command says.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { load, native } from './support.mjs';

/** Infinite limits are null in the command's JSON and absent in the package. */
const withoutNulls = (card) => ({
    ...card,
    params: card.params.map(({ min, max, ...param }) => ({
        ...param, ...(min === null ? {} : { min }), ...(max === null ? {} : { max }),
    })),
});

test('cards equal those of the native command', async () => {
    const cards = JSON.parse(await native('methods', '--json'));
    const pellucid = await load({ workers: 1 });
    try {
        assert.ok(cards.length >= 11);
        assert.deepEqual(pellucid.methods, cards.map(withoutNulls));
    } finally {
        pellucid.dispose();
    }
});
