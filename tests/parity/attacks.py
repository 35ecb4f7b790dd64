"""References that foolbox defines: attacks inside the box [0, 1], returned as adversarial images."""

import warnings

import torch
from torch import nn

warnings.filterwarnings("ignore", category=DeprecationWarning, module="foolbox")
import foolbox  # noqa: E402
from foolbox.criteria import TargetedMisclassification  # noqa: E402


class LogitsInDouble(nn.Module):
    """Hands the logits on in double precision.

    The cross-entropy of a sure answer has the gradient p_t − 1 at the target, which is exactly 0 in single precision
    from p_t ≈ 1 − 6e-8 on; the attack would then step in another direction. −Σ of the other probabilities is safe.
    """

    def __init__(self, network):
        super().__init__()
        self.network = network

    def forward(self, input):
        return self.network(input).double()


def run(attack, network, inputs, goal, epsilon):
    """The attack's raw result at this epsilon (None for attacks that look for the smallest change)."""
    model = foolbox.PyTorchModel(network, bounds=(0, 1))
    raw, _, _ = attack(model, inputs, goal, epsilons=epsilon)
    return raw.detach()


def fgsm(network, inputs, targets, epsilon):
    return run(foolbox.attacks.LinfFastGradientAttack(), LogitsInDouble(network).eval(), inputs, targets, epsilon)


def pgd(network, inputs, targets, epsilon, step_size, steps, norm="linf", targeted=False, random_start=False):
    """Away from the target class, or towards it if `targeted`; no random start."""
    if random_start:
        raise ValueError("a random start cannot be compared")
    attacks = {
        "linf": foolbox.attacks.LinfProjectedGradientDescentAttack,
        "l2": foolbox.attacks.L2ProjectedGradientDescentAttack,
    }
    attack = attacks[norm](abs_stepsize=step_size, steps=steps, random_start=False)
    goal = TargetedMisclassification(targets) if targeted else targets
    return run(attack, LogitsInDouble(network).eval(), inputs, goal, epsilon)


def deepfool(network, inputs, targets, steps, overshoot):
    """L2, over all classes, on the logits."""
    attack = foolbox.attacks.L2DeepFoolAttack(steps=steps, candidates=None, overshoot=overshoot, loss="logits")
    return run(attack, network, inputs, targets, None)
