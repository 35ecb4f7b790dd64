/// mi_fgsm: small sign steps along a direction that gathers over the steps. Dong et al. 2018.
///
///   d_{k+1} = μ·d_k + g/mean|g|,  x_{k+1} = clip_{x₀, ε}(x_k + α·sign(d_{k+1}))
/// as cleverhans has it (the paper divides by Σ|g|, which is the same direction); l2: g/‖g‖₂ and steps α·d/‖d‖₂.
/// foolbox gathers sign(g) instead.
/// Shapes: map = the adversarial images. Cost: a forward and a backward pass per step. One part per step.
#include "pellucid/methods/adversarial/climbing_run.hpp"

namespace pellucid::methods {

namespace {

struct MiFgsmParams {
    ClimbingRunParams run{.step_size = 0.02};
    float decay = 1.0F;
};

void describe(Fields& f, MiFgsmParams& p) {
    describe_epsilon(f, p.run.epsilon);
    describe_steps(f, p.run.step_size, p.run.steps);
    f.real("decay", p.decay, {0, 10}, "μ: what is left of the gathered direction after a step");
    describe_targeted(f, p.run.targeted);
    describe_norm(f, p.run.how.norm);
}

std::unique_ptr<Run> start_mi_fgsm(const Request& request, const MiFgsmParams& p) {
    ClimbingRunParams run = p.run;
    run.how.momentum = p.decay;
    return climbing_run(request, run);
}

}  // namespace

Method mi_fgsm() {
    return define<MiFgsmParams, start_mi_fgsm>(
        {.id = "mi_fgsm",
         .family = "adversarial",
         .title = "Momentum iterative FGSM",
         .question = "Which change also fools networks that the attack has never seen?",
         .formula = R"(d_{k+1} = \mu\,d_k + \frac{g}{\mathrm{mean}|g|},\quad
x_{k+1} = \mathrm{clip}_{x_0,\varepsilon}\big(x_k + \alpha\,\mathrm{sign}(d_{k+1})\big))",
         .reference = {"Dong, Liao, Pang, Su, Zhu, Hu, Li", "Boosting Adversarial Attacks with Momentum", 2018, "CVPR"},
         .targets = {TargetKind::logit, TargetKind::predicted},
         .outputs = attack_outputs(),
         .caveat =
             "Momentum helps a change to carry over to other networks; against this one it is often no stronger than "
             "plain steps.",
         .progressive = true,
         .pace = Pace::rest});
}

}  // namespace pellucid::methods
