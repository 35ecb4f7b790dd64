"""PyTorch, Captum and zennit as a process that does what a line on its standard input says, like core/native.cpp:

  open m1 FILE.onnx TARGET | open lenet FILE.onnx TARGET | input NAME FILE.f32 | training IMAGES.u8 LABELS.u8
  threads N
  versions             → {"versions": {...}}
  answer WORK [FIRST]  → {"answer": [numbers]}, for the input of that number
  time WORK COUNT      → {"ms": milliseconds for COUNT calls}

Works: MODEL:FLAVOUR:forward|batch:INPUT, MODEL:gradient:INPUT, m1:train, and Captum's and zennit's methods. Flavours:
eager; frozen, a frozen trace; onednn, that trace optimised for inference or the network in oneDNN's own tensors. Of
these, and of the two memory layouts, the fastest is taken. (torch.compile takes minutes for these sizes and was no
faster.)
"""

import copy
import json
import sys
import time
import warnings
from importlib.metadata import version
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.nn import functional
from torch.utils import mkldnn

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "parity"))
import onnx_network  # noqa: E402
from captum.attr import IntegratedGradients, NoiseTunnel, Occlusion, Saliency  # noqa: E402
from zennit import composites  # noqa: E402

warnings.filterwarnings("ignore")
TRAINING_RATE = 1e-3
PER_EVALUATION = 128  # of Captum's occlusion: faster than 16 and 64, no slower than 256 and all 625


class Peer:
    def __init__(self):
        self.networks, self.targets, self.inputs, self.compiled = {}, {}, {}, {}
        self.next = 0
        self.images = self.labels = self.training = None

    def open(self, name, path, target):
        network = onnx_network.load(path).float().eval()
        network.separate = False  # no copies between layers: the fastest that this module has
        children = [nn.Flatten() if isinstance(child, nn.Flatten) else child for child in network.children()]
        self.networks[name] = nn.Sequential(*children).eval()
        self.targets[name] = int(target)
        return {}

    def input(self, name, path):
        self.inputs[name] = torch.from_numpy(np.fromfile(path, np.float32)).reshape(-1, 1, 28, 28)
        return {}

    def take_training(self, images, labels):
        self.images = torch.from_numpy(np.fromfile(images, np.uint8).astype(np.float32) / 255).reshape(-1, 1, 28, 28)
        self.labels = torch.from_numpy(np.fromfile(labels, np.uint8).astype(np.int64))
        self.training = None
        return {}

    def threads(self, count):
        torch.set_num_threads(int(count))
        return {}

    def versions(self):
        names = ("torch", "captum", "zennit")
        return {
            "versions": {name: version(name) for name in names},
            "python": sys.version.split()[0],
            "onednn": torch.backends.mkldnn.is_available(),
        }

    def image(self, name):
        """The images of an input in turn."""
        images = self.inputs[name]
        self.next += 1
        at = (self.next - 1) % len(images)
        return images[at : at + 1]

    def forward(self, model, flavour, batch):
        """A flavour's fastest form for this batch size; graphs are specialised to it."""
        key = model, flavour, len(batch), torch.get_num_threads()
        if key not in self.compiled:
            network = self.networks[model]
            makers = [lambda layout=layout: compiled(network, flavour, batch, layout) for layout in LAYOUTS]
            if flavour == "onednn":
                makers.append(lambda: in_onednn(network, batch))
            self.compiled[key] = fastest(makers)
        return self.compiled[key]

    def start_training(self, layout):
        network = nn.Sequential(*[type_of(child) for child in self.networks["m1"]])
        network.load_state_dict(self.networks["m1"].state_dict())
        network.to(memory_format=layout)
        adam = torch.optim.Adam(network.parameters(), TRAINING_RATE, (0.9, 0.999), 1e-8, fused=True)

        def step():
            adam.zero_grad(set_to_none=True)
            loss = functional.cross_entropy(network(self.images.contiguous(memory_format=layout)), self.labels)
            loss.backward()
            adam.step()
            return loss.detach()

        return step

    def train(self):
        if self.training is None:
            tried = [(self.start_training(layout), layout) for layout in LAYOUTS]
            _, layout = fastest([lambda made=made: made for made in tried], lambda made: made[0]())
            self.training = self.start_training(layout)
        return self.training()

    def work(self, text):
        """A function without arguments for a WORK."""
        model, kind, *rest = text.split(":")
        if kind == "train":
            return self.train
        network, target = self.networks[model], self.targets[model]
        if kind in ("eager", "frozen", "onednn"):
            what, name = rest
            if what == "batch":
                batch = self.inputs[name]
                graph = self.forward(model, kind, batch)
                return lambda: graph(batch)
            graph = self.forward(model, kind, self.inputs[name][:1])
            return lambda: graph(self.image(name))
        (name,) = rest
        key = model, kind, torch.get_num_threads()
        if key not in self.compiled:
            example, method = self.inputs[name][:1], METHODS[kind]
            self.compiled[key] = fastest(
                [lambda layout=layout: in_layout(method, network, target, example, layout) for layout in LAYOUTS]
            )
        method = self.compiled[key]
        return lambda: method(self.image(name))

    def answer(self, text, first=0):
        self.next = int(first)
        return {"answer": self.work(text)().flatten().tolist()}

    def time(self, text, count):
        act = self.work(text)
        began = time.perf_counter()
        for _ in range(int(count)):
            act()
        return {"ms": 1000 * (time.perf_counter() - began)}


