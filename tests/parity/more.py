"""Writes goldens that need no inputs of their own: other libraries' habits, and patterns.

    python tests/parity/more.py                 all; a model or a patterns file that is missing is an error
    python tests/parity/more.py --only lenet

They lie in folders of their own beside those of generate.py (`residual_habits`, `lenet_patterns`, …), on the inputs that
generate.py chose, so run this after it; those for which a reference itself differs in single precision are left out
(captum's stabiliser of 1e-9 does not stabilise). References run in double precision and are stored as float32.
    habits     captum's LRP as it comes (default, gamma, Alpha1_Beta0), its NoiseTunnel, zennit seeded with 1
    patterns   PatternNet and PatternAttribution by torch's own vector-Jacobian products, layer by layer
"""

import argparse
import copy
import os
from unittest import mock

import numpy as np
import torch
from captum.attr import LRP, NoiseTunnel, Saliency
from captum.attr._utils import lrp_rules
from torch import nn

import onnx_network
import relevance
from generate import HERE, NETWORKS, ROOT, ROUNDING, SHAKES, channels_last, write_model
from subject import channels_first

GOLDENS = os.path.join(HERE, "goldens")


def captum_lrp(network, inputs, targets, rule):
    """captum's LRP with one rule on every layer with weights, its epsilon rule on all other layers.

    captum knows neither the subclass of Conv2d for uneven padding nor Flatten and sums: they get the rule by hand.
    """
    network = copy.deepcopy(network)
    for module in network.children():
        if isinstance(module, (nn.Conv2d, nn.Linear)):
            module.rule = rule()
        elif not isinstance(module, (nn.ReLU, nn.Dropout)):
            module.rule = lrp_rules.EpsilonRule()
    return LRP(network).attribute(inputs.clone(), target=targets).detach()


def noise_tunnel(network, inputs, targets, noise, variant):
    """captum's NoiseTunnel around Saliency, both as they come, but for noise (n, C, H, W) instead of its own."""
    def normal(_, deviations):
        assert (deviations == 1).all()
        return noise.to(deviations).repeat(len(deviations) // len(noise), 1, 1, 1)

    with mock.patch("torch.normal", normal):
        return NoiseTunnel(Saliency(network)).attribute(inputs.clone(), nt_type=variant, nt_samples=len(noise), target=targets).detach()


def zennit_one(network, inputs, targets, composite):
    return relevance.backward(network, relevance.composite_named(composite), inputs, targets, torch.ones_like)


def zennit_deep_taylor_one(network, inputs, targets, low, high):
    composite = relevance.first_then("z_box", "z_plus", low, high)
    return relevance.backward(network, composite, inputs, targets, torch.ones_like)


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
    return {name: module.weight.data for name, module in stored.named_children() if isinstance(module, (nn.Conv2d, nn.Linear))}


def habit_cases(merged, inputs, targets, noise, low, high):
    yield "lrp_captum lrp compat=captum", captum_lrp(merged, inputs, targets, lrp_rules.EpsilonRule)
    yield "lrp_captum_gamma lrp compat=captum rule=gamma", captum_lrp(merged, inputs, targets, lrp_rules.GammaRule)
    yield "lrp_captum_z_plus lrp compat=captum rule=z_plus", captum_lrp(merged, inputs, targets, lrp_rules.Alpha1_Beta0_Rule)
    for ours, theirs in {"plain": "smoothgrad", "squared": "smoothgrad_sq", "variance": "vargrad"}.items():
        yield (f"smoothgrad_captum_{ours} smoothgrad compat=captum variant={ours} @noise=noise.npy",
               noise_tunnel(merged, inputs, targets, noise, theirs))
    yield "lrp_zennit lrp compat=zennit", zennit_one(merged, inputs, targets, "epsilon_plus")
    yield (f"deep_taylor_zennit deep_taylor compat=zennit low={low:g} high={high:g}",
           zennit_deep_taylor_one(merged, inputs, targets, low, high))


def pattern_cases(merged, inputs, targets, path):
    patterns = patterns_of(path)
    own = {name: getattr(merged, name).weight.data for name in patterns}
    yield "pattern_net pattern_net", walk_patterns(merged, inputs, targets, patterns)
    yield "pattern_attribution pattern_attribution", walk_patterns(
        merged, inputs, targets, {name: own[name] * patterns[name] for name in patterns})


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
        file, *words = line.split()
        np.save(os.path.join(folder, file + ".npy"), channels_last(answer)[steady])
        lines.append(" ".join([file + ".npy", *words]))
        print(f"{name}_{kind}: {lines[-1]}", flush=True)
    print(f"{name}_{kind}: {steady.sum()} of {len(steady)} inputs", flush=True)
    with open(os.path.join(folder, "cases.txt"), "w", encoding="ascii") as file:
        file.write("\n".join(lines) + "\n")


def shaken(network, seed):
    """A copy with each weight and bias off by up to a few roundings of float32, as generate.py's shaken_answers."""
    generator = torch.Generator().manual_seed(seed)
    network = copy.deepcopy(network)
    for tensor in network.state_dict().values():
        tensor.mul_(1 + ROUNDING * (2 * torch.rand(tensor.shape, generator=generator, dtype=tensor.dtype) - 1))
    return network


def steady_part(cases, others):
    """The cases and inputs that single precision, or another order of its roundings, changes by less than the tests allow.

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
        write(name, "habits", *both(habit_cases, noise, *box))
        if name == "lenet":
            write(name, "patterns", *both(pattern_cases, path.replace(".onnx", ".patterns.onnx")))


if __name__ == "__main__":
    main()
