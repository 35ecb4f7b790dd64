"""Our attacks beside foolbox's on the same network and images, one thread each, in turn in one run.

    python tests/bench/attacks.py [--images 100] [--rounds 3] [--only fgsm pgd deepfool carlini_wagner]

The best of the rounds counts, in processor time, which others on the machine change little. Ours is that of the whole
command (starting and reading its files included); foolbox's is that of its call, with an eager network without copies
between the layers.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
import warnings

import numpy as np
import torch

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "tests/parity"))
warnings.filterwarnings("ignore")
import foolbox  # noqa: E402
import foolbox.attacks as fa  # noqa: E402
import onnx_network  # noqa: E402

# method: (foolbox's attack, its ε, our parameters)
ATTACKS = {
    "fgsm": (lambda: fa.LinfFastGradientAttack(), 0.1, {}),
    "pgd": (
        lambda: fa.LinfProjectedGradientDescentAttack(abs_stepsize=0.01, steps=40, random_start=False),
        0.1,
        {"step_size": 0.01, "steps": 40},
    ),
    "deepfool": (lambda: fa.L2DeepFoolAttack(candidates=None), None, {}),
    "carlini_wagner": (
        lambda: fa.L2CarliniWagnerAttack(binary_search_steps=3, steps=50, stepsize=0.05, initial_const=0.1),
        None,
        {"steps": 50, "searches": 3, "step_size": 0.05, "initial_c": 0.1},
    ),
}


def ours(method, params, path):
    command = [
        os.path.join(ROOT, "build/native/pellucid"),
        "--threads",
        "1",
        "explain",
        method,
        "--json",
        "--model",
        os.path.join(ROOT, "models/lenet.onnx"),
        "--input",
        path,
    ]
    for key, value in params.items():
        command += ["--param", f"{key}={value}"]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    answer = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return 1e3 * spent, np.mean(answer["outputs"]["success"])


def theirs(make, epsilon, network, images, labels):
    began = time.process_time()
    _, changed, success = make()(foolbox.PyTorchModel(network, bounds=(0, 1)), images, labels, epsilons=epsilon)
    spent = 1e3 * (time.process_time() - began)
    # Where its Carlini-Wagner attack finds nothing it gives a blank image, which is read as something else, too.
    found = success & (changed.flatten(1).abs().amax(1) > 0)
    return spent, found.float().mean().item()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--images", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", nargs="*", default=list(ATTACKS))
    given = parser.parse_args()
    torch.set_num_threads(1)
    network = onnx_network.load(os.path.join(ROOT, "models/lenet.onnx")).float().eval()
    network.separate = False
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "digits.npy")
        subprocess.run(
            [os.path.join(ROOT, "build/native/pellucid"), "digits", "--out", path, "--count", str(given.images)],
            check=True,
            stdout=subprocess.DEVNULL,
        )
        images = torch.from_numpy(np.load(path)[:, None])
        labels = network(images).argmax(1)
        for method in given.only:
            make, epsilon, params = ATTACKS[method]
            rounds = [
                (ours(method, params, path), theirs(make, epsilon, network, images, labels))
                for _ in range(given.rounds)
            ]
            own, own_success = min(own for own, _ in rounds)
            their, their_success = min(their for _, their in rounds)
            print(
                f"{method:16} {given.images} images: ours {own:9.1f} ms ({100 * own_success:.0f} %), "
                f"foolbox {their:9.1f} ms "
                f"({100 * their_success:.0f} %), {their / own:.1f} times",
                flush=True,
            )


if __name__ == "__main__":
    sys.exit(main())
