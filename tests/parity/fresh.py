"""Compares the command with captum, zennit and foolbox on fresh random inputs, which no golden has seen.

    python tests/parity/fresh.py                                     all networks, two inputs of every kind, seed 0
    python tests/parity/fresh.py --network residual pooling --seed 1 2 3 --count 4
    python tests/parity/fresh.py --network models/mine.onnx --methods gradient lrp

Needs what generate.py needs, and build/native/pellucid (npm run build:native). Inputs go through the command as users
hand them over: .npy files of rank 2, 3 and 4. References run in double precision. Prints, per network and case, the
largest deviation (over a row's largest magnitude) and the smallest cosine; ends with 1 if any is out of bounds.

A row out of bounds is set aside as a kink only where the reference itself is no better determined: in single precision,
or with its weights or its layers' outputs off by a few roundings, it strays from itself by as much.
"""

import argparse
import copy
import json
import os
import subprocess
import sys
import tempfile
from collections import defaultdict
from dataclasses import dataclass, field

import numpy as np
import torch

import cases
import drawings
import generate
import habits
import onnx_network
import targets
from subject import images, other_rank, subject_of

DEVIATION = 1e-4
COSINE = 0.9999
SHAKES = 6


def kinds_of(path):
    """Name → makes `count` float32 inputs (N, H, W, C) and says what box they lie in."""
    shape = onnx_network.input_shape(path)

    def noise(count, random):
        return random.uniform(size=(count, *shape)), (0.0, 1.0)

    def signed(count, random):
        return random.normal(size=(count, *shape)).clip(-3, 3), (-3.0, 3.0)

    def sparse(count, random):
        return random.normal(size=(count, *shape)).clip(-3, 3) * (random.uniform(size=(count, *shape)) < 0.2), (
            -3.0,
            3.0,
        )

    def shaky(count, random):
        drawn, _ = images(path, count, int(random.integers(1 << 30)))
        return (drawn + 0.1 * random.normal(size=drawn.shape)).clip(0, 1), (0.0, 1.0)

    kinds = {"noise": noise, "signed": signed, "sparse": sparse}
    if shape == (drawings.SIZE, drawings.SIZE, 1):
        kinds = {
            "drawings": lambda count, random: images(path, count, int(random.integers(1 << 30))),
            "shaky": shaky,
            **kinds,
        }
    return kinds


@dataclass
class Command:
    """The program, the model it is asked about, and a folder for what goes in and out."""

    program: str
    model: str
    folder: str
    number: int = 0
    listed: set = field(default_factory=set)

    def __post_init__(self):
        cards = json.loads(subprocess.run([self.program, "methods", "--json"], check=True, capture_output=True).stdout)
        self.listed = {card["id"] for card in cards}

    def save(self, array):
        self.number += 1
        path = os.path.join(self.folder, f"{self.number}.npy")
        np.save(path, np.ascontiguousarray(array, np.float32))
        return path

    def in_some_rank(self, rows):
        """Inputs (N, H, W, C) in the ranks that a file can have them in, in turn."""
        if rows.shape[-1] > 1:
            return rows
        if len(rows) == 1 and self.number % 3 == 0:
            return rows[0, :, :, 0]
        return rows[..., 0] if self.number % 3 == 1 else rows

    def explain(self, method, rows, target, parameters):
        """The map of inputs (N, H, W, C) as (N, H, W, C or 1) in double."""
        array = self.in_some_rank(rows)
        out = os.path.join(self.folder, "out")
        words = [
            self.program,
            "explain",
            method,
            "--model",
            self.model,
            "--input",
            self.save(array),
            "--target",
            target,
            "--out",
            out,
        ]
        if rows.min() < 0:
            # The references' bounds and baselines are those of 0 … 1, whatever the inputs' range.
            words += ["--range=-3,3"]
            fixed = (
                {"low": 0.0, "high": 1.0}
                if method in ("lrp", "deep_taylor")
                else {"value": 0.0}
                if method == "occlusion"
                else {}
            )
            if method in ("integrated_gradients", "simple_taylor", "deeplift") and "baseline" not in parameters:
                fixed = {"baseline": "image", "baseline_image": self.save(np.zeros((1, *rows.shape[1:])))}
            parameters = {**fixed, **parameters}
        for key, value in parameters.items():
            words += ["--param", f"{key}={value if isinstance(value, str) else cases.written(value)}"]
        done = subprocess.run(words, capture_output=True, text=True)
        if done.returncode != 0:
            raise RuntimeError(f"{' '.join(words)}\n{done.stderr}")
        result = np.load(os.path.join(out, "result.npy")).astype(np.float64)
        if result.ndim != array.ndim:
            raise RuntimeError(f"{' '.join(words)}: an input of rank {array.ndim} gave a map of rank {result.ndim}")
        return result.reshape((1,) * (array.ndim == 2) + result.shape + (1,) * (result.ndim < 4))


