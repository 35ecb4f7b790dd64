// ONNX's own tests of every operator that we read, where the package that holds them can be had.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { count, fetchNodeTests, passedBefore, runNodeTests } from './node_tests.mjs';

test("ONNX's own tests of the operators that we read", (t) => {
    let folder;
    try {
        folder = fetchNodeTests();
    } catch (error) {
        t.skip(
            `the package onnx cannot be fetched here; tests/onnx/NODE_TESTS.md says what was run ` +
                `(${error.message.split('\n')[0]})`,
        );
        return;
    }
    const rows = runNodeTests(folder);
    const of = (outcome) => rows.filter((row) => row.outcome === outcome);
    assert.deepEqual(
        of('failed').map(({ test: name, worst, words }) => `${name}: ${worst} ${words}`),
        [],
    );
    const passed = of('passed').map(({ test: name }) => name);
    const before = passedBefore();
    assert.ok(before.length >= 70, `the committed table names ${before.length} tests that pass`);
    assert.deepEqual(
        before.filter((name) => !passed.includes(name)),
        [],
        'these passed before',
    );
    for (const row of of('refused')) assert.match(row.words, /^unsupported: .{20,}/, row.test);
    t.diagnostic(
        `${passed.length} passed, ${count(rows, 'refused')} refused, ` +
            `${count(rows, 'not applicable')} not applicable of ${rows.length}`,
    );
});
