"""What foolbox's attacks achieve on our networks: attack_rates.txt, which tests/parity/attack_rates_test.cpp compares
ours with.

    python tests/parity/attack_rates.py --mnist DIRECTORY [--only digits] [--model lenet]

The rows of robust, on MNIST, are of `--only mnist --model robust --attack METHOD`, appended (without carlini_wagner,
which foolbox takes an hour for).

A line: model, data, images, method, pellucid's parameters, then @success= (share of the images that end up with another
answer than their label; those that had one already count) and @median= (of the change of those, in the attack's norm).
`digits` are the built-in pen digits (`pellucid digits`), `mnist` the first of MNIST's test images, which are read in
place: only these figures are kept. Also prints seconds, at one thread.
"""

import argparse
import gzip
import os
import subprocess
import sys
import tempfile
import time
import warnings

import numpy as np
import torch

warnings.filterwarnings("ignore")
import foolbox.attacks as fa  # noqa: E402
import foolbox  # noqa: E402

import onnx_network  # noqa: E402
from attacks import LogitsInDouble  # noqa: E402

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
FILE = os.path.join(HERE, "attack_rates.txt")
COUNTS = {"digits": 100, "mnist": 300}
# foolbox takes 10 s an image for it.
SLOW = {("carlini_wagner", "mnist"): 60}


def steps(attack, **given):
    return lambda: attack(
        abs_stepsize=given["step_size"], steps=given["steps"], random_start=given.get("random_start", False)
    )


# (method, pellucid's parameters, foolbox's attack, ε, norm)
def rows():
    for epsilon in (0.05, 0.1, 0.15, 0.2, 0.3):
        yield "fgsm", {"epsilon": epsilon}, lambda: fa.LinfFastGradientAttack(), epsilon, "linf"
    for epsilon in (0.1, 0.15, 0.2):
        given = {"step_size": 0.02, "steps": 20}
        yield "bim", {"epsilon": epsilon, **given}, steps(fa.LinfBasicIterativeAttack, **given), epsilon, "linf"
        yield (
            "mi_fgsm",
            {"epsilon": epsilon, **given},
            steps(fa.LinfMomentumIterativeFastGradientMethod, **given),
            epsilon,
            "linf",
        )
        given = {"step_size": 0.01, "steps": 40, "random_start": True}
        yield (
            "pgd",
            {"epsilon": epsilon, **given},
            steps(fa.LinfProjectedGradientDescentAttack, **given),
            epsilon,
            "linf",
        )
    for epsilon in (1.0, 1.5):
        given = {"step_size": 0.2, "steps": 20}
        yield (
            "bim",
            {"epsilon": epsilon, "norm": "l2", **given},
            steps(fa.L2BasicIterativeAttack, **given),
            epsilon,
            "l2",
        )
        yield (
            "pgd",
            {"epsilon": epsilon, "norm": "l2", "random_start": True, **given},
            steps(fa.L2ProjectedGradientDescentAttack, **given, random_start=True),
            epsilon,
            "l2",
        )
    yield "deepfool", {}, lambda: fa.L2DeepFoolAttack(candidates=None), None, "l2"
    yield "deepfool", {"norm": "linf"}, lambda: fa.LinfDeepFoolAttack(candidates=None), None, "linf"
    yield (
        "carlini_wagner",
        {"steps": 200, "searches": 9, "step_size": 0.05, "initial_c": 0.1},
        lambda: fa.L2CarliniWagnerAttack(binary_search_steps=9, steps=200, stepsize=0.05, initial_const=0.1),
        None,
        "l2",
    )


def digits(count):
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "digits.npy")
        subprocess.run(
            [os.path.join(ROOT, "build/native/pellucid"), "digits", "--out", path, "--count", str(count)],
            check=True,
            stdout=subprocess.DEVNULL,
        )
        return np.load(path)[:, None], np.arange(count) % 10


def mnist(count, directory):
    def read(name, head):
        with gzip.open(os.path.join(directory, name + ".gz")) as file:
            return np.frombuffer(file.read(), np.uint8)[head:]

    pixels = read("t10k-images-idx3-ubyte", 16).reshape(-1, 1, 28, 28)[:count]
    return pixels.astype(np.float32) / np.float32(255), read("t10k-labels-idx1-ubyte", 8)[:count].astype(np.int64)


def written(value):
    return str(value).lower() if isinstance(value, bool) else f"{value:g}" if isinstance(value, float) else str(value)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--mnist")
    parser.add_argument("--only")
    parser.add_argument("--model", nargs="*", default=["lenet"])
    parser.add_argument("--attack")
    given = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(0)
    kept = []
    for name in given.model:
        network = onnx_network.load(os.path.join(ROOT, f"models/{name}.onnx")).float().eval()
        for data in [given.only] if given.only else ["digits", "mnist"]:
            if data == "mnist" and not given.mnist:
                continue
            images, classes = digits(COUNTS[data]) if data == "digits" else mnist(COUNTS[data], given.mnist)
            images, classes = torch.from_numpy(np.ascontiguousarray(images)).float(), torch.from_numpy(classes)
            for method, params, make, epsilon, norm in rows():
                if given.attack and given.attack != method:
                    continue
                count = min(SLOW.get((method, data), len(images)), len(images))
                x, labels = images[:count], classes[:count]
                model = network if method in ("deepfool", "carlini_wagner") else LogitsInDouble(network).eval()
                began = time.perf_counter()
                raw, _, success = make()(foolbox.PyTorchModel(model, bounds=(0, 1)), x, labels, epsilons=epsilon)
                seconds = time.perf_counter() - began
                change = (raw - x).flatten(1)
                size = change.abs().amax(1) if norm == "linf" else change.norm(dim=1)
                median = size[success].median().item() if success.any() else float("nan")
                words = [name, data, str(len(x)), method] + [f"{k}={written(v)}" for k, v in params.items()]
                words += [f"@norm={norm}", f"@success={success.float().mean().item():.6g}", f"@median={median:.6g}"]
                print(" ".join(words), f"# {seconds:.2f} s", flush=True)
                kept.append(" ".join(words))
    if not given.attack and not given.only:
        with open(FILE, "w") as file:
            file.write("\n".join(kept) + "\n")


if __name__ == "__main__":
    sys.exit(main())
