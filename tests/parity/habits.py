"""References for the presets `compat=captum` and `compat=zennit`: these libraries as they come.

innvestigate needs a TensorFlow of 2020 and is not run; see README.md.
"""

import copy
from unittest import mock

import torch
from captum.attr import LRP, IntegratedGradients, NoiseTunnel, Saliency
from captum.attr._utils import lrp_rules
from torch import nn

import relevance
from cases import Case


def captum_lrp(network, inputs, targets, rule):
    """captum's LRP with one rule on every layer with weights, its epsilon rule on all other layers.

    captum knows neither the subclass of Conv2d for uneven padding nor Flatten and sums: they get the rule by hand.
    """
    network = copy.deepcopy(network)
    for module in network.children():
        if isinstance(module, (nn.Conv2d, nn.Linear)):
            module.rule = rule()
        elif not isinstance(module, (nn.ReLU, nn.Dropout)):
            module.rule = lrp_rules.EpsilonRule()
    return LRP(network).attribute(inputs.clone(), target=targets).detach()


def noise_tunnel(network, inputs, targets, noise, variant):
    """captum's NoiseTunnel around Saliency, both as they come, but for noise (n, C, H, W) instead of its own."""

    def normal(_, deviations):
        assert (deviations == 1).all()
        return noise.to(deviations).repeat(len(deviations) // len(noise), 1, 1, 1)

    with mock.patch("torch.normal", normal):
        return (
            NoiseTunnel(Saliency(network))
            .attribute(inputs.clone(), nt_type=variant, nt_samples=len(noise), target=targets)
            .detach()
        )


def zennit_one(subject, composite, low=0.0, high=1.0):
    chosen = relevance.composite_named(composite, low, high)
    return relevance.backward(subject.merged, chosen, subject.inputs, subject.targets, torch.ones_like)


def stored_cases(low, high):
    """Those that goldens are made of."""
    for suffix, parameters, rule in (
        ("", {}, lrp_rules.EpsilonRule),
        ("_gamma", {"rule": "gamma"}, lrp_rules.GammaRule),
        ("_z_plus", {"rule": "z_plus"}, lrp_rules.Alpha1_Beta0_Rule),
    ):
        yield Case(
            f"lrp_captum{suffix}",
            "lrp",
            lambda subject, compat, rule=None, of=rule: captum_lrp(subject.merged, subject.inputs, subject.targets, of),
            {"compat": "captum", **parameters},
        )
    for ours, theirs in {"plain": "smoothgrad", "squared": "smoothgrad_sq", "variance": "vargrad"}.items():
        yield Case(
            f"smoothgrad_captum_{ours}",
            "smoothgrad",
            lambda subject, compat, variant, of=theirs: noise_tunnel(
                subject.plain, subject.inputs, subject.targets, subject.noise, of
            ),
            {"compat": "captum", "variant": ours},
            {"noise": "noise.npy"},
        )
    yield Case("lrp_zennit", "lrp", lambda subject, compat: zennit_one(subject, "epsilon_plus"), {"compat": "zennit"})

    def deep_taylor(subject, compat, low, high):
        chosen = relevance.first_then("z_box", "z_plus", low, high)
        return relevance.backward(subject.merged, chosen, subject.inputs, subject.targets, torch.ones_like)

    yield Case("deep_taylor_zennit", "deep_taylor", deep_taylor, {"compat": "zennit", "low": low, "high": high})


def all_cases(low, high):
    """These, and what fresh.py asks for besides."""
    yield from stored_cases(low, high)
    yield Case(
        "gradient_captum",
        "gradient",
        lambda subject, compat: Saliency(subject.plain).attribute(subject.inputs.clone(), target=subject.targets),
        {"compat": "captum"},
    )

    def trapezoid(subject, compat, quadrature, points):
        return IntegratedGradients(subject.plain).attribute(
            subject.inputs, 0, subject.targets, n_steps=points, method="riemann_trapezoid"
        )

    yield Case(
        "integrated_gradients_captum",
        "integrated_gradients",
        trapezoid,
        {"compat": "captum", "quadrature": "trapezoid", "points": 20},
    )

    def composite(subject, compat, composite, low=0.0, high=1.0):
        return zennit_one(subject, composite, low, high)

    for name in ("epsilon_gamma_box", "epsilon_alpha2_beta1_flat"):
        box = {"low": low, "high": high} if name == "epsilon_gamma_box" else {}
        yield Case(f"lrp_zennit_{name}", "lrp", composite, {"compat": "zennit", "composite": name, **box})
