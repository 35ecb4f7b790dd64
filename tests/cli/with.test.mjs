// What a method needs beside the network, given by --with; and a target for each input.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { npyBytes } from '../support/array-files.mjs';
import { json, model, pellucid, placeFor, refused, root } from '../support/command.mjs';

const lenet = model('lenet');
const small = join(root, 'tests/parity/networks/residual.onnx');
const place = placeFor('with');

const written = (name, text) => {
    writeFileSync(place(name), text);
    return place(name);
};
/** An .npy file of an empty picture. */
const paper = (height, width) => written('paper.npy', npyBytes([height, width], Array(height * width).fill(0)));
pellucid('digits', '--first', '3', '--count', '3', '--out', place('digits.npy'));
const explain = (method, ...rest) => ['explain', method, '--model', lenet, '--input', place('digits.npy'), ...rest];

test('patterns: beside the model, named, or missing', () => {
    const beside = json(...explain('pattern_net', '--target', 'class:3'));
    const named = json(
        ...explain(
            'pattern_net',
            '--target',
            'class:3',
            '--with',
            `patterns=${lenet.replace('.onnx', '.patterns.onnx')}`,
        ),
    );
    assert.deepEqual({ ...named, milliseconds: 0 }, { ...beside, milliseconds: 0 });
    refused(
        /pattern_net needs patterns .*--with patterns=FILE/,
        'explain',
        'pattern_net',
        '--model',
        small,
        '--input',
        paper(12, 10),
    );
    refused(/residual\.onnx: .*holds no patterns/, ...explain('pattern_net', '--with', `patterns=${small}`));
});

test('roles, files and formats are checked by name', () => {
    refused(
        /there is no role 'pattern'; there are patterns, generator/,
        ...explain('gradient', '--with', `pattern=${small}`),
    );
    for (const wrong of ['strokes', 'strokes=', '=x'])
        refused(/role|ROLE=FILE/, ...explain('gradient', '--with', wrong));
    refused(/twice/, ...explain('gradient', '--with', `second=${small}`, `second=${small}`));
    refused(/No such file/, ...explain('gradient', '--with', `second=${place('none.onnx')}`));
    refused(/No such file/, ...explain('gradient', '--with', `statistics=${place('none')}`));
    json(
        ...explain(
            'gradient',
            '--with',
            `second=${small}`,
            `generator=${small}`,
            `expert=${small}`,
            `statistics=${written('any', 'any')}`,
        ),
    );
});

test('strokes: lists of points, or an object with pen and board; what the pen digits write is read', () => {
    const gives = (text) => json(...explain('gradient', '--with', `strokes=${written('strokes.json', text)}`));
    gives('[[[10, 20], [30, 40]], [[100, 100, 5]]]');
    gives(
        '{"pen": 20, "width": 100, "height": 100, "strokes": [[[1, 2]], ' +
            '{"points": [[3, 4]], "width": 5, "eraser": true}]}',
    );
    for (const [text, says] of [
        ['', /not JSON/],
        ['7', /strokes are a list/],
        ['[7]', /a stroke is a list of points/],
        ['[[7]]', /a point is \[x, y\]/],
        ['[[[1]]]', /a point is/],
        ['[[[1, "2"]]]', /y must be a number/],
        ['{"strokes": [], "ink": 1}', /ink is not known/],
        ['[{"points": [], "colour": 1}]', /colour of a stroke/],
        ['{"pen": -1, "strokes": [[[1, 2]]]}', /width -1/],
        ['[[[1e300, 2]]]', /finite/],
        ['{"strokes": 1}', /strokes are a list/],
        ['{}', /strokes are a list/],
    ])
        refused(says, ...explain('gradient', '--with', `strokes=${written('wrong.json', text)}`));
    assert.equal(pellucid('digits', '--first', '4', '--count', '1', '--strokes', place('four.json')).status, 0);
    const { strokes, width, height } = JSON.parse(readFileSync(place('four.json'), 'utf8'));
    assert.equal(width, 280);
    assert.equal(height, 280);
    assert.ok(strokes.length > 1 && strokes.every(({ points }) => points.length > 2));
    json(...explain('gradient', '--with', `strokes=${place('four.json')}`));
    refused(/one digit/, 'digits', '--strokes', place('all.json'));
});

test('data: IDX or .npy, with labels in a file of their own', () => {
    const idx = (name, sizes, values) => {
        const bytes = Buffer.alloc(4 + 4 * sizes.length + values.length);
        bytes.writeUInt32BE(0x0800 + sizes.length, 0);
        sizes.forEach((size, axis) => bytes.writeUInt32BE(size, 4 + 4 * axis));
        Buffer.from(values).copy(bytes, 4 + 4 * sizes.length);
        return written(name, bytes);
    };
    const images = idx('some-images-idx3-ubyte', [2, 28, 28], new Uint8Array(2 * 784));
    const labels = idx('other-labels', [2], [3, 5]);
    json(...explain('gradient', '--with', `data=${images}`));
    json(...explain('gradient', '--with', `data=${images},${labels}`));
    json(...explain('gradient', '--with', `data=${place('digits.npy')}`));
    refused(/2 labels for 3 images/, ...explain('gradient', '--with', `data=${place('digits.npy')},${labels}`));
    // The labels beside images that are named as MNIST names them.
    idx('some-labels-idx1-ubyte', [1], [3]);
    refused(/1 labels for 2 images/, ...explain('gradient', '--with', `data=${images}`));
    refused(/cannot read|directory|bad/i, ...explain('gradient', '--with', `data=${place('none')}`));
});

test('a target for each input, or one for all', () => {
    const all = ['class:3', 'class:3', 'class:5'];
    const together = json(...explain('gradient', ...all.flatMap((target) => ['--target', target])));
    assert.deepEqual(together.targets, all);
    const each = all.map((target) => json(...explain('gradient', '--target', target)).values);
    together.values.forEach((value, n) => assert.ok(Math.abs(value - each[n][n]) < 1e-4));
    const one = json(...explain('gradient', '--target', 'class:3'));
    assert.equal(one.targets, undefined);
    assert.equal(one.target, 'class:3');
    refused(/2 targets for 3 inputs/, ...explain('gradient', '--target', 'class:3', '--target', 'class:4'));
});
