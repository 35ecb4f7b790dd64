#!/usr/bin/env python3
"""Writes tests/train/goldens/*.npy: parameter gradients of defended losses, by PyTorch in double precision.

Run with PyTorch and NumPy: python tests/train/goldens.py. The network, the images and the random numbers are those of
tests/train/defence.cpp, by formulas that both sides share. The gradient penalty is torch's double backward.
"""

import math
import pathlib

import numpy as np
import torch

torch.set_default_dtype(torch.float64)
folder = pathlib.Path(__file__).parent / "goldens"
LABELS = torch.tensor([0, 2, 1])
SEEDS = [11, 12, 13]


class Random:
    """pellucid::Random: std::mt19937 and the distributions that it writes out."""

    def __init__(self, seed):
        self.engine, self.spare = np.random.RandomState(seed), None

    def uniform(self):
        return np.float32(int(self.engine.randint(0, 2**32, dtype=np.uint32)) >> 8) * np.float32(2.0**-24)

    def normal(self):
        if self.spare is not None:
            value, self.spare = self.spare, None
            return value
        radius = math.sqrt(-2.0 * math.log(1.0 - float(self.uniform())))
        angle = 2.0 * math.pi * float(self.uniform())
        self.spare = np.float32(radius * math.sin(angle))
        return np.float32(radius * math.cos(angle))


def wave(shape, number):
    """Weights and images that both sides compute: 0.5·sin(1.7·i + number) of the i-th number, in float32."""
    i = np.arange(math.prod(shape), dtype=np.float64)
    return (0.5 * np.sin(1.7 * i + number)).astype(np.float32).astype(np.float64).reshape(shape)


# As the C++ side stores them: (kernel rows, kernel columns, inputs, outputs).
shapes = [(3, 3, 1, 4), (1, 1, 1, 4), (3, 3, 4, 4), (1, 1, 1, 4), (1, 1, 36, 3), (1, 1, 1, 3)]
weights = [torch.tensor(wave(s, n)).requires_grad_() for n, s in enumerate(shapes)]
images = torch.tensor(0.5 + wave((3, 6, 6, 1), 9.0))


def network(x):
    conv = torch.nn.functional.conv2d
    x = x.permute(0, 3, 1, 2)
    x = torch.tanh(conv(x, weights[0].permute(3, 2, 0, 1), weights[1].flatten(), padding=1))
    x = torch.relu(conv(x, weights[2].permute(3, 2, 0, 1), weights[3].flatten(), padding=1))
    x = torch.nn.functional.max_pool2d(x, 2)
    return x.permute(0, 2, 3, 1).reshape(len(x), -1) @ weights[4].reshape(36, 3) + weights[5].flatten()


def cross_entropy(logits, smoothing):
    return torch.nn.functional.cross_entropy(logits, LABELS, reduction="sum", label_smoothing=smoothing)


def divergence(clean, changed):
    """KL(softmax(clean) ‖ softmax(changed)), summed over the batch."""
    p = clean.log_softmax(1)
    return (p.exp() * (p - changed.log_softmax(1))).sum()


def penalised(of):
    x = images.clone().requires_grad_()
    logits = network(x)
    loss = cross_entropy(logits, 0.1)
    subject = loss
    if of == "logits":
        random = [Random(s) for s in SEEDS]
        r = torch.tensor(np.array([[float(g.normal()) for _ in range(3)] for g in random]))
        subject = (r * logits).sum()
    (gradient,) = torch.autograd.grad(subject, x, create_graph=True)
    return 0.5 * (loss + 0.7 * (gradient**2).sum())


def climbed(objective, start, epsilon, step, steps):
    """Signed steps up the objective, within ε of the images and in [0, 1]."""
    x = start
    for _ in range(steps):
        x = x.detach().requires_grad_()
        (gradient,) = torch.autograd.grad(objective(x), x)
        x = x + step * gradient.sign()
        x = torch.minimum(torch.maximum(x, images - epsilon), images + epsilon).clamp(0, 1)
    return x.detach()


def trades():
    start = np.array([[float(np.float32(0.001) * g.normal()) for _ in range(36)] for g in map(Random, SEEDS)])
    start = (images + torch.tensor(start).reshape(images.shape)).clamp(0, 1)
    with torch.no_grad():
        clean = network(images)
    changed = climbed(lambda x: divergence(clean, network(x)), start, 0.2, 0.07, 4)
    logits = network(images)
    return 0.5 * (cross_entropy(logits, 0.1) + 6.0 * divergence(logits, network(changed)))


def pgd():
    start = np.array([[float(0.4 * g.uniform() - 0.2) for _ in range(36)] for g in map(Random, SEEDS)])
    start = (images + torch.tensor(start).reshape(images.shape)).clamp(0, 1)
    changed = climbed(lambda x: cross_entropy(network(x), 0.0), start, 0.2, 0.07, 4)
    return 0.5 * cross_entropy(network(changed), 0.1)


def evidential(evidence):
    """The expectation of the squared error under the Dirichlet distribution, by torch's own mean, variance and
    divergence."""
    alpha = evidence(network(images)) + 1
    y = torch.nn.functional.one_hot(LABELS, 3).double()
    of = torch.distributions.Dirichlet(alpha)
    error = ((y - of.mean) ** 2 + of.variance).sum()
    left = torch.distributions.Dirichlet(y + (1 - y) * alpha)
    nothing = torch.distributions.Dirichlet(torch.ones_like(alpha))
    return 0.5 * (error + 0.3 * torch.distributions.kl_divergence(left, nothing).sum())


for name, loss in [
    ("evidential_softplus", evidential(torch.nn.functional.softplus)),
    ("evidential_relu", evidential(torch.relu)),
    ("penalty_of_loss", penalised("loss")),
    ("penalty_of_logits", penalised("logits")),
    ("trades", trades()),
    ("pgd", pgd()),
]:
    gradients = torch.autograd.grad(loss, weights)
    values = np.concatenate([[2.0 * float(loss.detach())]] + [g.flatten().numpy() for g in gradients])
    np.save(folder / f"{name}.npy", values.astype(np.float32).reshape(1, 1, 1, -1))
    print(name, values[:4])
