"""Attacks and bounds without a reference library, transcribed from their papers in plain double precision.

    python tests/parity/transcribed.py

Writes goldens/lenet_attacks (on the inputs that generate.py chose for lenet; run it after that) and certificates.txt.
    class_gradient_step   x + η·∂p_k/∂x, clipped; k: the runner-up
    jsma                  Papernot et al. 2016, algorithms 2 and 3, over all pairs, on the logits
    mi_fgsm               as cleverhans: d ← μ·d + g/mean|g|, steps along sign d
    deepfool linf, bim    foolbox
    certificate           interval bounds by centre and radius, the last dense layer with differences of its weights
"""

import os

import foolbox.attacks as fa
import numpy as np
import torch
from torch import nn
from torch.nn import functional

import attacks
import onnx_network
from generate import HERE, ROOT, channels_last
from more import GOLDENS, shaken, steady_part, write
from subject import channels_first

EPSILON = 0.002


def gradients(network, x, pick):
    x = x.clone().requires_grad_()
    return torch.autograd.grad(pick(network(x)).sum(), x)[0]


def class_gradient_step(network, inputs, targets, eta):
    wanted = network(inputs).scatter(1, targets[:, None], -torch.inf).argmax(1)
    gradient = gradients(network, inputs, lambda z: z.softmax(1).gather(1, wanted[:, None]))
    return (inputs + eta * gradient).clamp(0, 1)


def mi_fgsm(network, inputs, targets, epsilon, step_size, steps, decay):
    x, direction = inputs.clone(), torch.zeros_like(inputs)
    for _ in range(steps):
        gradient = gradients(network, x, lambda z: functional.cross_entropy(z, targets, reduction="sum"))
        direction = decay * direction + gradient / gradient.abs().mean((1, 2, 3), keepdim=True)
        x = torch.min(torch.max(x + step_size * direction.sign(), inputs - epsilon), inputs + epsilon).clamp(0, 1)
    return x


def jsma_one(network, x, target, theta, gamma):
    """Of one image (1, 1, H, W), away from `target`: towards the runner-up."""
    shape, x = x.shape, x.flatten().clone()
    wanted = network(x.view(shape))[0].index_fill(0, target, -torch.inf).argmax().item()
    domain = set(range(len(x))) - set(torch.nonzero(x >= 1).flatten().tolist())
    for _ in range(int(np.floor(gamma * len(x) / 2))):
        if network(x.view(shape))[0].argmax().item() != target.item():
            break
        jacobian = torch.autograd.functional.jacobian(lambda v: network(v.view(shape))[0], x)
        own = jacobian[wanted].numpy()
        others = (jacobian.sum(0) - jacobian[wanted]).numpy()
        best, pair = 0.0, None
        places = sorted(domain)
        for at, p in enumerate(places):
            q = np.array(places[at + 1 :], dtype=int)
            if len(q) == 0:
                continue
            alpha, beta = own[p] + own[q], others[p] + others[q]
            score = np.where((alpha > 0) & (beta < 0), -alpha * beta, 0.0)
            if score.max() > best:
                best, pair = score.max(), (p, int(q[score.argmax()]))
        if pair is None:
            break
        for pixel in pair:
            x[pixel] = min(x[pixel] + theta, 1.0)
            if x[pixel] >= 1:
                domain.discard(pixel)
    return x.view(shape)


def jsma(network, inputs, targets, theta, gamma):
    return torch.cat([jsma_one(network, inputs[n : n + 1], targets[n], theta, gamma) for n in range(len(inputs))])


def foolbox_bim(network, inputs, targets, **given):
    attack = fa.LinfBasicIterativeAttack(abs_stepsize=given["step_size"], steps=given["steps"])
    return attacks.run(attack, attacks.LogitsInDouble(network).eval(), inputs, targets, given["epsilon"])


