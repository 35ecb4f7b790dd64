/// fgsm: one step of size ε along the sign of the loss's gradient. Goodfellow et al. 2015.
///
///   x' = clip(x + ε·sign(∂L/∂x)) to the network's input range; L: the loss of its head (nn/head.hpp); the other way where
///   targeted; sign(0) = 0. |x' − x| ≤ ε to the last bit.
/// Shapes: map = the adversarial images, as the input. Cost: two forward passes and a backward pass.
#include "pellucid/methods/adversarial/attack.hpp"

namespace pellucid::methods {

namespace {

struct FgsmParams {
    AttackParams attack;
};

void describe(Fields& f, FgsmParams& p) {
    describe_epsilon(f, p.attack);
    describe_targeted(f, p.attack);
}

Result run_fgsm(const Request& request, const FgsmParams& p) {
    const Attacked classes = attacked(request);
    const bool targeted = p.attack.targeted;
    const Tensor direction = attack_direction(request.explainer.plain(), request.input, classes, targeted);
    const double epsilon = p.attack.epsilon;
    const Bounds bounds(request.input, request.explainer.network(), epsilon);
    Tensor adversarial(request.input.shape());
    for (std::size_t i = 0; i < adversarial.size(); ++i) {
        const float d = direction.data()[i];
        const double sign = d > 0.0F ? 1.0 : d < 0.0F ? -1.0 : 0.0;
        adversarial.data()[i] = bounds.nearest(i, static_cast<double>(request.input.data()[i]) + epsilon * sign);
    }
    return attack_result(request, adversarial, classes, targeted);
}

}  // namespace

Method fgsm() {
    return define<FgsmParams, run_fgsm>(
        {.id = "fgsm",
         .family = "adversarial",
         .title = "Fast gradient sign",
         .question = "Can one small step on every pixel change the answer?",
         .formula = R"(x' = \mathrm{clip}\big(x + \varepsilon\,\mathrm{sign}(\nabla_x L(x, t))\big))",
         .reference = {"Goodfellow, Shlens, Szegedy", "Explaining and Harnessing Adversarial Examples", 2015, "ICLR"},
         .targets = {TargetKind::logit, TargetKind::predicted},
         .outputs = attack_outputs(),
         .caveat = "A failure proves nothing: a stronger attack may still succeed within the same ε."});
}

}  // namespace pellucid::methods
