"""Methods of perturbation and of the network's inside beside Python: the same network, drawings and settings, one
thread each, taking turns.

    npm run build:native
    python tests/bench/perturbations.py [--images 20] [--rounds 3] [--only score_cam conductance]

Processor time, which other work on the machine changes little, of all images; medians over the rounds. Ours is that of
the whole command for so many images less that for two, so that starting and reading are left out; theirs is that of the
calls, in single precision, with an eager network without copies between the layers and as many samples in a batch as
there are. Extremal perturbation's peer is the reference of tests/parity/masks.py, which was written to be right and not
to be fast; TorchRay itself has other conventions at the border and was not timed.
"""

import argparse
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
import torchvision_stub  # noqa: E402,F401
import captum.attr as ca  # noqa: E402
import masks  # noqa: E402
import onnx_network  # noqa: E402
from pytorch_grad_cam import ScoreCAM, score_cam  # noqa: E402
from pytorch_grad_cam.utils.model_targets import ClassifierOutputTarget  # noqa: E402

score_cam.tqdm.tqdm = lambda items, **_: items
PROGRAM = os.path.join(ROOT, "build/native/pellucid")
MODEL = os.path.join(ROOT, "models/lenet.onnx")
AREAS = (0.05, 0.1, 0.2, 0.4)


def cells(images):
    """Features of 4×4 pixels, as feature_ablation's grid has them."""
    rows = torch.arange(images.shape[2]) // 4
    return (rows[:, None] * 7 + rows[None])[None, None]


def of_score_cam(network, images, labels):
    cam = ScoreCAM(network, [network.relu3])
    cam.batch_size = 64
    cam(images, [ClassifierOutputTarget(int(label)) for label in labels])
    cam.activations_and_grads.release()


def of_conductance(network, images, labels):
    ca.LayerConductance(network, network.relu3).attribute(images, 0, labels, n_steps=50)


def of_extremal(network, images, labels):
    for image, label in zip(images, labels):
        masks.extremal(network, image[None], int(label), AREAS, 100)


def of_shapley(network, images, labels):
    ca.ShapleyValueSampling(network).attribute(images, 0, labels, feature_mask=cells(images), n_samples=25)


def one_by_one(method, **settings):
    def call(network, images, labels):
        for image, label in zip(images, labels):
            method(network).attribute(image[None], 0, int(label), feature_mask=cells(images), **settings)

    return call


# name: (our method and its parameters, the peer)
WORKS = {
    "score_cam": (["score_cam", "layer=relu3"], of_score_cam),
    "conductance": (["channel_attribution", "layer=relu3", "measure=conductance", "points=50"], of_conductance),
    "extremal_perturbation": (["extremal_perturbation", "areas=5,10,20,40", "steps=100"], of_extremal),
    "shapley_sampling": (["shapley_sampling", "groups=grid", "cells=7", "samples=25"], of_shapley),
    "kernel_shap": (
        ["kernel_shap", "groups=grid", "cells=7", "samples=500"],
        one_by_one(ca.KernelShap, n_samples=500, perturbations_per_eval=64),
    ),
    "lime": (
        ["lime", "groups=grid", "cells=7", "samples=500"],
        one_by_one(ca.Lime, n_samples=500, perturbations_per_eval=64),
    ),
}


def ours(arguments, path):
    method, *params = arguments
    command = [PROGRAM, "--threads", "1", "explain", method, "--json", "--model", MODEL, "--input", path]
    for param in params:
        command += ["--param", param]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def theirs(peer, network, images, labels):
    began = time.process_time()
    peer(network, images, labels)
    return time.process_time() - began


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--images", type=int, default=20)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", nargs="*", default=list(WORKS))
    given = parser.parse_args()
    torch.set_num_threads(1)
    network = onnx_network.load(MODEL).float().eval()
    network.separate = False
    with tempfile.TemporaryDirectory() as folder:
        path, two = (os.path.join(folder, name) for name in ("digits.npy", "two.npy"))
        subprocess.run(
            [PROGRAM, "digits", "--out", path, "--count", str(given.images)], check=True, stdout=subprocess.DEVNULL
        )
        np.save(two, np.load(path)[:2])
        images = torch.from_numpy(np.load(path)[:, None])
        labels = network(images).argmax(1)
        for name in given.only:
            arguments, peer = WORKS[name]
            rounds = [
                (
                    (ours(arguments, path) - ours(arguments, two)) / (given.images - 2),
                    theirs(peer, network, images, labels) / given.images,
                )
                for _ in range(given.rounds)
            ]
            own, their = np.median(rounds, axis=0)
            print(
                f"{name:22} {given.images} images: ours {1e3 * own:8.3f} ms an image, theirs {1e3 * their:9.3f} ms, "
                f"{their / own:.1f} times",
                flush=True,
            )


if __name__ == "__main__":
    sys.exit(main())
