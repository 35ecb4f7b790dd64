/// fgsm: one step of size ε along the sign of the loss's gradient. Goodfellow et al. 2015.
///
///   x' = clip(x + ε·sign(∂L/∂x), 0, 1), L = −log softmax(logits)[class]; the other way where targeted; sign(0) = 0.
/// Shapes: map = the adversarial images, as the input. Cost: two forward passes and a backward pass.
#include "pellucid/methods/adversarial/attack.hpp"

#include <algorithm>

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
    const std::vector<std::size_t> classes = attacked_classes(request);
    const bool targeted = p.attack.targeted;
    const Tensor direction = attack_direction(request.explainer.plain(), request.input, classes, targeted);
    const float epsilon = p.attack.epsilon;
    Tensor adversarial(request.input.shape());
    for (std::size_t i = 0; i < adversarial.size(); ++i) {
        const float d = direction.data()[i];
        const float sign = d > 0.0F ? 1.0F : d < 0.0F ? -1.0F : 0.0F;
        adversarial.data()[i] = std::clamp(request.input.data()[i] + epsilon * sign, 0.0F, 1.0F);
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
