/// fgsm: one step of size ε along the sign of the loss's gradient. Goodfellow et al. 2015.
///
///   x' = clip(x + ε·sign(∂L/∂x)) to the network's input range
/// L: the loss of its head (nn/head.hpp); the other way where targeted; sign(0) = 0. |x' − x| ≤ ε to the last bit.
/// Shapes: map = the adversarial images, as the input. Cost: three forward passes and a backward pass.
#include "pellucid/methods/adversarial/climb.hpp"

namespace pellucid::methods {

namespace {

struct FgsmParams {
    double epsilon = 0.1;
    bool targeted = false;
};

void describe(Fields& f, FgsmParams& p) {
    describe_epsilon(f, p.epsilon, "largest change of a pixel");
    describe_targeted(f, p.targeted);
}

Result run_fgsm(const Request& request, const FgsmParams& p) {
    check_epsilon(p.epsilon, Norm::linf, request.explainer.network());
    const Attacked as = attacked(request, p.targeted);
    Victim victim(request.explainer.network());
    Climb climb(victim, request.input, as, {}, p.epsilon, p.epsilon);
    climb.step();
    return attack_result(request, climb.place(), as);
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
