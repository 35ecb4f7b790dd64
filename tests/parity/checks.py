"""What must hold of the references themselves, checked before anything is written."""

import onnx.reference
import torch
from torch import nn

import gradients


def near(found, expected, bound, what):
    """Fails where the two differ by more than `bound` of the largest expected magnitude."""
    error = (found - expected).abs().max() / expected.abs().max()
    if not error <= bound:
        raise AssertionError(f"{what}: off by {error:.3g} of the largest value, allowed {bound:g}")


def sums(attribution):
    return attribution.flatten(1).sum(1)


def chosen(network, inputs, targets):
    return network(inputs).gather(1, targets[:, None])[:, 0]


def occlusion_by_hand(network, inputs, targets, window, stride):
    """Mean, over the windows that cover a pixel, of what hiding the window takes from the target."""
    height, width = inputs.shape[2:]
    total, cover = torch.zeros_like(inputs[:, :1]), torch.zeros_like(inputs[:, :1])
    tops, lefts = ([i * stride for i in range(-(-(size - window) // stride) + 1)] for size in (height, width))
    for top in tops:
        for left in lefts:
            hidden = inputs.clone()
            hidden[:, :, top : top + window, left : left + window] = 0
            change = chosen(network, inputs, targets) - chosen(network, hidden, targets)
            total[:, :, top : top + window, left : left + window] += change[:, None, None, None]
            cover[:, :, top : top + window, left : left + window] += 1
    return total / cover


def check(path, subject):
    """Raises AssertionError that says which property fails."""
    plain, merged, inputs, targets = subject.plain, subject.merged, subject.inputs, subject.targets
    stored = onnx.load(path)
    feed = {stored.graph.input[0].name: inputs.float().numpy()}
    ends_in_softmax = stored.graph.node[-1].op_type == "Softmax"
    logits = plain(inputs)
    official = torch.from_numpy(onnx.reference.ReferenceEvaluator(stored).run(None, feed)[0]).double()
    near(logits.softmax(1) if ends_in_softmax else logits, official, 1e-5, "logits against ONNX's own evaluator")
    near(merged(inputs), logits, 1e-12, "logits after merging BatchNorm")
    near(
        gradients.gradient(merged, inputs, targets),
        gradients.gradient(plain, inputs, targets),
        1e-10,
        "gradient after merging BatchNorm",
    )
    difference = chosen(plain, inputs, targets) - chosen(plain, 0 * inputs, targets)
    deeplift = gradients.deeplift(plain, inputs, targets, 0 * inputs)
    near(sums(deeplift), difference, 1e-8, "DeepLIFT's sum")
    if all(module.kernel_size == module.stride for module in plain.children() if isinstance(module, nn.MaxPool2d)):
        near(
            deeplift, gradients.deeplift(plain, inputs, targets, 0 * inputs, adding=False), 1e-10, "captum's own unpool"
        )
    path_sum = gradients.integrated_gradients(plain, inputs, targets, 200, "gauss_legendre")
    near(sums(path_sum), difference, 1e-2, "integrated gradients' sum")
    near(
        gradients.occlusion(plain, inputs, targets, 5, 3),
        occlusion_by_hand(plain, inputs, targets, 5, 3),
        1e-6,
        "occlusion",
    )
