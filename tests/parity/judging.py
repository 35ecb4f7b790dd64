"""Writes tests/parity/judging: what quantus, captum, cleanlab and scikit-learn answer where pellucid judges.

    python tests/parity/judging.py

On top of requirements.txt: pip install --no-deps quantus==0.6.0 cleanlab==2.9.0 scikit-learn scikit-image (and what
they import). Everything is judged on the first inputs and stored maps of goldens/lenet, in double precision.
"""

import os
import sys
import warnings

import numpy as np
import torch
import torchvision_stub  # noqa: F401  (zennit, which quantus imports, asks for torchvision)

import onnx_network

HERE = os.path.dirname(os.path.abspath(__file__))
SOURCE = os.path.join(HERE, "goldens", "lenet")
FOLDER = os.path.join(HERE, "judging")
MODEL = os.path.join(HERE, "..", "..", "models", "lenet.onnx")
COUNT = 3
STEPS = 28


def stored(name):
    return np.load(os.path.join(SOURCE, name + ".npy"))[:COUNT].astype(np.float64)


def save(name, array):
    array = np.asarray(array, dtype=np.float64)
    if array.ndim == 1:
        array = array[:, None]
    np.save(os.path.join(FOLDER, name + ".npy"), np.ascontiguousarray(array, dtype=np.float32))
    print(name, array.shape, array.ravel()[:4])


def probabilities(model, images):
    with torch.no_grad():
        return torch.softmax(model(torch.from_numpy(images)[:, None]), 1).numpy()


