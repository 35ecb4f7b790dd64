"""Writes goldens of the perturbation methods: captum with its samples replayed, and our own references of mask methods.

    python tests/parity/perturbation.py                 all; run after generate.py, whose inputs are taken
    python tests/parity/perturbation.py --only lenet

They lie in folders of their own (`lenet_perturbation`, …). References run in double precision and are stored as
float32. `groups.npy` is the group of every pixel, `coalitions.npy` which groups a sample shows, `permutations.npy`
orders of groups. captum's Lime measures distances between images; here it is handed lime's own, between coalitions
(cosine, width 0.25).
"""

import argparse
import os

import numpy as np
import torch
from captum._utils.models.linear_model import SkLearnRidge
from captum.attr import FeatureAblation, KernelShap, Lime, ShapleyValueSampling

import masks
import onnx_network
from generate import HERE, NETWORKS, ROOT, channels_last, write_model
from subject import channels_first

GOLDENS = os.path.join(HERE, "goldens")
ROWS = 3
GROUPS = 16
CELLS = 4
WIDTH = 0.25


def grid(height, width, cells):
    """The number of every pixel's cell, as pellucid's groups=grid has it."""
    rows, columns = (
        torch.div(torch.arange(side) * min(cells, side), side, rounding_mode="floor") for side in (height, width)
    )
    return rows[:, None] * min(cells, width) + columns[None]


def irregular(height, width, count, random):
    """Groups of all sizes: the nearest of some points drawn at random, numbered without gaps."""
    points = random.uniform(size=(count, 2)) * (height, width)
    places = np.stack(np.meshgrid(np.arange(height), np.arange(width), indexing="ij"), -1)
    nearest = np.linalg.norm(places[:, :, None] - points, axis=-1).argmin(-1)
    return torch.from_numpy(np.unique(nearest, return_inverse=True)[1].reshape(height, width))


def one_by_one(attribute, inputs, targets):
    """(N, 1, H, W): captum gives the channels of a pixel the same number."""
    return torch.cat([attribute(inputs[n : n + 1], int(targets[n]))[:, :1] for n in range(len(inputs))]).detach()


def feature_ablation(network, groups):
    return lambda image, target: FeatureAblation(network).attribute(image, 0, target, feature_mask=groups[None, None])


def lime(network, groups, coalitions):
    def weight(_, __, coalition, **___):
        distance = 1 - torch.nn.functional.cosine_similarity(coalition.double(), torch.ones_like(coalition).double())
        return torch.exp(-(distance**2) / (2 * WIDTH**2))

    def replay(*_, **__):
        yield from (row[None] for row in coalitions.long())

    surrogate = Lime(network, SkLearnRidge(alpha=1.0), weight, replay)
    return lambda image, target: surrogate.attribute(
        image, 0, target, feature_mask=groups[None, None], n_samples=len(coalitions)
    )


def kernel_shap(network, groups, coalitions):
    class Replayed(KernelShap):
        def kernel_shap_perturb_generator(self, original_inp, **kwargs):
            count = kwargs["num_interp_features"]
            yield torch.ones(1, count, dtype=torch.long)
            yield torch.zeros(1, count, dtype=torch.long)
            yield from (row[None] for row in coalitions.long())

    return lambda image, target: Replayed(network).attribute(
        image, 0, target, feature_mask=groups[None, None], n_samples=len(coalitions) + 2
    )


def shapley_sampling(network, groups, permutations):
    def attribute(image, target):
        sampling = ShapleyValueSampling(network)
        sampling.permutation_generator = lambda *_: iter([tuple(int(g) for g in row) for row in permutations])
        return sampling.attribute(image, 0, target, feature_mask=groups[None, None], n_samples=len(permutations))

    return attribute


