"""How fast metrics are, beside quantus: the same network, drawings and maps, one thread each, taking turns.

    npm run build:native
    python tests/bench/judges.py [--images 64] [--rounds 3] [--only NAME ...] [--json FILE]

What is timed of quantus is the call that evaluates a batch of all images (its fastest way), gradients by torch in
single precision without copies between the layers, in processor time, which other work on the machine does not change
much. What is timed of pellucid is `judge --threads 1`: the time of so many images less that of two, so that starting,
reading and asking once what fits are left out.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
import warnings

import numpy as np
import torch

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, os.path.join(ROOT, "tests", "parity"))

import torchvision_stub  # noqa: E402,F401
import onnx_network  # noqa: E402

PROGRAM = os.path.join(ROOT, "build", "native", "pellucid")
MODEL = os.path.join(ROOT, "models", "lenet.onnx")


def explain(model, inputs, targets, **_):
    x = torch.as_tensor(np.asarray(inputs), dtype=torch.float32).requires_grad_()
    t = torch.as_tensor(np.asarray(targets))
    return torch.autograd.grad(model(x)[torch.arange(len(x)), t].sum(), x)[0].numpy()


def peers(quantus):
    quiet = {"disable_warnings": True, "display_progressbar": False}
    flipping = {"perturb_baseline": "black", "normalise": False, "abs": False, **quiet}
    return {
        "deletion:steps=28": quantus.PixelFlipping(features_in_step=28, **flipping),
        "insertion:steps=28": quantus.PixelFlipping(features_in_step=28, **flipping),
        "pixel_flipping": quantus.PixelFlipping(features_in_step=1, **flipping),
        "max_sensitivity:samples=10": quantus.MaxSensitivity(
            nr_samples=10, lower_bound=0.02, normalise=False, abs=False, **quiet
        ),
        "model_randomisation": quantus.MPRT(
            similarity_func=quantus.similarity_func.correlation_spearman, normalise=False, abs=False, **quiet
        ),
    }


def of_quantus(metric, model, images, targets):
    maps = explain(model, images, targets)
    begin = time.process_time()
    metric(
        model=model,
        x_batch=images,
        y_batch=targets,
        a_batch=maps,
        explain_func=explain,
        device="cpu",
        batch_size=len(images),
    )
    return time.process_time() - begin


def of_pellucid(name, file, count):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(
        [
            PROGRAM,
            "--threads",
            "1",
            "judge",
            "--model",
            MODEL,
            "--data",
            file,
            "--count",
            str(count),
            "--methods",
            "gradient",
            "--metrics",
            name,
            "--json",
        ],
        check=True,
        stdout=subprocess.DEVNULL,
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--images", type=int, default=64)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", nargs="*", default=[], help="beginnings of names")
    parser.add_argument("--json")
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    import quantus

    torch.set_num_threads(1)
    model = onnx_network.load(MODEL).eval().float()
    model.separate = False
    with tempfile.TemporaryDirectory() as folder:
        file = os.path.join(folder, "digits.npy")
        subprocess.run(
            [PROGRAM, "digits", "--out", file, "--count", str(max(options.images, 10))],
            check=True,
            stdout=subprocess.DEVNULL,
        )
        images = np.load(file)[: options.images][:, None]
        with torch.no_grad():
            targets = model(torch.from_numpy(images)).argmax(1).numpy()
        rows = []
        for name, metric in peers(quantus).items():
            if options.only and not name.startswith(tuple(options.only)):
                continue
            ours, theirs = [], []
            for _ in range(options.rounds):
                theirs.append(of_quantus(metric, model, images, targets) / options.images)
                ours.append(
                    (of_pellucid(name, file, options.images) - of_pellucid(name, file, 2)) / (options.images - 2)
                )
            row = {
                "metric": name,
                "pellucid_ms": 1e3 * float(np.median(ours)),
                "quantus_ms": 1e3 * float(np.median(theirs)),
            }
            row["ratio"] = row["quantus_ms"] / row["pellucid_ms"]
            rows.append(row)
            print(
                f"{name:28} pellucid {row['pellucid_ms']:8.3f} ms  "
                f"quantus {row['quantus_ms']:8.3f} ms  {row['ratio']:.1f}×",
                flush=True,
            )
    if options.json:
        with open(options.json, "w", encoding="ascii") as to:
            json.dump(
                {"images": options.images, "quantus": quantus.__version__, "torch": torch.__version__, "rows": rows},
                to,
                indent=2,
            )


if __name__ == "__main__":
    main()