LAYOUTS = (torch.contiguous_format, torch.channels_last)


def fastest(makers, run=lambda made: made()):
    """What runs fastest of what the makers make. A graph's executor settles within some calls."""
    best, least = None, float("inf")
    for make in makers:
        made = make()
        for _ in range(4):
            run(made)
        for _ in range(5):
            began = time.perf_counter()
            run(made)
            took = time.perf_counter() - began
            if took < least:
                best, least = made, took
    return best


def compiled(network, flavour, example, layout):
    """A function of a batch (of the example, where none is given)."""
    network = copy.deepcopy(network).to(memory_format=layout)
    example = example.contiguous(memory_format=layout)
    with torch.inference_mode(flavour == "eager"), torch.no_grad():
        graph = network if flavour == "eager" else torch.jit.freeze(torch.jit.trace(network, example))
        if flavour == "onednn":
            graph = torch.jit.optimize_for_inference(graph)

    def forward(batch=example):
        with torch.inference_mode():
            return graph(batch.contiguous(memory_format=layout))

    return forward


def in_onednn(network, example):
    """Every layer in oneDNN's own tensors, without a graph."""
    network = mkldnn.to_mkldnn(copy.deepcopy(network))

    def forward(batch=example):
        with torch.no_grad():
            return network(batch.to_mkldnn()).to_dense()

    return forward


def type_of(layer):
    """A fresh layer of the same sizes."""
    if isinstance(layer, nn.Conv2d):
        return nn.Conv2d(layer.in_channels, layer.out_channels, layer.kernel_size, padding=layer.padding)
    if isinstance(layer, nn.Linear):
        return nn.Linear(layer.in_features, layer.out_features)
    return layer


def in_layout(method, network, target, example, layout):
    """A method (network, image, target) as a function of the image (of the example, where none is given)."""
    network = copy.deepcopy(network).to(memory_format=layout)
    return lambda image=example: method(network, image.clone().contiguous(memory_format=layout), target)


def gradient(network, x, target):
    x.requires_grad_()
    return torch.autograd.grad(network(x)[0, target], x)[0]


def integrated_gradients(network, x, target):
    return IntegratedGradients(network).attribute(x, 0, target, n_steps=50, internal_batch_size=50)


def smoothgrad(network, x, target):
    deviation = 0.1 * float(x.max() - x.min())
    return NoiseTunnel(Saliency(network)).attribute(
        x, nt_type="smoothgrad", nt_samples=50, nt_samples_batch_size=50, stdevs=deviation, target=target, abs=False
    )


def occlusion(network, x, target):
    with torch.inference_mode():
        return Occlusion(network).attribute(x, (1, 4, 4), (1, 1, 1), 0, target, perturbations_per_eval=PER_EVALUATION)


def relevance(network, x, target):
    x.requires_grad_()
    with composites.EpsilonGammaBox(low=0.0, high=1.0).context(network) as modified:
        logits = modified(x)
        seed = torch.zeros_like(logits)
        seed[0, target] = logits[0, target].detach()
        return torch.autograd.grad(logits, x, seed)[0]


METHODS = {
    "gradient": gradient,
    "integrated_gradients": integrated_gradients,
    "smoothgrad": smoothgrad,
    "occlusion": occlusion,
    "epsilon_gamma_box": relevance,
}


def main():
    peer = Peer()
    commands = {
        "open": peer.open,
        "input": peer.input,
        "training": peer.take_training,
        "threads": peer.threads,
        "versions": peer.versions,
        "answer": peer.answer,
        "time": peer.time,
    }
    for line in sys.stdin:
        command, *words = line.split()
        try:
            answer = commands[command](*words)
        except Exception as error:  # the other side decides what a failure means
            answer = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
