/// class_gradient_step: one step along the gradient of another class's probability.
///
///   x' = clip(x + η·∂p_k/∂x) to the network's input range; k: the best answer other than the target's
///   class, or, targeted, that class. With `unit` the gradient is first brought to length 1, so that η is the length of
/// the step.
/// The plainest way to ask what would make the network see a k. Where it is sure, p_k is flat and the step comes to
/// nothing: that is why fgsm takes the sign, and of the loss.
/// Shapes: map = the changed images. Cost: two forward passes and a backward pass.
#include "pellucid/methods/adversarial/attack.hpp"

#include "pellucid/nn/head.hpp"
#include "pellucid/ops.hpp"

#include <algorithm>
#include <cmath>

namespace pellucid::methods {

namespace {

struct ClassGradientStepParams {
    float eta = 10.0F;
    bool unit = false, targeted = false;
};

void describe(Fields& f, ClassGradientStepParams& p) {
    f.real("eta", p.eta, {0, 1e9}, "η: what the gradient is multiplied by");
    f.flag("unit", p.unit, "bring the gradient to length 1 first, so that η is the length of the step");
    describe_targeted(f, p.targeted);
}

/// ∂p_k/∂z of each sample, into the rows of `seed`. Of one output alone the probability of no is 1 − p.
void probability_seeds(const Victim& victim, const Tensor& z, std::span<const std::size_t> wanted, Tensor& seed) {
    for (std::size_t n = 0; n < wanted.size(); ++n) {
        const bool alone = sample_size(z) == 1;
        const auto row = sample(seed, n);
        probability_gradient(victim.network(), sample(z, n), alone ? 0 : wanted[n], row);
        if (alone && wanted[n] == 0) row[0] = -row[0];
    }
}

Result run_class_gradient_step(const Request& request, const ClassGradientStepParams& p) {
    const Attacked as = attacked(request, p.targeted);
    Victim victim(request.explainer.network());
    const Tensor& z = victim.logits(request.input);
    Tensor seed(z.shape());
    probability_seeds(victim, z, wanted_answers(request, as), seed);
    const Tensor& gradient = victim.gradient(seed);
    const Box box = box_around(request.input, victim.network());
    Tensor changed(request.input.shape());
    for (std::size_t n = 0; n < as.labels.size(); ++n) {
        const auto g = sample(gradient, n), x = sample(request.input, n);
        if (p.unit) check_gradient(g, n);
        const double eta = static_cast<double>(p.eta) / (p.unit ? ops::length(g) : 1.0);
        for (std::size_t i = 0; i < x.size(); ++i) {
            const double moved = static_cast<double>(x[i]) + eta * static_cast<double>(g[i]);
            sample(changed, n)[i] = box.nearest(n * x.size() + i, static_cast<float>(std::clamp(moved, -1e30, 1e30)));
        }
    }
    return attack_result(request, changed, as);
}

}  // namespace

Method class_gradient_step() {
    return define<ClassGradientStepParams, run_class_gradient_step>(
        {.id = "class_gradient_step",
         .family = "adversarial",
         .title = "Class gradient step",
         .question = "Which way does the network say this drawing should change to become another digit?",
         .formula = R"(x' = \mathrm{clip}\big(x + \eta\,\nabla_x p_k(x)\big))",
         .reference = {"Simonyan, Vedaldi, Zisserman",
                       "Deep Inside Convolutional Networks: Visualising Image Classification Models and Saliency Maps",
                       2014, "ICLR Workshop"},
         .targets = {TargetKind::logit, TargetKind::predicted},
         .outputs = attack_outputs(),
         .caveat =
             "Where the network is sure, the probability of another class is flat, and the step comes to nothing.",
         .pace = Pace::rest});
}

}  // namespace pellucid::methods
