"""The list of cases: which method with which parameters goes into which file, and who computes it.

A case's `parameters` are pellucid's own parameter names. Its `replay` names files that the test hands over beside them;
those are written with an @ in front: see README.md.
"""

from dataclasses import dataclass, field
from typing import Callable

import attacks
import gradients
import relevance

LRP_RULES = ["epsilon", "zero", "gamma", "z_plus", "alpha_beta", "z_box", "w_square", "flat"]
LRP_COMPOSITES = [
    "epsilon_plus",
    "epsilon_plus_flat",
    "epsilon_gamma_box",
    "epsilon_alpha2_beta1",
    "epsilon_alpha2_beta1_flat",
]


@dataclass
class Case:
    """`compute(subject, **parameters)` returns (rows, C or 1, H, W)."""

    name: str
    method: str
    compute: Callable
    parameters: dict = field(default_factory=dict)
    replay: dict = field(default_factory=dict)

    def line(self, deviation):
        """This case's line of cases.txt; `deviation` is appended in the form of a replay key."""
        words = [f"{self.name}.npy", self.method]
        words += [f"{key}={written(value)}" for key, value in self.parameters.items()]
        words += [f"@{key}={written(value)}" for key, value in {**self.replay, **deviation}.items()]
        return " ".join(words)


def written(value):
    """A parameter as cases.txt has it: lower-case booleans, shortest exact numbers."""
    return str(value).lower() if isinstance(value, bool) else f"{value:g}" if isinstance(value, float) else str(value)


def on_plain(function, method, name=None, **parameters):
    """A case that runs on the network as it was loaded."""
    return Case(
        name or method,
        method,
        lambda subject, **given: function(subject.plain, subject.inputs, subject.targets, **given),
        parameters,
    )


def on_merged(function, method, name=None, **parameters):
    """A case that runs on the network with its BatchNorms merged."""
    return Case(
        name or method,
        method,
        lambda subject, **given: function(subject.merged, subject.inputs, subject.targets, **given),
        parameters,
    )


def gradient_cases():
    yield on_plain(gradients.gradient, "gradient")
    yield on_plain(gradients.input_x_gradient, "input_x_gradient")
    yield on_plain(gradients.guided_backprop, "guided_backprop")
    yield on_plain(gradients.deconvnet, "deconvnet")
    yield on_plain(gradients.integrated_gradients, "integrated_gradients", points=50, quadrature="gauss_legendre")
    for quadrature in ("riemann_left", "riemann_middle", "riemann_right", "trapezoid"):
        yield on_plain(
            gradients.integrated_gradients,
            "integrated_gradients",
            f"integrated_gradients_{quadrature}",
            points=20,
            quadrature=quadrature,
        )


def replayed_cases():
    """Methods whose random draws, or baselines, are handed over in files."""

    def smoothgrad(subject, **given):
        return gradients.smoothgrad(subject.plain, subject.inputs, subject.targets, subject.noise, **given)

    def expected_gradients(subject):
        return gradients.expected_gradients(
            subject.plain, subject.inputs, subject.targets, subject.baselines, subject.alphas
        )

    def deeplift(subject):
        return gradients.deeplift(subject.plain, subject.inputs, subject.targets, 0 * subject.inputs)

    def deep_shap(subject):
        return gradients.deep_shap(subject.plain, subject.inputs, subject.targets, subject.baselines)

    noise = {"noise": "noise.npy"}
    yield Case("smoothgrad", "smoothgrad", smoothgrad, {}, noise)
    yield Case("smoothgrad_squared", "smoothgrad", smoothgrad, {"variant": "squared"}, noise)
    yield Case("smoothgrad_variance", "smoothgrad", smoothgrad, {"variant": "variance"}, noise)
    yield Case(
        "expected_gradients",
        "expected_gradients",
        expected_gradients,
        {},
        {"baselines": "baselines.npy", "alphas": "alphas.npy"},
    )
    yield Case("deeplift", "deeplift", deeplift)
    yield Case("deep_shap", "deep_shap", deep_shap, {}, {"baselines": "baselines.npy"})


def relevance_cases(low, high):
    box = {"low": low, "high": high}
    for rule in LRP_RULES:
        yield on_merged(relevance.lrp, "lrp", f"lrp_rule_{rule}", rule=rule, **(box if rule == "z_box" else {}))
    for composite in LRP_COMPOSITES:
        yield on_merged(
            relevance.lrp,
            "lrp",
            f"lrp_{composite}",
            composite=composite,
            **(box if composite == "epsilon_gamma_box" else {}),
        )
    yield on_merged(relevance.deep_taylor, "deep_taylor", **box)
    yield on_merged(relevance.excitation_backprop, "excitation_backprop")


def map_cases(convolutions):
    yield on_plain(gradients.occlusion, "occlusion", "occlusion_4_1", window=4, stride=1)
    yield on_plain(gradients.occlusion, "occlusion", "occlusion_5_3", window=5, stride=3)
    for layer in convolutions:
        yield on_plain(gradients.grad_cam, "grad_cam", f"grad_cam_{layer}", layer=layer, relu=True)
    yield on_plain(
        gradients.grad_cam, "grad_cam", f"grad_cam_{convolutions[-1]}_signed", layer=convolutions[-1], relu=False
    )


def attack_cases():
    """Only where inputs are images in [0, 1]."""
    yield on_plain(attacks.fgsm, "fgsm", epsilon=0.1)
    yield on_plain(attacks.pgd, "pgd", epsilon=0.1, step_size=0.025, steps=10, random_start=False)
    yield on_plain(attacks.pgd, "pgd", "pgd_l2", epsilon=1.5, step_size=0.25, steps=10, random_start=False, norm="l2")

    def targeted(subject, **given):
        return attacks.pgd(subject.plain, subject.inputs, subject.others, **given)

    yield Case(
        "pgd_targeted",
        "pgd",
        targeted,
        {"epsilon": 0.1, "step_size": 0.025, "steps": 10, "random_start": False, "targeted": True},
        {"targets": "others.npy"},
    )
    yield on_plain(attacks.deepfool, "deepfool", steps=50, overshoot=0.02)


def cases_of(subject):
    """Every case of one network."""
    yield from gradient_cases()
    yield from replayed_cases()
    yield from relevance_cases(*subject.box)
    yield from map_cases(subject.convolutions)
    if subject.box == (0.0, 1.0):
        yield from attack_cases()
