"""Reads the part of ONNX that pellucid speaks into a torch module whose submodules are named like the nodes.

Every operator becomes a module of its own (an Add is a zennit `Sum`), because captum and zennit hook modules.
An operator or attribute that is not understood is an error, never skipped.
"""

import numpy as np
import onnx
import torch
from onnx import numpy_helper
from torch import nn
from torch.nn import functional

import torchvision_stub  # noqa: F401  (zennit imports torchvision)
from zennit.layer import Sum


class UnevenPadding(nn.Conv2d):
    """A Conv2d with its own padding on each side (left, right, top, bottom), which torch's lacks."""

    def __init__(self, *arguments, sides, **options):
        super().__init__(*arguments, **options)
        self.sides = sides

    def forward(self, input):
        return super().forward(functional.pad(input, self.sides))


class Network(nn.Module):
    """The graph: `steps` lists (module name, names of the values it reads, name of the value it writes)."""

    def __init__(self, input_name, steps, modules):
        super().__init__()
        self.input_name = input_name
        self.separate = True
        self.steps = steps
        for name, module in modules:
            self.add_module(name, module)

    def forward(self, input):
        values = {self.input_name: input}
        for name, reads, writes in self.steps:
            module = getattr(self, name)
            arguments = [values[read] for read in reads]
            values[writes] = module(
                torch.stack(arguments, -1) if isinstance(module, Sum) else self.pass_on(arguments[0])
            )
        return values[self.steps[-1][2]]

    def pass_on(self, value):
        """A copy for the next module, so that hooks on its input and on the last module's output do not share a tensor.

        captum's DeepLIFT needs that: where they share one, a ReLU reads the gradient that its successor's hook has not
        yet replaced, and the rule of a max pool right behind a ReLU is lost.
        """
        return value.clone() if self.separate else value


def load(path, merge_batch_norm=False):
    """The torch module of an ONNX file, double precision, evaluation mode, ending in logits.

    A closing Softmax is left off, since targets are logits. With `merge_batch_norm`, each BatchNormalization is folded
    into the Conv or Gemm before it and disappears.
    """
    graph = onnx.load(path).graph
    weights = {tensor.name: torch.from_numpy(np.array(numpy_helper.to_array(tensor))) for tensor in graph.initializer}
    inputs = [value.name for value in graph.input if value.name not in weights]
    if len(inputs) != 1:
        raise ValueError(f"{path}: one input expected, found {inputs}")
    nodes = list(graph.node)
    if nodes[-1].op_type == "Softmax":
        nodes.pop()
    steps, modules = [], []
    for node in nodes:
        if not node.name or "." in node.name:
            raise ValueError(f"{path}: node {node.name!r} ({node.op_type}) needs a name without dots")
        modules.append((node.name, module_of(node, weights)))
        steps.append((node.name, [name for name in node.input if name and name not in weights], node.output[0]))
    network = Network(inputs[0], steps, modules).double().eval()
    for parameter in network.parameters():
        parameter.requires_grad_(False)
    return merge(network) if merge_batch_norm else network


def input_shape(path):
    """(H, W, C) of the one input of an ONNX file."""
    graph = onnx.load(path).graph
    stored = {tensor.name for tensor in graph.initializer}
    value = next(value for value in graph.input if value.name not in stored)
    _, channels, height, width = (axis.dim_value for axis in value.type.tensor_type.shape.dim)
    return height, width, channels


def attributes_of(node, **defaults):
    """A node's attributes over their defaults; one that is not among the defaults is refused."""
    found = {attribute.name: onnx.helper.get_attribute_value(attribute) for attribute in node.attribute}
    unknown = set(found) - set(defaults)
    if unknown:
        raise ValueError(f"{node.name} ({node.op_type}): attributes {sorted(unknown)} are not understood")
    return {**defaults, **found}


def module_of(node, weights):
    """The torch module that does what one ONNX node says."""
    makers = {
        "Conv": conv,
        "Gemm": gemm,
        "BatchNormalization": batch_norm,
        "MaxPool": max_pool,
        "AveragePool": average_pool,
        "Relu": lambda node, weights: nn.ReLU(),
        "GlobalAveragePool": lambda node, weights: nn.AdaptiveAvgPool2d(1),
        "Flatten": lambda node, weights: nn.Flatten(attributes_of(node, axis=1)["axis"]),
        "Dropout": lambda node, weights: nn.Dropout(),
        "Add": lambda node, weights: Sum(),
        "Softmax": lambda node, weights: nn.Softmax(attributes_of(node, axis=-1)["axis"]),
    }
    if node.op_type not in makers:
        raise ValueError(f"{node.name}: operator {node.op_type} is not understood")
    if node.op_type == "Add" and any(name in weights for name in node.input):
        raise ValueError(f"{node.name}: Add of a stored array is not understood")
    return makers[node.op_type](node, weights)


def sides_of(node, pads):
    """ONNX pads (top, left, bottom, right) as torch's functional.pad wants them."""
    if len(pads) != 4:
        raise ValueError(f"{node.name}: pads {pads} are not two-dimensional")
    top, left, bottom, right = pads
    return left, right, top, bottom


