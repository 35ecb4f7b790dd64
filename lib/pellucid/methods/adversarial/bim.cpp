/// bim: the fast gradient sign step, repeated with smaller steps. Kurakin, Goodfellow, Bengio 2017.
///
///   x_{k+1} = clip_{x₀, ε}(x_k + α·sign(∂L/∂x)), from x₀; l2: steps α·g/‖g‖₂ within ‖δ‖₂ ≤ ε. The run is that of pgd
/// without a random start.
/// Shapes: map = the adversarial images. Cost: a forward and a backward pass per step. One part per step.
#include "pellucid/methods/adversarial/climbing_run.hpp"

namespace pellucid::methods {

namespace {

struct BimParams {
    ClimbingRunParams run{.step_size = 0.02};
};

void describe(Fields& f, BimParams& p) {
    describe_epsilon(f, p.run.epsilon);
    describe_steps(f, p.run.step_size, p.run.steps);
    describe_targeted(f, p.run.targeted);
    describe_norm(f, p.run.how.norm);
}

std::unique_ptr<Run> start_bim(const Request& request, const BimParams& p) { return climbing_run(request, p.run); }

}  // namespace

Method bim() {
    return define<BimParams, start_bim>(
        {.id = "bim",
         .family = "adversarial",
         .title = "Basic iterative method",
         .question = "What do many small steps find that one large step misses?",
         .formula =
             R"(x_{k+1} = \mathrm{clip}_{x_0,\varepsilon}\big(x_k + \alpha\,\mathrm{sign}(\nabla_x L(x_k, t))\big))",
         .reference = {"Kurakin, Goodfellow, Bengio", "Adversarial Examples in the Physical World", 2017,
                       "ICLR Workshop"},
         .targets = {TargetKind::logit, TargetKind::predicted},
         .outputs = attack_outputs(),
         .caveat = "It always starts from the drawing itself and can be stuck where that has no way out; pgd starts "
                   "elsewhere.",
         .progressive = true,
         .pace = Pace::rest});
}

}  // namespace pellucid::methods
