// Networks with evidential output in the package: how much they do not know comes with every prediction.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { inputFor, lenet, load, root } from './support.mjs';

let pellucid;
before(async () => {
    pellucid = await load({ workers: 1 });
});
after(() => pellucid.dispose());

test('vacuity and probabilities follow from the logits, and the method says the same; others have none', async () => {
    const model = await pellucid.loadModel(join(root, 'models/evidential.onnx'));
    assert.equal(model.metadata.evidence_function, 'softplus');
    for (const input of [await inputFor(pellucid, model), new Float32Array(784).fill(1)]) {
        const { logits, probabilities, vacuity } = await model.predict(input);
        const alphas = Array.from(logits, (z) => 1 + Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z))));
        const strength = alphas.reduce((sum, alpha) => sum + alpha);
        assert.ok(Math.abs(vacuity - 10 / strength) < 1e-6, `${vacuity}`);
        probabilities.forEach((p, k) => {
            assert.ok(Math.abs(p - alphas[k] / strength) < 1e-6);
        });
        const answer = await model.explain('uncertainty', input, { params: { method: 'gradient' } });
        assert.ok(Math.abs(answer.outputs.vacuity[0] - vacuity) < 1e-6, `${answer.outputs.vacuity}`);
        assert.equal(answer.outputs.deviation, undefined);
    }
    const other = await pellucid.loadModel(lenet);
    assert.equal((await other.predict(await inputFor(pellucid, other))).vacuity, null);
});