def cases(name, network, inputs, targets, arrays):
    """Each as its line of cases.txt and its answer."""
    groups, coalitions, permutations = (
        torch.from_numpy(arrays[key]) for key in ("groups", "coalitions", "permutations")
    )
    mapped = "@group_map=groups.npy"
    together = groups.long()

    def case(file, method, settings, attribute):
        return f"{file}.npy {method} {settings}".strip(), one_by_one(attribute, inputs, targets)

    yield case("feature_ablation", "feature_ablation", mapped, feature_ablation(network, together))
    yield case(
        "feature_ablation_grid",
        "feature_ablation",
        f"groups=grid cells={CELLS}",
        feature_ablation(network, grid(*inputs.shape[2:], CELLS)),
    )
    yield case("lime", "lime", f"{mapped} @coalitions=coalitions.npy", lime(network, together, coalitions))
    yield case(
        "kernel_shap", "kernel_shap", f"{mapped} @coalitions=coalitions.npy", kernel_shap(network, together, coalitions)
    )
    yield case(
        "shapley_sampling",
        "shapley_sampling",
        f"{mapped} @permutations=permutations.npy",
        shapley_sampling(network, together, permutations),
    )
    if name != "lenet":
        return
    start = torch.from_numpy(arrays["start"])[None, None]
    yield case(
        "meaningful_perturbation",
        "meaningful_perturbation",
        "steps=40 area=0.0001 @start=start.npy",
        lambda image, target: masks.meaningful(network, image, target, start, 40),
    )
    areas = [0.1, 0.3]
    for game, perturbation, steps in (("preserve", "blur", 80), ("delete", "fade", 80)):
        yield case(
            f"extremal_{game}_{perturbation}",
            "extremal_perturbation",
            f"areas=10,30 game={game} perturbation={perturbation} steps={steps}",
            lambda image, target, game=game, perturbation=perturbation, steps=steps: masks.extremal(
                network, image, target, areas, steps, game, perturbation
            ).mean(0, keepdim=True),
        )


def write(name):
    path = os.path.join(ROOT, NETWORKS[name][0])
    source, folder = os.path.join(GOLDENS, name), os.path.join(GOLDENS, f"{name}_perturbation")
    os.makedirs(folder, exist_ok=True)
    for file in os.listdir(folder):
        os.remove(os.path.join(folder, file))
    for file in ("inputs", "targets", "others", "logits"):
        np.save(os.path.join(folder, file + ".npy"), np.load(os.path.join(source, file + ".npy"))[:ROWS])
    stored = np.load(os.path.join(folder, "inputs.npy"))
    inputs = channels_first(stored if stored.ndim == 4 else stored[..., None])
    targets = np.load(os.path.join(folder, "targets.npy"))[:, 0]
    random = np.random.default_rng(5)
    arrays = {"groups": irregular(*inputs.shape[2:], GROUPS, random).numpy().astype(np.float32)}
    count = int(arrays["groups"].max()) + 1
    arrays["coalitions"] = (random.uniform(size=(80, count)) < 0.5).astype(np.float32)
    arrays["permutations"] = np.stack([random.permutation(count) for _ in range(12)]).astype(np.float32)
    if name == "lenet":
        arrays["start"] = random.uniform(0.2, 1, size=(14, 14)).astype(np.float32)
    for key, array in arrays.items():
        np.save(os.path.join(folder, key + ".npy"), array)
    write_model(folder, path, NETWORKS[name][0])
    lines = []
    for line, answer in cases(name, onnx_network.load(path), inputs, targets, arrays):
        if not torch.isfinite(answer).all():
            raise ValueError(f"{name}/{line}: not finite")
        np.save(os.path.join(folder, line.split()[0]), channels_last(answer))
        lines.append(line)
        print(f"{name}: {line}", flush=True)
    with open(os.path.join(folder, "cases.txt"), "w", encoding="ascii") as file:
        file.write("\n".join(lines) + "\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", choices=NETWORKS, default=["lenet", "residual"])
    torch.set_num_threads(1)
    for name in parser.parse_args().only:
        write(name)


if __name__ == "__main__":
    main()
