"""Goldens of tests/optimise and tests/methods/imagine_test.cpp from PyTorch in double precision:

  terms.npy    per row: value and gradient of a term (see ROWS) at picture.npy or logits.npy
  maximise_*.npy  activation maximisation of class 3 on models/lenet.onnx, 20 steps of Adam from picture.npy: the
               objective before each step, and the picture after the last

python tests/optimise/goldens.py   (never needed to build or test; see tests/parity/requirements.txt)
"""

import pathlib
import sys

import numpy as np
import torch

here = pathlib.Path(__file__).parent
sys.path.insert(0, str(here.parent / "parity"))
import onnx_network  # noqa: E402

OUT = here / "goldens"
EPSILON = 1e-8


def save(name, array):
    np.save(OUT / name, np.asarray(array, dtype=np.float32))


def total_variation(x, beta):
    """x (1, 1, h, w); the same differences as optimise::total_variation."""
    dx = torch.nn.functional.pad(x[..., :, 1:] - x[..., :, :-1], (0, 1))
    dy = torch.nn.functional.pad(x[..., 1:, :] - x[..., :-1, :], (0, 0, 0, 1))
    return ((dx**2 + dy**2 + EPSILON) ** (beta / 2) - EPSILON ** (beta / 2)).sum()


def row(function, x):
    x = x.clone().requires_grad_(True)
    value = function(x)
    value.backward()
    return np.concatenate([[value.item()], x.grad.reshape(-1).numpy()])


def main():
    random = np.random.default_rng(3)
    lenet = onnx_network.load(str(here.parent.parent / "models/lenet.onnx")).double().eval()
    # A rough diagonal stroke, in float32 as the tests read it.
    grid = np.stack(np.meshgrid(np.arange(28), np.arange(28), indexing="ij"))
    stroke = np.clip(2.2 - np.abs(grid[0] + 0.4 * grid[1] - 19), 0, 1) * (np.abs(grid[1] - 14) < 9)
    picture = (0.9 * stroke + random.uniform(0, 0.1, (28, 28))).astype(np.float32)
    other = random.uniform(0, 1, (28, 28)).astype(np.float32)
    logits = random.normal(0, 3, 10).astype(np.float32)
    save("picture.npy", picture[None, :, :, None])
    save("other.npy", other[None, :, :, None])
    save("logits.npy", logits[None, None, None, :])
    x = torch.from_numpy(picture).double()[None, None]
    to = torch.from_numpy(other).double()[None, None]
    z = torch.from_numpy(logits).double()[None]

    pictures = [
        row(lambda v: total_variation(v, 2.0), x),
        row(lambda v: total_variation(v, 1.5), x),
        row(lambda v: (v**2).sum(), x),
        row(lambda v: ((v - to) ** 2).sum(), x),
    ]
    for layer in ("relu1", "relu3"):
        features = lambda v: lenet_until(lenet, v, layer)  # noqa: E731
        pictures.append(row(lambda v: ((features(v) - features(to).detach()) ** 2).sum(), x))
    save("picture_terms.npy", np.stack(pictures))
    save(
        "logit_terms.npy",
        np.stack(
            [
                row(lambda v: torch.log_softmax(v, 1)[0, 4], z),
                row(lambda v: torch.nn.functional.cross_entropy(v, torch.tensor([7])), z),
                row(lambda v: torch.nn.functional.logsigmoid(v)[0].sum(), z),
                row(lambda v: torch.nn.functional.logsigmoid(-v)[0].sum(), z),
            ]
        ),
    )

    moved = x.clone().requires_grad_(True)
    adam = torch.optim.Adam([moved], lr=0.05)
    objectives = []
    for _ in range(20):
        adam.zero_grad()
        loss = -lenet(moved)[0, 3] + (moved**2).mean() + 5 * total_variation(moved, 2.0) / moved.numel()
        loss.backward()
        objectives.append(loss.item())
        adam.step()
        with torch.no_grad():
            moved.clamp_(0, 1)
    save("maximise_objective.npy", np.array(objectives)[None, None, None, :])
    save("maximise_picture.npy", moved.detach().numpy().reshape(1, 28, 28, 1))


def lenet_until(network, x, name):
    for own, module in network.named_children():
        x = module(x)
        if own == name:
            return x
    raise KeyError(name)


if __name__ == "__main__":
    main()
