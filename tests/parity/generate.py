"""Writes the goldens: what the reference libraries answer about our networks.

    python tests/parity/generate.py                        all networks; a model that is missing is an error
    python tests/parity/generate.py --only residual        these only
    python tests/parity/generate.py --lenet FILE --output DIRECTORY

References run in double precision and are stored as float32. Each also runs in single precision, and how far that
strays is noted with the case: a test cannot ask for more.
"""

import argparse
import hashlib
import os

import numpy as np
import torch

import cases
import checks
from subject import images, other_rank, subject_of

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))

CANDIDATES = 6
STEADY = 1e-5
SHAKES = 4
# A few roundings rather than one: sums of thousands of terms stray by that much.
ROUNDING = 2.0**-20

# Name: (model file, distinct inputs, how many of them are asked again for another class, seed).
NETWORKS = {
    "lenet": ("models/lenet.onnx", 10, 2, 1),
    "residual": ("tests/parity/networks/residual.onnx", 2, 2, 21),
    "pooling": ("tests/parity/networks/pooling.onnx", 2, 2, 22),
    "strided": ("tests/parity/networks/strided.onnx", 2, 2, 23),
}


def channels_last(tensor):
    """(…, C, H, W) → float32 (…, H, W, C), without the last axis where C is 1."""
    array = np.moveaxis(tensor.detach().numpy(), -3, -1).astype(np.float32)
    return np.ascontiguousarray(array[..., 0] if array.shape[-1] == 1 else array)


def answers(subject, todo):
    """Every case in double and in single precision; converts the subject's networks to single."""
    double = [case.compute(subject, **case.parameters) for case in todo]
    single = subject.as_single()
    return double, [case.compute(single, **case.parameters).double() for case in todo]


def shaken_answers(subject, todo, seed):
    """Every case with each weight and bias off by up to a few roundings of float32, in double precision.

    Another library rounds in another order than torch; this is what that can do to an answer.
    """
    generator = torch.Generator().manual_seed(seed)
    tensors = [
        tensor
        for network in (subject.plain, subject.merged)
        for tensor in network.state_dict().values()
        if tensor.is_floating_point()
    ]
    kept = [tensor.clone() for tensor in tensors]
    for tensor in tensors:
        tensor.mul_(1 + ROUNDING * (2 * torch.rand(tensor.shape, generator=generator, dtype=tensor.dtype) - 1))
    shaken = [case.compute(subject, **case.parameters) for case in todo]
    for tensor, before in zip(tensors, kept):
        tensor.copy_(before)
    return shaken


def deviations(double, single):
    """Per row: the largest difference over the row's largest magnitude."""
    difference = (single - double).flatten(1).abs().amax(1)
    return torch.where(difference == 0, 0, difference / double.flatten(1).abs().amax(1))


def steady_subject(path, distinct, repeated, seed):
    """A subject of inputs whose answers do not hang on rounding.

    Where a unit sits on the kink of its ReLU, or a relevance denominator is all but 0, single precision has no answer
    to compare with. So of a few candidates for each place, the first is taken for which every case agrees between the
    precisions, and between weights shaken by a rounding, within STEADY.
    """
    drawn, box = images(path, distinct * CANDIDATES, seed)
    everyone = np.arange(len(drawn))
    subject = subject_of(path, drawn, [(number, other_rank(number % distinct)) for number in everyone], box, seed)
    todo = list(cases.cases_of(subject))
    shakes = [shaken_answers(subject, todo, shake) for shake in range(SHAKES)]
    double, single = answers(subject, todo)
    worst = torch.stack(
        [deviations(exact, other) for answer in (single, *shakes) for exact, other in zip(double, answer)]
    ).amax(0)
    asked_once, asked_again = worst.reshape(2, -1)
    chosen = []
    for place in range(distinct):
        need = torch.maximum(asked_once, asked_again) if place < repeated else asked_once
        steady = [number for number in everyone[place::distinct] if need[number] <= STEADY]
        if not steady:
            raise ValueError(f"{path}: no steady input for place {place}: {need[place::distinct].tolist()}")
        chosen.append(steady[0])
    return subject_of(path, drawn[chosen], [(place, other_rank(place)) for place in range(repeated)], box, seed)


def write_arrays(folder, subject):
    """Everything a test has to hand to the methods, and the logits that show that the model is the same."""
    arrays = {key: channels_last(getattr(subject, key)) for key in ("inputs", "noise", "baselines")}
    arrays["alphas"] = subject.alphas.numpy().astype(np.float32)[:, None]
    arrays["logits"] = subject.plain(subject.inputs).numpy().astype(np.float32)
    arrays["targets"] = subject.targets.numpy().astype(np.int32)[:, None]
    arrays["others"] = subject.others.numpy().astype(np.int32)[:, None]
    for name, array in arrays.items():
        np.save(os.path.join(folder, name + ".npy"), array)


def write_model(folder, path, shown):
    with open(path, "rb") as file:
        digest = hashlib.sha256(file.read()).hexdigest()
    with open(os.path.join(folder, "model.txt"), "w", encoding="ascii") as file:
        file.write(f"{shown} {digest}\n")


def generate(name, path, shown, folder, distinct, repeated, seed):
    """All goldens of one network, in a folder emptied before."""
    subject = steady_subject(path, distinct, repeated, seed)
    checks.check(path, subject)
    os.makedirs(folder, exist_ok=True)
    for file in os.listdir(folder):
        os.remove(os.path.join(folder, file))
    write_arrays(folder, subject)
    write_model(folder, path, shown)
    todo = list(cases.cases_of(subject))
    lines = []
    for case, double, single in zip(todo, *answers(subject, todo)):
        if not torch.isfinite(double).all():
            raise ValueError(f"{name}/{case.name}: not finite")
        np.save(os.path.join(folder, case.name + ".npy"), channels_last(double))
        lines.append(case.line({"float32": float(f"{deviations(double, single).max():.1e}")}))
        print(f"{name}: {lines[-1]}", flush=True)
    with open(os.path.join(folder, "cases.txt"), "w", encoding="ascii") as file:
        file.write("\n".join(lines) + "\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", choices=NETWORKS, default=list(NETWORKS))
    parser.add_argument("--lenet", help="another file than models/lenet.onnx")
    parser.add_argument("--output", default=os.path.join(HERE, "goldens"))
    options = parser.parse_args()
    torch.set_num_threads(1)
    paths = {name: os.path.join(ROOT, NETWORKS[name][0]) for name in options.only}
    if options.lenet and "lenet" in paths:
        paths["lenet"] = options.lenet
    missing = [path for path in paths.values() if not os.path.exists(path)]
    if missing:
        parser.error(f"no such model: {', '.join(missing)}")
    for name, path in paths.items():
        shown, *counts = NETWORKS[name]
        generate(name, path, shown, os.path.join(options.output, name), *counts)


if __name__ == "__main__":
    main()
