// What wasm/README.md says is supported is what the importer supports.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { readme, supported, written } from './operators.mjs';

test('the operators in wasm/README.md are those of the importer', async () => {
    const { operators } = await supported();
    for (const operator of ['Conv', 'Gemm', 'MaxPool', 'Relu']) assert.ok(operators.includes(operator), operator);
    const text = await readFile(readme, 'utf8');
    assert.equal(text, await written(text), 'write it anew: node tests/wasm/operators.mjs');
});