def last(tensor):
    """(…, C, H, W) → (…, H, W, C) in double."""
    return np.moveaxis(tensor.detach().double().numpy(), -3, -1)


def row_figures(ours, theirs):
    """Per row: deviation over the row's largest magnitude, and cosine."""
    a, b = ours.reshape(len(ours), -1), theirs.reshape(len(theirs), -1)
    largest = np.abs(b).max(1)
    deviation = np.abs(a - b).max(1) / np.where(largest > 0, largest, 1)
    lengths = np.linalg.norm(a, axis=1) * np.linalg.norm(b, axis=1)
    return deviation, np.where(lengths > 0, (a * b).sum(1) / np.where(lengths > 0, lengths, 1), 1.0)


@dataclass
class Tally:
    """What was seen of one case on one network."""

    rows: int = 0
    kinks: int = 0
    bad: int = 0
    deviation: float = 0.0
    cosine: float = 1.0
    notes: list = field(default_factory=list)

    def take(self, deviation, cosine, strays, what):
        """One row; `strays` says how far the reference strays from itself, and is only asked where it matters."""
        self.rows += 1
        if deviation <= DEVIATION and cosine > COSINE:
            self.deviation, self.cosine = max(self.deviation, deviation), min(self.cosine, cosine)
            return
        own = strays()
        if 10 * own >= deviation:
            self.kinks += 1
            self.notes.append(f"{what}: {deviation:.1e}, the reference strays by {own:.1e}: a kink")
            return
        self.bad += 1
        self.deviation, self.cosine = max(self.deviation, deviation), min(self.cosine, cosine)
        self.notes.append(
            f"{what}: {deviation:.1e}, cosine {cosine:.6f}, the reference strays by {own:.1e}: OUT OF BOUNDS"
        )


def jittered(subject, compute, seed):
    """The answer with every output of a layer with weights off by a few roundings of its own.

    Where all weights are shaken, the values of a max-pool's window move together; rounding moves them apart.
    """
    generator = torch.Generator().manual_seed(seed)

    def jitter(_, __, output):
        return output * (
            1 + 2 * generate.ROUNDING * (torch.rand(output.shape[1:], generator=generator) - 0.5).to(output)
        )

    handles = [
        module.register_forward_hook(jitter)
        for module in subject.plain.modules()
        if isinstance(module, (torch.nn.Conv2d, torch.nn.Linear))
    ]
    try:
        return compute(subject)
    finally:
        for handle in handles:
            handle.remove()


def strays_of(subject, case, compute):
    """How far the reference strays per row: in single precision, with shaken weights, with jittered outputs (networks
    that are not merged). Computed once, when asked."""
    memo = []

    def all_rows():
        if not memo:
            exact = compute(subject)
            others = [generate.shaken_answers(subject, [case], shake)[0] for shake in range(SHAKES)]
            others += [jittered(subject, compute, shake) for shake in range(SHAKES)]
            others.append(compute(copy.deepcopy(subject).as_single()).double())
            memo.append(torch.stack([generate.deviations(exact, other) for other in others]).amax(0).numpy())
        return memo[0]

    return all_rows


