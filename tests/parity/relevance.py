"""References that zennit defines: relevance rules and composites, seeded with the logit f_t(x)."""

import torch
from torch import nn

import torchvision_stub  # noqa: F401  (zennit imports torchvision)
from zennit import composites, rules
from zennit.types import Linear

EPSILON = 1e-6


def stabilised_only_at_zero(z):
    """The `zero` rule's denominator: z itself; zennit's ε = 0 would divide by an exact 0."""
    return torch.where(z == 0, torch.full_like(z, EPSILON), z)


def rule_named(rule, low=0.0, high=1.0):
    """zennit's rule for a rule id of pellucid."""
    return {
        "epsilon": lambda: rules.Epsilon(EPSILON),
        "zero": lambda: rules.Epsilon(stabilised_only_at_zero),
        "gamma": lambda: rules.Gamma(0.25),
        "z_plus": lambda: rules.ZPlus(),
        "alpha_beta": lambda: rules.AlphaBeta(2, 1),
        "z_box": lambda: rules.ZBox(low, high),
        "w_square": lambda: rules.WSquare(),
        "flat": lambda: rules.Flat(),
    }[rule]()


def single_rule(rule, low=0.0, high=1.0):
    """The rule on every layer with weights; `z_box`, which needs known bounds, on the first only and epsilon behind."""
    if rule == "z_box":
        return first_then("z_box", "epsilon", low, high)
    return composites.LayerMapComposite(composites.layer_map_base() + [(Linear, rule_named(rule))])


def first_then(first, rest, low=0.0, high=1.0):
    """One rule on the first layer with weights and another on those behind."""
    return composites.SpecialFirstLayerMapComposite(
        composites.layer_map_base() + [(Linear, rule_named(rest))], [(Linear, rule_named(first, low, high))]
    )


def composite_named(composite, low=0.0, high=1.0):
    """zennit's composite of the same name."""
    options = {"low": low, "high": high} if composite == "epsilon_gamma_box" else {}
    return composites.COMPOSITES[composite](**options)


def backward(network, composite, inputs, targets, seed):
    """Registers a composite and runs it; `seed` maps the targets' logits to the relevance that starts there."""
    inputs = inputs.clone().requires_grad_()
    with composite.context(network) as modified:
        logits = modified(inputs)
        chosen = nn.functional.one_hot(targets, logits.shape[1]).to(logits)
        (result,) = torch.autograd.grad(logits, inputs, chosen * seed(logits.detach()))
    return result.detach()


def lrp(network, inputs, targets, rule=None, composite=None, low=0.0, high=1.0):
    """Relevance by a single rule or by a composite; the network must have its BatchNorms merged."""
    chosen = single_rule(rule, low, high) if rule else composite_named(composite, low, high)
    return backward(network, chosen, inputs, targets, lambda logits: logits)


def deep_taylor(network, inputs, targets, low=0.0, high=1.0):
    """z_box on the first layer with weights, z_plus behind (dense layers included)."""
    return backward(network, first_then("z_box", "z_plus", low, high), inputs, targets, lambda logits: logits)


def excitation_backprop(network, inputs, targets):
    """zennit's ExcitationBackprop with the biases zeroed, seeded with 1: a probability that is handed down."""
    composite = composites.ExcitationBackprop(zero_params="bias")
    return backward(network, composite, inputs, targets, torch.ones_like)