def way(model, image, other, order, target):
    """The definition of deletion: after step k the first k·P/K pixels of the order are those of the other image."""
    curve = []
    for k in range(STEPS + 1):
        flat = image.ravel().copy()
        gone = order[: k * len(order) // STEPS]
        flat[gone] = other.ravel()[gone]
        curve.append(probabilities(model, flat.reshape(1, *image.shape))[0, target])
    return curve


def order_of(map_):
    return np.argsort(-map_.ravel(), kind="stable")


def gradient(model, inputs, targets):
    x = inputs.clone().requires_grad_()
    return torch.autograd.grad(model(x)[torch.arange(len(x)), targets].sum(), x)[0]


def curves(model, inputs, targets, map_):
    import quantus

    save("deletion", [way(model, x, 0 * x, order_of(m), t) for x, m, t in zip(inputs, map_, targets)])
    save("insertion", [way(model, 0 * x, x, order_of(m), t) for x, m, t in zip(inputs, map_, targets)])
    flipping = quantus.PixelFlipping(
        features_in_step=1,
        perturb_baseline="black",
        normalise=False,
        abs=False,
        return_auc_per_sample=False,
        disable_warnings=True,
        display_progressbar=False,
    )
    save(
        "pixel_flipping",
        flipping(
            model=model, x_batch=inputs[:, None], y_batch=targets, a_batch=map_[:, None], softmax=True, device="cpu"
        ),
    )


def numbers(model, inputs, targets, noise):
    import captum.metrics
    import quantus

    x, t = torch.from_numpy(inputs)[:, None], torch.from_numpy(targets)
    map_ = gradient(model, x, t)
    infidelity = quantus.Infidelity(
        perturb_patch_sizes=[4],
        n_perturb_samples=1,
        normalise=False,
        abs=False,
        disable_warnings=True,
        display_progressbar=False,
    )
    # quantus expects a block's indices to fit, and its own helper of numpy to take them as a list.
    save(
        "infidelity_blocks",
        infidelity(
            model=model, x_batch=inputs[:, None], y_batch=targets, a_batch=map_.numpy(), softmax=False, device="cpu"
        ),
    )

    steps = torch.from_numpy(noise)[:, None]

    def disturb(batch):
        repeats = len(batch) // COUNT
        return steps[:repeats].repeat(COUNT, 1, 1, 1), batch - steps[:repeats].repeat(COUNT, 1, 1, 1)

    for name, normalise in (("infidelity_noise", False), ("infidelity_scaled", True)):
        save(
            name,
            captum.metrics.infidelity(
                model, disturb, x, map_, target=t, n_perturb_samples=len(steps), normalize=normalise
            ).numpy(),
        )

    place = iter(range(10**6))

    def neighbour(arr, indices, **kwargs):
        return arr + steps[next(place)].numpy().reshape(1, -1)

    sensitivity = quantus.MaxSensitivity(
        nr_samples=len(steps),
        perturb_func=neighbour,
        normalise=False,
        abs=False,
        disable_warnings=True,
        display_progressbar=False,
    )
    save(
        "max_sensitivity",
        sensitivity(
            model=model,
            x_batch=inputs[:, None],
            y_batch=targets,
            a_batch=map_.numpy(),
            device="cpu",
            explain_func=lambda model, inputs, targets, **kwargs: gradient(
                model, torch.from_numpy(np.asarray(inputs)), torch.from_numpy(np.asarray(targets))
            ).numpy(),
        ),
    )
    sparseness = quantus.Sparseness(disable_warnings=True, display_progressbar=False)
    save(
        "sparseness",
        sparseness(
            model=model,
            x_batch=inputs[:, None],
            y_batch=targets,
            a_batch=stored("lrp_epsilon_plus")[:, None],
            device="cpu",
        ),
    )


def mixed(bits):
    return bits & 0xFFFFFFFFFFFFFFFF


def stream(seed, purpose, sample, n):
    """random.hpp's stream(): std::mt19937 is numpy's, seeded in the old way."""
    state = 0
    for part in (seed, purpose, sample, n):
        state = mixed(state + 0x9E3779B97F4A7C15 + part)
        state = mixed((state ^ state >> 30) * 0xBF58476D1CE4E5B9)
        state = mixed((state ^ state >> 27) * 0x94D049BB133111EB)
        state ^= state >> 31
    return np.random.RandomState(state & 0xFFFFFFFF)


def uniform(generator, count, bound):
    bits = generator.randint(0, 2**32, size=count, dtype=np.uint32)
    share = (bits >> 8).astype(np.float32) * np.float32(2.0**-24)
    return (np.float32(-bound) + (np.float32(bound) - np.float32(-bound)) * share).astype(np.float32)


def randomised(model, nodes, seed):
    """pellucid's random weights: drawn in the order (kernel rows, kernel columns, inputs, outputs), then the biases."""
    import copy

    changed = copy.deepcopy(model)
    for place, name in nodes:
        module = getattr(changed, name)
        shape = module.weight.shape
        inputs = int(np.prod(shape[1:]))
        bound = np.float32(1.0) / np.sqrt(np.float32(inputs))
        generator = stream(seed, PARAMETERS, 0, place)
        drawn = uniform(generator, int(np.prod(shape)), bound)
        if len(shape) == 4:
            weight = drawn.reshape(shape[2], shape[3], shape[1], shape[0]).transpose(3, 2, 0, 1)
        else:
            weight = drawn.reshape(shape[1], shape[0])
            if name == FIRST_DENSE:
                # What it reads was flattened with the channels innermost there, and outermost here.
                channels = getattr(model, LAST_CONVOLUTION).weight.shape[0]
                side = int(np.sqrt(inputs // channels))
                weight = weight.reshape(side, side, channels, -1).transpose(2, 0, 1, 3).reshape(inputs, -1)
            weight = weight.T
        module.weight.data = torch.from_numpy(weight.astype(np.float64).copy())
        module.bias.data = torch.from_numpy(uniform(generator, shape[0], bound).astype(np.float64))
    return changed


PARAMETERS = 10
FIRST_DENSE, LAST_CONVOLUTION = "dense1", "conv3"


def randomisation(model, inputs, targets):
    """Cascading, with the similarities that quantus calls."""
    import onnx
    import quantus.functions.similarity_func as similarity

    x, t = torch.from_numpy(inputs)[:, None], torch.from_numpy(targets)
    names = [node.name for node in onnx.load(MODEL).graph.node]
    nodes = [(place, name) for place, name in enumerate(names) if hasattr(getattr(model, name, None), "weight")][::-1]
    original = gradient(model, x, t).numpy()[:, 0]
    ranks, structure = [], []
    for stage in range(len(nodes) + 1):
        maps = gradient(randomised(model, nodes[:stage], 3), x, t).numpy()[:, 0]
        ranks.append([similarity.correlation_spearman(a.ravel(), b.ravel()) for a, b in zip(original, maps)])
        scaled = [(a / np.abs(a).max(), b / np.abs(b).max()) for a, b in zip(original, maps)]
        structure.append([similarity.ssim(a, b) for a, b in scaled])
    save("randomisation_spearman", np.transpose(ranks))
    save("randomisation_ssim", np.transpose(structure))


def labels():
    """A table of probabilities in which a tenth of the labels were exchanged, and cleanlab's verdict."""
    from cleanlab.count import compute_confident_joint
    from cleanlab.filter import find_label_issues

    generator = np.random.default_rng(5)
    classes, count = 4, 300
    truth = generator.integers(0, classes, count)
    logits = generator.normal(size=(count, classes))
    logits[np.arange(count), truth] += 2.5
    table = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
    table = table.astype(np.float32).astype(np.float64)
    given = truth.copy()
    wrong = generator.random(count) < 0.1
    given[wrong] = (truth[wrong] + generator.integers(1, classes, wrong.sum())) % classes
    save("audit_probabilities", table)
    save("audit_labels", given)
    save("audit_confident", compute_confident_joint(given, table, calibrate=False))
    save(
        "audit_issues",
        find_label_issues(
            given, table, filter_by="confident_learning", return_indices_ranked_by="self_confidence", n_jobs=1
        ),
    )


def clusters():
    """Three groups of points, their neighbours' graph, and scikit-learn's clusters of it."""
    from sklearn.cluster import SpectralClustering
    from sklearn.neighbors import kneighbors_graph

    generator = np.random.default_rng(6)
    centres = np.array([[0, 0, 0], [2, 0, 1], [0, 2.2, -1]])
    points = np.concatenate([centre + 0.55 * generator.normal(size=(n, 3)) for centre, n in zip(centres, (20, 15, 10))])
    points = generator.permutation(points)
    graph = kneighbors_graph(points, 8, include_self=True).toarray()
    affinity = 0.5 * (graph + graph.T)
    save("spray_points", points)
    save("spray_affinity", affinity)
    for count in (2, 3, 4):
        found = SpectralClustering(count, affinity="precomputed", assign_labels="cluster_qr", random_state=0)
        save(f"spray_labels_{count}", found.fit_predict(affinity))
    without = affinity - np.diag(np.diag(affinity))
    root = np.sqrt(without.sum(1))
    save("spray_eigenvalues", np.linalg.eigvalsh(np.eye(len(root)) - without / root[:, None] / root[None])[:9])


def main():
    warnings.simplefilter("ignore")
    torch.set_num_threads(1)
    torch.set_default_dtype(torch.float64)
    os.makedirs(FOLDER, exist_ok=True)
    model = onnx_network.load(MODEL).eval()
    inputs, noise = stored("inputs"), np.load(os.path.join(SOURCE, "noise.npy")).astype(np.float64)
    targets = stored("targets")[:, 0].astype(np.int64)
    wanted = sys.argv[1:]
    for part in (
        lambda: curves(model, inputs, targets, stored("lrp_epsilon_plus")),
        lambda: numbers(model, inputs, targets, noise),
        lambda: randomisation(model, inputs, targets),
        labels,
        clusters,
    ):
        if not wanted or any(name in part.__code__.co_names or name == part.__name__ for name in wanted):
            part()


if __name__ == "__main__":
    main()