def even_padding(node, pads):
    """ONNX pads as torch's (rows, columns), for the modules that know no uneven padding."""
    left, right, top, bottom = sides_of(node, pads)
    if left != right or top != bottom:
        raise ValueError(f"{node.name}: {node.op_type} with uneven padding {pads} is not understood")
    return top, left


def require(node, value, expected, what):
    """Refuses an attribute that has another value than the one that is understood."""
    if value != expected:
        raise ValueError(f"{node.name} ({node.op_type}): {what} = {value}, understood is {expected}")


def conv(node, weights):
    weight = weights[node.input[1]]
    options = attributes_of(
        node,
        auto_pad=b"NOTSET",
        dilations=[1, 1],
        group=1,
        kernel_shape=list(weight.shape[2:]),
        pads=[0, 0, 0, 0],
        strides=[1, 1],
    )
    require(node, options["auto_pad"], b"NOTSET", "auto_pad")
    require(node, options["dilations"], [1, 1], "dilations")
    require(node, options["group"], 1, "group")
    outputs, inputs, *kernel = weight.shape
    sides = sides_of(node, options["pads"])
    has_bias = len(node.input) > 2
    module = UnevenPadding(inputs, outputs, kernel, stride=options["strides"], bias=has_bias, sides=sides)
    if sides[0] == sides[1] and sides[2] == sides[3]:
        module = nn.Conv2d(
            inputs, outputs, kernel, stride=options["strides"], padding=(sides[2], sides[0]), bias=has_bias
        )
    module.weight.data = weight
    if has_bias:
        module.bias.data = weights[node.input[2]]
    return module


def gemm(node, weights):
    options = attributes_of(node, alpha=1.0, beta=1.0, transA=0, transB=0)
    require(node, options["transA"], 0, "transA")
    weight = weights[node.input[1]] * options["alpha"]
    weight = weight if options["transB"] else weight.T.contiguous()
    module = nn.Linear(weight.shape[1], weight.shape[0], bias=len(node.input) > 2)
    module.weight.data = weight
    if len(node.input) > 2:
        module.bias.data = weights[node.input[2]] * options["beta"]
    return module


def batch_norm(node, weights):
    options = attributes_of(node, epsilon=1e-5, momentum=0.9, training_mode=0)
    require(node, options["training_mode"], 0, "training_mode")
    scale, shift, mean, variance = (weights[name] for name in node.input[1:5])
    module = nn.BatchNorm2d(len(scale), eps=options["epsilon"])
    module.weight.data, module.bias.data = scale, shift
    module.running_mean, module.running_var = mean, variance
    return module


def max_pool(node, weights):
    options = attributes_of(
        node,
        auto_pad=b"NOTSET",
        ceil_mode=0,
        dilations=[1, 1],
        kernel_shape=None,
        pads=[0, 0, 0, 0],
        storage_order=0,
        strides=[1, 1],
    )
    require(node, options["auto_pad"], b"NOTSET", "auto_pad")
    require(node, options["dilations"], [1, 1], "dilations")
    return nn.MaxPool2d(
        tuple(options["kernel_shape"]),
        tuple(options["strides"]),
        even_padding(node, options["pads"]),
        ceil_mode=bool(options["ceil_mode"]),
    )


def average_pool(node, weights):
    options = attributes_of(
        node, auto_pad=b"NOTSET", ceil_mode=0, count_include_pad=0, kernel_shape=None, pads=[0, 0, 0, 0], strides=[1, 1]
    )
    require(node, options["auto_pad"], b"NOTSET", "auto_pad")
    return nn.AvgPool2d(
        tuple(options["kernel_shape"]),
        tuple(options["strides"]),
        even_padding(node, options["pads"]),
        ceil_mode=bool(options["ceil_mode"]),
        count_include_pad=bool(options["count_include_pad"]),
    )


def merge(network):
    """Folds each BatchNorm into the Conv or Gemm before it, which must have no other reader."""
    writers = {writes: name for name, _, writes in network.steps}
    kept, renamed = [], {}
    for name, reads, writes in network.steps:
        reads = [renamed.get(read, read) for read in reads]
        module = getattr(network, name)
        if not isinstance(module, nn.BatchNorm2d):
            kept.append((name, reads, writes))
            continue
        neighbour = getattr(network, writers.get(reads[0], ""), None)
        readers = sum(reads[0] in others for _, others, _ in network.steps)
        if not isinstance(neighbour, (nn.Conv2d, nn.Linear)) or readers != 1:
            raise ValueError(f"{name}: no Conv or Gemm before this BatchNormalization to merge it into")
        fold(neighbour, module)
        renamed[writes] = reads[0]
        delattr(network, name)
    network.steps = kept
    return network


def fold(layer, norm):
    """w' = w·γ/√(σ² + eps), b' = β + (b − μ)·γ/√(σ² + eps)."""
    factor = norm.weight / torch.sqrt(norm.running_var + norm.eps)
    bias = layer.bias if layer.bias is not None else torch.zeros_like(norm.bias)
    layer.weight.data = layer.weight * factor.reshape(-1, *[1] * (layer.weight.ndim - 1))
    layer.bias = nn.Parameter(norm.bias + (bias - norm.running_mean) * factor, requires_grad=False)
