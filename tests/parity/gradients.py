"""References that captum defines: gradients, paths, DeepLIFT, occlusion, class activation maps.

Every function takes a torch network (its own precision), inputs (N, C, H, W) and targets (N,), and returns
attributions shaped like the inputs, or (N, 1, H, W) where the method has one map for all channels.
"""

import warnings

import torch
from captum.attr import (
    Deconvolution,
    DeepLift,
    GuidedBackprop,
    InputXGradient,
    IntegratedGradients,
    LayerAttribution,
    LayerGradCam,
    Occlusion,
    Saliency,
)
from captum.attr._core import deep_lift as captum_deep_lift
from torch import nn
from torch.nn import functional

warnings.filterwarnings("ignore", message="Setting forward, backward hooks")
warnings.filterwarnings("ignore", message="Setting backward hooks")
warnings.filterwarnings("ignore", message="Input Tensor 0 did not already require gradients")


def gradient(network, inputs, targets):
    """∂f_t/∂x with its sign; captum's default would take the absolute value."""
    return Saliency(network).attribute(inputs.clone(), target=targets, abs=False)


def input_x_gradient(network, inputs, targets):
    return InputXGradient(network).attribute(inputs.clone(), target=targets)


def guided_backprop(network, inputs, targets):
    return GuidedBackprop(network).attribute(inputs.clone(), target=targets)


def deconvnet(network, inputs, targets):
    return Deconvolution(network).attribute(inputs.clone(), target=targets)


def integrated_gradients(network, inputs, targets, points, quadrature):
    """Baseline 0. captum's trapezoid weights sum to (n − 1)/n; here they are divided by that sum."""
    method = {"gauss_legendre": "gausslegendre", "trapezoid": "riemann_trapezoid"}.get(quadrature, quadrature)
    result = IntegratedGradients(network).attribute(inputs, 0, targets, n_steps=points, method=method)
    return result * points / (points - 1) if quadrature == "trapezoid" else result


def smoothgrad(network, inputs, targets, noise, variant="plain"):
    """Over noise (n, C, H, W) that was drawn before, the same for every input: E[g], E[g²] or E[g²] − E[g]², as
    captum's NoiseTunnel."""
    gradients = torch.stack([gradient(network, inputs + sample, targets).double() for sample in noise])
    mean, square = gradients.mean(0), gradients.square().mean(0)
    return {"plain": mean, "squared": square, "variance": square - mean.square()}[variant]


def expected_gradients(network, inputs, targets, baselines, alphas):
    """Mean over s of (x − b_s) ⊙ ∇f(b_s + α_s·(x − b_s)): captum's GradientShap with its draws replayed."""
    parts = [
        (inputs - baseline) * gradient(network, baseline + alpha * (inputs - baseline), targets)
        for baseline, alpha in zip(baselines, alphas)
    ]
    return torch.stack(parts).mean(0)


def occlusion(network, inputs, targets, window, stride):
    """Fill 0; a window spans all channels, so their maps are equal and one is kept."""
    channels = inputs.shape[1]
    result = Occlusion(network).attribute(inputs, (channels, window, window), (channels, stride, stride), 0, targets)
    return result[:, :1]


def grad_cam(network, inputs, targets, layer, relu):
    """At the output of the named module, enlarged bilinearly with half-pixel centres (align_corners=False)."""
    cam = LayerGradCam(network, getattr(network, layer))
    result = cam.attribute(inputs.clone(), targets, relu_attributions=relu)
    return LayerAttribution.interpolate(result, inputs.shape[2:], "bilinear").detach()


def unpool_adding(values, indices, kernel_size, stride, padding, output_size):
    """functional.max_unpool2d, but positions that win in several windows receive the sum.

    torch's keeps only one of them, which makes captum's DeepLIFT wrong for overlapping windows.
    """
    flat = torch.zeros(*output_size[:2], output_size[2] * output_size[3], dtype=values.dtype)
    return flat.scatter_add_(2, indices.flatten(2), values.flatten(2)).reshape(output_size)


def max_pool_rescale(*arguments, **options):
    return captum_deep_lift.maxpool(arguments[0], functional.max_pool2d, unpool_adding, *arguments[1:], **options)


def deeplift(network, inputs, targets, baselines, adding=True):
    """Rescale rule, one sample at a time, because captum mixes the samples of a batch at max pools."""
    known = captum_deep_lift.SUPPORTED_NON_LINEAR
    plain = known[nn.MaxPool2d]
    known[nn.MaxPool2d] = max_pool_rescale if adding else plain
    try:
        parts = [
            DeepLift(network).attribute(inputs[i : i + 1].clone(), baselines[i : i + 1], int(targets[i]))
            for i in range(len(inputs))
        ]
    finally:
        known[nn.MaxPool2d] = plain
    return torch.cat(parts).detach()


def deep_shap(network, inputs, targets, baselines):
    """Mean of DeepLIFT over the baselines, which is what captum's DeepLiftShap defines."""
    return torch.stack([deeplift(network, inputs, targets, baseline.expand_as(inputs)) for baseline in baselines]).mean(
        0
    )