def deepfool_linf(network, inputs, targets):
    return attacks.run(fa.LinfDeepFoolAttack(candidates=None), network, inputs, targets, None)


def answers(network, inputs, targets):
    yield "class_gradient_step.npy class_gradient_step eta=5", class_gradient_step(network, inputs, targets, 5)
    yield (
        "mi_fgsm.npy mi_fgsm epsilon=0.1 step_size=0.02 steps=8 decay=0.9",
        mi_fgsm(network, inputs, targets, 0.1, 0.02, 8, 0.9),
    )
    yield (
        "bim.npy bim epsilon=0.1 step_size=0.02 steps=10",
        foolbox_bim(network, inputs, targets, epsilon=0.1, step_size=0.02, steps=10),
    )
    yield "deepfool_linf.npy deepfool norm=linf", deepfool_linf(network, inputs, targets)
    yield "jsma.npy jsma theta=1 gamma=0.1", jsma(network, inputs, targets, 1.0, 0.1)
    yield "jsma_half.npy jsma theta=0.5 gamma=0.05", jsma(network, inputs, targets, 0.5, 0.05)


def intervals(network, low, high):
    """Bounds of what the last layer reads, and that layer; for chains alone."""
    names = [name for name, _, _ in network.steps]
    for name in names[:-1]:
        module = getattr(network, name)
        if isinstance(module, (nn.Conv2d, nn.Linear)):
            centre, radius = (low + high) / 2, (high - low) / 2
            middle = module(centre)
            if isinstance(module, nn.Conv2d):
                spread = functional.conv2d(
                    radius, module.weight.abs(), None, module.stride, module.padding, module.dilation, module.groups
                )
            else:
                spread = functional.linear(radius, module.weight.abs())
            low, high = middle - spread, middle + spread
        else:
            low, high = module(low), module(high)
    return low, high, getattr(network, names[-1])


def margins(network, inputs, targets, epsilon):
    low, high, last = intervals(network, (inputs - epsilon).clamp(0, 1), (inputs + epsilon).clamp(0, 1))
    assert isinstance(last, nn.Linear)
    found = []
    for n, label in enumerate(targets):
        weight, bias = last.weight[label] - last.weight, last.bias[label] - last.bias
        least = weight.clamp(min=0) @ low[n] + weight.clamp(max=0) @ high[n] + bias
        found.append(torch.cat([least[:label], least[label + 1 :]]).min().item())
    return found


def radii(network, inputs, targets):
    found = []
    for n in range(len(inputs)):
        low, high = 0.0, 1.0
        for _ in range(40):
            middle = (low + high) / 2
            certified = margins(network, inputs[n : n + 1], targets[n : n + 1], middle)[0] > 0
            low, high = (middle, high) if certified else (low, middle)
        found.append(low)
    return found


def main():
    torch.set_num_threads(1)
    network = onnx_network.load(os.path.join(ROOT, "models/lenet.onnx"))
    inputs = channels_first(np.load(os.path.join(GOLDENS, "lenet", "inputs.npy"))[..., None])
    targets = torch.from_numpy(np.load(os.path.join(GOLDENS, "lenet", "targets.npy"))[:, 0]).long()
    with open(os.path.join(HERE, "certificates.txt"), "w", encoding="ascii") as file:
        for n, (margin, radius) in enumerate(
            zip(margins(network, inputs, targets, EPSILON), radii(network, inputs, targets))
        ):
            file.write(f"lenet {n} {targets[n].item()} {EPSILON} {margin:.9g} {radius:.9g}\n")
    exact = list(answers(network, inputs, targets))
    changed = [
        list(answers(onnx_network.load(os.path.join(ROOT, "models/lenet.onnx")).float(), inputs.float(), targets))
    ]
    changed += [list(answers(shaken(network, seed), inputs, targets)) for seed in range(2)]
    write("lenet", "attacks", *steady_part(exact, changed))


if __name__ == "__main__":
    main()