def compare_cases(command, path, drawn, box, seed, wanted, tallies):
    """Every case that goldens are made of, and other libraries' habits: the predicted class of all inputs at once,
    other classes one by one."""
    again = [(place, other_rank(place)) for place in range(len(drawn))]
    subject = subject_of(path, drawn, again, box, seed)
    array = last(subject.inputs)
    count = len(drawn)
    for case in (*cases.cases_of(subject), *habits.all_cases(*box)):
        if case.method not in command.listed or case.method not in wanted:
            continue
        classes = subject.others if "targets" in case.replay else subject.targets
        parameters = dict(case.parameters)
        for key, file in case.replay.items():
            if key != "targets":
                replayed = getattr(subject, file.removesuffix(".npy"))
                parameters[key] = command.save(
                    replayed[:, None] if replayed.ndim == 1 else generate.channels_last(replayed)
                )
        exact = last(case.compute(subject, **case.parameters))
        together = count if classes is subject.targets else 0
        parts = [command.explain(case.method, array[:count], "predicted", parameters)] if together else []
        parts += [
            command.explain(case.method, array[n : n + 1], f"class:{int(classes[n])}", parameters)
            for n in range(together, 2 * count)
        ]
        ours = np.concatenate(parts)[..., : exact.shape[-1]]
        strays = strays_of(subject, case, lambda of, case=case: case.compute(of, **case.parameters))
        for n, (deviation, cosine) in enumerate(zip(*row_figures(ours, exact))):
            tallies[case.name].take(deviation, cosine, lambda n=n: strays()[n], f"seed {seed}, row {n}")


def compare_targets(command, path, drawn, box, seed, wanted, tallies):
    """Targets of every kind and layer, for the methods that follow a target down."""
    inputs = last(subject_of(path, drawn, [(0, 1)], box, seed).inputs)[: len(drawn)]
    for text in targets.all_of(path, np.random.default_rng(seed)):
        for case in targets.cases():
            if case.method not in command.listed or case.method not in wanted or not targets.answers(case, text):
                continue
            subject = targets.TargetSubject(path, text, torch.from_numpy(np.moveaxis(inputs, -1, -3).copy()))
            exact = last(case.compute(subject, **case.parameters))
            ours = command.explain(case.method, inputs, text, case.parameters)[..., : exact.shape[-1]]
            strays = strays_of(subject, case, lambda of, case=case: case.compute(of, **case.parameters))
            for n, (deviation, cosine) in enumerate(zip(*row_figures(ours, exact))):
                kind = text.split(":")[0]
                tallies[f"{case.name} of {kind}"].take(
                    deviation, cosine, lambda n=n: strays()[n], f"seed {seed}, {text}, row {n}"
                )


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--network", nargs="+", default=list(generate.NETWORKS), help="names of goldens, or ONNX files")
    parser.add_argument("--seed", nargs="+", type=int, default=[0])
    parser.add_argument("--count", type=int, default=2, help="inputs of every kind")
    parser.add_argument(
        "--kinds", nargs="+", help="drawings, shaky (28×28×1 only), noise, signed, sparse; all by default"
    )
    parser.add_argument("--methods", nargs="+", help="these only")
    parser.add_argument(
        "--only", choices=["cases", "targets"], help="classes with all parameters, or targets of every kind"
    )
    parser.add_argument("--command", default=os.path.join(generate.ROOT, "build/native/pellucid"))
    options = parser.parse_args()
    torch.set_num_threads(1)
    bad = 0
    print("| network | case | largest deviation | smallest cosine | rows | kinks |\n|---|---|---|---|---|---|")
    for network in options.network:
        path = os.path.join(generate.ROOT, generate.NETWORKS[network][0]) if network in generate.NETWORKS else network
        tallies = defaultdict(Tally)
        with tempfile.TemporaryDirectory() as folder:
            command = Command(options.command, path, folder)
            wanted = set(options.methods or command.listed)
            for seed in options.seed:
                for number, (kind, make) in enumerate(kinds_of(path).items()):
                    if options.kinds and kind not in options.kinds:
                        continue
                    drawn, box = make(options.count, np.random.default_rng([seed, number]))
                    drawn = drawn.astype(np.float32)
                    if options.only != "targets":
                        compare_cases(command, path, drawn, box, seed, wanted, tallies)
                    if options.only != "cases":
                        compare_targets(command, path, drawn, box, seed, wanted, tallies)
        for name, tally in tallies.items():
            print(
                f"| {os.path.basename(network)} | {name} | {tally.deviation:.1e} "
                f"| {tally.cosine:.7f} | {tally.rows} | {tally.kinks} |",
                flush=True,
            )
            for note in tally.notes:
                print(f"  {note}", flush=True)
            bad += tally.bad
    print(f"\n{bad} rows out of bounds ({DEVIATION:g} of the largest magnitude, cosine {COSINE})")
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
