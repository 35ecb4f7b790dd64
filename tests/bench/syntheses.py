"""How fast syntheses are, beside PyTorch: a picture for each of lenet's ten classes, one thread each, taking turns.

    npm run build:native
    python tests/bench/syntheses.py [--steps 300] [--rounds 5]

Both make the same steps (tests/methods/imagine_test.cpp compares twenty of them): Adam on the pixels for the class's
logit less ‖x‖² and the total variation, all ten pictures in one batch. Timed is processor time, which other work on the
machine does not change much; of pellucid that of `explain --threads 1` with so many steps less that with 20, so that
starting and reading are left out.
"""

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time

import numpy as np
import torch

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, os.path.join(ROOT, "tests", "parity"))

import torchvision_stub  # noqa: E402,F401
import onnx_network  # noqa: E402

PROGRAM = os.path.join(ROOT, "build", "native", "pellucid")
MODEL = os.path.join(ROOT, "models", "lenet.onnx")
LEARNING_RATE, L2, TV = 0.05, 10.0, 100.0


def of_torch(model, images, steps):
    x = torch.from_numpy(images.copy()).requires_grad_()
    classes = torch.arange(10)
    optimiser = torch.optim.Adam([x], lr=LEARNING_RATE)
    begin = time.process_time()
    for _ in range(steps):
        optimiser.zero_grad()
        down, across = x[:, :, 1:, :] - x[:, :, :-1, :], x[:, :, :, 1:] - x[:, :, :, :-1]
        pixels = x.numel() / len(x)
        energy = L2 * x.square().sum() / pixels + TV * (down.square().sum() + across.square().sum()) / pixels
        (energy - model(x)[torch.arange(10), classes].sum()).backward()
        optimiser.step()
        with torch.no_grad():
            x.clamp_(0, 1)
    return time.process_time() - begin


def of_pellucid(file, steps):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    targets = [word for c in range(10) for word in ("--target", f"class:{c}")]
    subprocess.run(
        [
            PROGRAM,
            "--threads",
            "1",
            "explain",
            "activation_maximisation",
            "--model",
            MODEL,
            "--input",
            file,
            *targets,
            "--param",
            f"steps={steps}",
            "--param",
            "start=drawing",
            "--param",
            "jitter=0",
            "--json",
        ],
        check=True,
        stdout=subprocess.DEVNULL,
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--steps", type=int, default=300)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    torch.set_num_threads(1)
    model = onnx_network.load(MODEL).eval().float()
    with tempfile.TemporaryDirectory() as folder:
        file = os.path.join(folder, "digits.npy")
        subprocess.run([PROGRAM, "digits", "--out", file, "--count", "10"], check=True, stdout=subprocess.DEVNULL)
        images = np.load(file)[:, None]
        ours, theirs = [], []
        for _ in range(options.rounds):
            theirs.append(of_torch(model, images, options.steps - 20))
            ours.append(of_pellucid(file, options.steps) - of_pellucid(file, 20))
    steps = options.steps - 20
    pellucid, torch_time = float(np.median(ours)) / steps, float(np.median(theirs)) / steps
    print(
        f"ten pictures, a step: pellucid {1e3 * pellucid:.3f} ms, torch {torch.__version__} {1e3 * torch_time:.3f} ms, "
        f"{torch_time / pellucid:.1f}×; "
        f"{options.steps} steps: {options.steps * pellucid:.2f} s and {options.steps * torch_time:.2f} s"
    )


if __name__ == "__main__":
    main()
