"""How good a generator's pictures are, as a reader of digits sees them:

  confidence   mean of the largest probability that lenet gives 10,000 pictures of normal codes, and the classes read
  fréchet      ‖μ₁ − μ₂‖² + tr(Σ₁ + Σ₂ − 2(Σ₁Σ₂)^½) in lenet's last hidden layer (relu4), to MNIST's 10,000 test images;
               beside it that of as many training images, the least there is to reach

python tests/parity/generator_quality.py models/generator.onnx MNIST_DIRECTORY [SECOND_NETWORK.onnx]
"""

import gzip
import pathlib
import sys

import numpy as np
import onnx
import onnxruntime

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
COUNT = 10000


def session(path, *more_outputs):
    model = onnx.load(str(path))
    for name in more_outputs:
        node = next(n for n in model.graph.node if n.name == name)
        model.graph.output.append(onnx.helper.make_empty_tensor_value_info(node.output[0]))
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])


def run(network, batch):
    name = network.get_inputs()[0].name
    parts = [network.run(None, {name: batch[i : i + 500]}) for i in range(0, len(batch), 500)]
    return [np.concatenate(columns) for columns in zip(*parts)]


def images(directory, part):
    stem = pathlib.Path(directory) / f"{part}-images-idx3-ubyte"
    data = stem.read_bytes() if stem.exists() else gzip.open(f"{stem}.gz").read()
    return np.frombuffer(data, np.uint8, offset=16).reshape(-1, 1, 28, 28).astype(np.float32) / 255


def frechet(a, b):
    (m1, s1), (m2, s2) = [(f.mean(0), np.cov(f, rowvar=False)) for f in (a.astype(np.float64), b.astype(np.float64))]
    values = np.linalg.eigvals(s1 @ s2)
    return ((m1 - m2) ** 2).sum() + np.trace(s1 + s2) - 2 * np.sqrt(np.clip(values.real, 0, None)).sum()


def softmax(z):
    e = np.exp(z - z.max(1, keepdims=True))
    return e / e.sum(1, keepdims=True)


def main():
    generator = session(sys.argv[1])
    shape = [d if isinstance(d, int) and d > 0 else COUNT for d in generator.get_inputs()[0].shape]
    shape[0] = COUNT
    codes = np.random.default_rng(0).normal(size=shape).astype(np.float32)
    made = run(generator, codes)[0].reshape(-1, 1, 28, 28)
    lenet = session(ROOT / "models/lenet.onnx", "relu4")
    logits, features = run(lenet, made)
    p = softmax(logits)
    print(f"mean confidence {p.max(1).mean():.4f}, classes {np.bincount(p.argmax(1), minlength=10).tolist()}")
    test = run(lenet, images(sys.argv[2], "t10k"))
    train = run(lenet, images(sys.argv[2], "train")[:COUNT])
    print(f"mean confidence of the test images {softmax(test[0]).max(1).mean():.4f}")
    print(
        f"Fréchet distance to the test images {frechet(features, test[1]):.2f}, "
        f"of training images {frechet(train[1], test[1]):.2f}"
    )
    if len(sys.argv) > 3:
        second = run(session(sys.argv[3]), made)[0]
        print(f"a second network reads the same in {100 * (second.argmax(1) == p.argmax(1)).mean():.1f} %")


if __name__ == "__main__":
    main()
