"""A network together with what it is asked: inputs, targets, noise, baselines, in one precision."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import nn

import drawings
import onnx_network

SMOOTHING = 0.1
SAMPLES = 8
BASELINES = 4


@dataclass
class Subject:
    """Arrays are torch tensors with channels first; `box` bounds the inputs, `others` is a class other than target."""

    plain: nn.Module
    merged: nn.Module
    inputs: torch.Tensor
    targets: torch.Tensor
    others: torch.Tensor
    noise: torch.Tensor
    baselines: torch.Tensor
    alphas: torch.Tensor
    box: tuple

    @property
    def convolutions(self):
        """Names of the convolutions in order."""
        return [name for name, module in self.plain.named_children() if isinstance(module, nn.Conv2d)]

    def as_single(self):
        """The same in single precision, to see how far rounding alone carries the references."""
        arrays = {key: getattr(self, key).float() for key in ("inputs", "noise", "baselines", "alphas")}
        self.plain.float(), self.merged.float()
        return Subject(self.plain, self.merged, targets=self.targets, others=self.others, box=self.box, **arrays)


def channels_first(array):
    """(…, H, W, C) float32 → (…, C, H, W) double."""
    return torch.from_numpy(np.moveaxis(array, -1, -3).copy()).double()


def images(path, count, seed):
    """Inputs for a network and the box they lie in: drawings for 28×28×1, else normal numbers within ±3."""
    shape = onnx_network.input_shape(path)
    if shape == (drawings.SIZE, drawings.SIZE, 1):
        return drawings.drawings(count, seed), (0.0, 1.0)
    random = np.random.default_rng(seed)
    return random.normal(size=(count, *shape)).clip(-3, 3).astype(np.float32), (-3.0, 3.0)


def other_rank(place):
    """Which class an input is asked for the second time: the runner-up and the least likely in turn."""
    return 1 if place % 2 == 0 else -1


def subject_of(path, drawn, again, box, seed):
    """All of `drawn` (N, H, W, C) asked for the predicted class, then those in `again` for others.

    `again` lists (number of the input, rank of the class that it is asked for); `others` holds the runner-up, and the
    predicted class where another one is the target.
    """
    plain, merged = onnx_network.load(path), onnx_network.load(path, merge_batch_norm=True)
    numbers, ranks = zip(*again)
    inputs = channels_first(np.concatenate([drawn, drawn[list(numbers)]]))
    baselines, _ = images(path, BASELINES, seed + 1000)
    random = np.random.default_rng(seed + 2000)
    noise = random.normal(0, SMOOTHING, (SAMPLES, *drawn.shape[1:])).astype(np.float32)
    ranking = plain(inputs).argsort(1, descending=True)
    rows = torch.arange(len(inputs))
    asked = torch.tensor([0] * len(drawn) + list(ranks))
    return Subject(
        plain,
        merged,
        inputs,
        targets=ranking[rows, asked],
        others=ranking[rows, (asked == 0).long()],
        noise=channels_first(noise),
        baselines=channels_first(baselines),
        alphas=torch.from_numpy(random.uniform(size=BASELINES).astype(np.float32)).double(),
        box=box,
    )
