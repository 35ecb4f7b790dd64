"""Writes goldens that need no inputs of their own: other libraries' habits, and patterns.

    python tests/parity/more.py                 all; a model or a patterns file that is missing is an error
    python tests/parity/more.py --only lenet

They lie in folders of their own beside those of generate.py (`residual_habits`, `lenet_patterns`, …), on the inputs
that generate.py chose, so run this after it; those for which a reference itself differs in single precision are left
out (captum's stabiliser of 1e-9 does not stabilise). References run in double precision and are stored as float32.
    habits     what habits.py says: captum's LRP, its NoiseTunnel, zennit seeded with 1
    patterns   PatternNet and PatternAttribution by torch's own vector-Jacobian products, layer by layer
"""

import argparse
import copy
import os

import numpy as np
import torch
from torch import nn

import habits
import onnx_network
from generate import HERE, NETWORKS, ROOT, ROUNDING, SHAKES, channels_last, write_model
from subject import Subject, channels_first

GOLDENS = os.path.join(HERE, "goldens")


def walk_patterns(network, inputs, targets, weights):
    """f_t(x) handed down as a gradient would be, with `weights[name]` in place of the weights of module `name`."""
    values, recorded = {network.input_name: inputs}, []
    for name, reads, writes in network.steps:
        module = getattr(network, name)
        arguments = [values[read] for read in reads]
        values[writes] = module(torch.stack(arguments, -1) if len(arguments) > 1 else arguments[0])
        recorded.append((name, reads, writes))
    logits = values[recorded[-1][2]]
    signals = {recorded[-1][2]: nn.functional.one_hot(targets, logits.shape[1]).to(logits) * logits}
    for name, reads, writes in reversed(recorded):
        module = copy.deepcopy(getattr(network, name))
        if name in weights:
            module.weight.data = weights[name].to(inputs)
        arguments = [values[read].detach().clone().requires_grad_() for read in reads]
        output = module(torch.stack(arguments, -1) if len(arguments) > 1 else arguments[0])
        for read, signal in zip(reads, torch.autograd.grad(output, arguments, signals[writes])):
            signals[read] = signals.get(read, 0) + signal
    return signals[network.input_name].detach()


def patterns_of(path):
    stored = onnx_network.load(path)
    return {
        name: module.weight.data
        for name, module in stored.named_children()
        if isinstance(module, (nn.Conv2d, nn.Linear))
    }


def habit_answers(merged, inputs, targets, noise, low, high):
    """The habits of habits.py, each as its line of cases.txt and its answer."""
    subject = Subject(
        merged, merged, inputs, targets, others=None, noise=noise, baselines=None, alphas=None, box=(low, high)
    )
    for case in habits.stored_cases(low, high):
        yield case.line({}), case.compute(subject, **case.parameters)


def pattern_answers(merged, inputs, targets, path):
    patterns = patterns_of(path)
    own = {name: getattr(merged, name).weight.data for name in patterns}
    yield "pattern_net.npy pattern_net", walk_patterns(merged, inputs, targets, patterns)
    yield (
        "pattern_attribution.npy pattern_attribution",
        walk_patterns(merged, inputs, targets, {name: own[name] * patterns[name] for name in patterns}),
    )


def write(name, kind, cases, steady):
    """A folder with those of generate.py's inputs that are `steady`, and these answers."""
    source, folder = os.path.join(GOLDENS, name), os.path.join(GOLDENS, f"{name}_{kind}")
    os.makedirs(folder, exist_ok=True)
    for file in os.listdir(folder):
        os.remove(os.path.join(folder, file))
    for file in ("inputs", "targets", "others", "logits"):
        np.save(os.path.join(folder, file + ".npy"), np.load(os.path.join(source, file + ".npy"))[steady])
    if any("@noise" in line for line, _ in cases):
        np.save(os.path.join(folder, "noise.npy"), np.load(os.path.join(source, "noise.npy")))
    write_model(folder, os.path.join(ROOT, NETWORKS[name][0]), NETWORKS[name][0])
    lines = []
    for line, answer in cases:
        if not torch.isfinite(answer).all():
            raise ValueError(f"{name}_{kind}/{line}: not finite")
        np.save(os.path.join(folder, line.split()[0]), channels_last(answer)[steady])
        lines.append(line)
        print(f"{name}_{kind}: {lines[-1]}", flush=True)
    print(f"{name}_{kind}: {steady.sum()} of {len(steady)} inputs", flush=True)
    with open(os.path.join(folder, "cases.txt"), "w", encoding="ascii") as file:
        file.write("\n".join(lines) + "\n")


def shaken(network, seed):
    """A copy with each weight and bias off by up to a few roundings of float32, as generate.py's shaken_answers."""
    generator = torch.Generator().manual_seed(seed)
    network = copy.deepcopy(network)
    for tensor in network.state_dict().values():
        if not tensor.is_floating_point():
            continue  # a BatchNorm counts its batches
        tensor.mul_(1 + ROUNDING * (2 * torch.rand(tensor.shape, generator=generator, dtype=tensor.dtype) - 1))
    return network


def steady_part(cases, others):
    """The cases and inputs that single precision, or another order of its roundings, changes by less than the tests
    allow.

    Elsewhere a denominator is all but 0. Cases that change for most inputs are left out, then the inputs of the rest.
    """
    kept, steady = [], True
    for (line, exact), *changed in zip(cases, *others):
        flat = exact.flatten(1)
        largest = torch.stack([(flat - other.double().flatten(1)).abs().amax(1) for _, other in changed]).amax(0)
        rows = largest <= 2e-5 * flat.abs().amax(1)
        if 2 * rows.sum() >= len(rows):
            kept.append((line, exact))
            steady = steady & rows
    return kept, steady.numpy()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", choices=NETWORKS, default=list(NETWORKS))
    options = parser.parse_args()
    torch.set_num_threads(1)
    for name in options.only:
        path = os.path.join(ROOT, NETWORKS[name][0])
        merged = onnx_network.load(path, merge_batch_norm=True)
        stored = np.load(os.path.join(GOLDENS, name, "inputs.npy"))
        channels = onnx_network.input_shape(path)[2]
        inputs = channels_first(stored if stored.ndim == 4 else stored[..., None])
        assert inputs.shape[1] == channels
        targets = torch.from_numpy(np.load(os.path.join(GOLDENS, name, "targets.npy"))[:, 0]).long()
        box = (0.0, 1.0) if name == "lenet" else (-3.0, 3.0)

        def both(make, *arguments):
            others = [make(copy.deepcopy(merged).float(), inputs.float(), targets, *arguments)]
            others += [make(shaken(merged, seed), inputs, targets, *arguments) for seed in range(SHAKES)]
            return steady_part(make(merged, inputs, targets, *arguments), others)

        noise = np.load(os.path.join(GOLDENS, name, "noise.npy"))
        noise = channels_first(noise if noise.ndim == 4 else noise[..., None]).double()
        write(name, "habits", *both(habit_answers, noise, *box))
        if name == "lenet":
            write(name, "patterns", *both(pattern_answers, path.replace(".onnx", ".patterns.onnx")))


if __name__ == "__main__":
    main()
