"""References for targets that are no class logit: probabilities, contrasts, and the units, channels and norms of
layers.

A target becomes a torch network that ends in it: the part of the network that the target depends on, with one number
per input behind it. What captum explains is then output 0. Relevance is seeded at the layer itself with what the target
is made of, as pellucid's `seed: value` says.
"""

import torch
from torch import nn

import gradients
import onnx_network
import relevance
from cases import Case


def below(path, layer, merge_batch_norm):
    """The part of an ONNX file's network that a node depends on, ending in that node; `None` means the logits."""
    network = onnx_network.load(path)
    if layer is not None:
        writers = {writes: (name, reads) for name, reads, writes in network.steps}
        needed, open_values = set(), [writes for name, _, writes in network.steps if name == layer]
        while open_values:
            name, reads = writers[open_values.pop()]
            if name not in needed:
                needed.add(name)
                open_values += [read for read in reads if read in writers]
        for name, _, _ in network.steps:
            if name not in needed:
                delattr(network, name)
        network.steps = [step for step in network.steps if step[0] in needed]
    return onnx_network.merge(network) if merge_batch_norm else network


def parsed(text):
    """(kind, layer or None, numbers) of a target's text."""
    kind, _, rest = text.partition(":")
    if kind in ("neuron", "channel"):
        layer, _, place = rest.rpartition("/")
        return kind, layer, [int(number) for number in place.split(",")]
    if kind == "norm":
        return kind, rest, []
    return kind, None, [int(number) for number in rest.split("-")] if rest else []


def channels_last(values):
    """A layer's output (N, C, H, W) or (N, C) as (N, H, W, C)."""
    return values.movedim(1, -1) if values.ndim == 4 else values[:, None, None]


class Chosen(nn.Module):
    """The network with the target's value as its one output, (N, 1)."""

    def __init__(self, network, text):
        super().__init__()
        self.network = network
        self.kind, _, self.numbers = parsed(text)
        self.softmax = nn.Softmax(1)  # a module, because captum's DeepLIFT hooks modules

    def forward(self, input):
        values = self.network(input)
        if self.kind == "class":
            return values[:, self.numbers[0], None]
        if self.kind == "prob":
            return self.softmax(values)[:, self.numbers[0], None]
        if self.kind == "contrast":
            return (values[:, self.numbers[0]] - values[:, self.numbers[1]])[:, None]
        values = channels_last(values)
        if self.kind == "neuron":
            channel, row, column = self.numbers
            return values[:, row, column, channel, None]
        if self.kind == "channel":
            return values[..., self.numbers[0]].flatten(1).sum(1, keepdim=True)
        return values.flatten(1).square().sum(1, keepdim=True)

    def relevance(self, values):
        """What relevance starts with, shaped as the network's output: sums to the target's value."""
        start = torch.zeros_like(values)
        if self.kind in ("class", "prob", "contrast"):
            shown = values.softmax(1) if self.kind == "prob" else values
            start[:, self.numbers[0]] = shown[:, self.numbers[0]]
            if self.kind == "contrast":
                start[:, self.numbers[1]] = -values[:, self.numbers[1]]
            return start
        place = channels_last(start)
        shown = channels_last(values)
        if self.kind == "neuron":
            channel, row, column = self.numbers
            place[:, row, column, channel] = shown[:, row, column, channel]
        elif self.kind == "channel":
            place[..., self.numbers[0]] = shown[..., self.numbers[0]]
        else:
            place[...] = shown.square()
        return start


class TargetSubject:
    """A target of a network and what it is asked with; in the form that generate.shaken_answers takes."""

    def __init__(self, path, text, inputs):
        _, layer, _ = parsed(text)
        self.plain = Chosen(below(path, layer, False), text).double().eval()
        self.merged = Chosen(below(path, layer, True), text).double().eval()
        self.inputs = inputs.double()
        self.targets = torch.zeros(len(inputs), dtype=torch.long)

    def as_single(self):
        single = TargetSubject.__new__(TargetSubject)
        single.plain, single.merged, single.targets = self.plain.float(), self.merged.float(), self.targets
        single.inputs = self.inputs.float()
        return single


def propagated(subject, **options):
    """zennit's relevance from the target's units down."""
    low, high = options.get("low", 0.0), options.get("high", 1.0)
    composite = (
        relevance.single_rule(options["rule"], low, high)
        if "rule" in options
        else relevance.composite_named(options["composite"], low, high)
    )
    chosen = subject.merged
    inputs = subject.inputs.clone().requires_grad_()
    with composite.context(chosen.network) as modified:
        values = modified(inputs)
        (result,) = torch.autograd.grad(values, inputs, chosen.relevance(values.detach()))
    return result.detach()


def on_plain(function):
    return lambda subject, **given: function(subject.plain, subject.inputs, subject.targets, **given)


def cases():
    """What can be asked of any target."""
    yield Case("gradient", "gradient", on_plain(gradients.gradient))
    yield Case("input_x_gradient", "input_x_gradient", on_plain(gradients.input_x_gradient))
    yield Case(
        "integrated_gradients",
        "integrated_gradients",
        on_plain(gradients.integrated_gradients),
        {"points": 12, "quadrature": "gauss_legendre"},
    )
    yield Case("guided_backprop", "guided_backprop", on_plain(gradients.guided_backprop))
    yield Case("deconvnet", "deconvnet", on_plain(gradients.deconvnet))
    yield Case("occlusion_5_3", "occlusion", on_plain(gradients.occlusion), {"window": 5, "stride": 3})
    for composite in ("epsilon_plus", "epsilon_gamma_box", "epsilon_alpha2_beta1_flat"):
        yield Case(f"lrp_{composite}", "lrp", propagated, {"composite": composite})
    yield Case("lrp_rule_epsilon", "lrp", propagated, {"rule": "epsilon"})

    def deeplift(subject, compat):
        return gradients.deeplift(subject.plain, subject.inputs, subject.targets, 0 * subject.inputs)

    yield Case("deeplift_captum", "deeplift", deeplift, {"compat": "captum"})


def answers(case, text):
    """Whether a case's reference means the same by that target: captum's DeepLIFT takes the gradient of a norm."""
    return case.method != "deeplift" or parsed(text)[0] != "norm"


def all_of(path, random):
    """A class, a probability, a contrast, and of every layer a unit, a channel and the norm, chosen at random."""
    network = onnx_network.load(path)
    height, width, channels = onnx_network.input_shape(path)
    values = {network.input_name: torch.zeros(1, channels, height, width).double()}
    shapes = {}
    for name, reads, writes in network.steps:
        arguments = [values[read] for read in reads]
        module = getattr(network, name)
        values[writes] = module(torch.stack(arguments, -1) if len(arguments) > 1 else arguments[0])
        shapes[name] = channels_last(values[writes]).shape[1:]
    classes = values[network.steps[-1][2]].shape[1]
    first, second = random.permutation(classes)[:2]
    texts = [f"class:{first}", f"prob:{first}", f"contrast:{first}-{second}"]
    for name, shape in shapes.items():
        row, column, channel = (int(random.integers(size)) for size in shape)
        texts.append(f"norm:{name}")
        if isinstance(getattr(network, name), nn.Flatten):
            continue  # pellucid numbers its units by rows, columns, channels; ONNX by channels, rows, columns
        texts.append(f"neuron:{name}/{channel},{row},{column}")
        texts.append(f"channel:{name}/{channel}")
    return texts
