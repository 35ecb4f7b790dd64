/// pgd: many small steps up the loss, each followed by projection onto the ε-ball and the input's range. Madry et al.
/// 2018.
///
/// linf: step·sign(g), clipped to ±ε per pixel. l2: step·g/‖g‖₂, shrunk to ‖δ‖₂ ≤ ε per sample. Both bounds hold to the
/// last bit. The loss is that of the network's head (nn/head.hpp), or the margin: the lead of the best other class,
/// which goes on giving a direction where cross-entropy is flat. With several random starts the first that succeeds
/// counts.
/// Shapes: map = the adversarial images. Cost: a forward and a backward pass per step. One part per step.
#include "pellucid/methods/adversarial/climbing_run.hpp"

namespace pellucid::methods {

namespace {

struct PgdParams {
    ClimbingRunParams run;
};

void describe(Fields& f, PgdParams& params) {
    ClimbingRunParams& p = params.run;
    describe_epsilon(f, p.epsilon);
    describe_steps(f, p.step_size, p.steps);
    describe_targeted(f, p.targeted);
    describe_norm(f, p.how.norm);
    f.choice("loss", p.how.loss, {"cross_entropy", "margin"},
             "what is climbed: the loss of the answer, or the lead of the best other class");
    f.flag("random_start", p.random_start, "start from a random place within ε");
    f.integer("restarts", p.starts, {1, 1000}, "random starts: the first that succeeds counts, else the closest")
        .at_most_while_drawing(1)
        .when("random_start", {"true"});
    f.random_seed("seed", p.seed, "seed of the random start").when("random_start", {"true"});
}

std::unique_ptr<Run> start_pgd(const Request& request, const PgdParams& p) { return climbing_run(request, p.run); }

}  // namespace

Method pgd() {
    return define<PgdParams, start_pgd>(
        {.id = "pgd",
         .family = "adversarial",
         .title = "Projected gradient descent",
         .question = "Is there any drawing within ε of this one that the network gets wrong?",
         .formula =
             R"(x_{k+1} = \Pi_{\|x-x_0\|\le\varepsilon}\big(x_k + \alpha\,\mathrm{sign}(\nabla_x L(x_k, t))\big))",
         .reference = {"Madry, Makelov, Schmidt, Tsipras, Vladu",
                       "Towards Deep Learning Models Resistant to Adversarial Attacks", 2018, "ICLR"},
         .targets = {TargetKind::logit, TargetKind::predicted},
         .outputs = attack_outputs(),
         .caveat = "It finds wrong answers, it cannot prove that there are none.",
         .progressive = true});
}

}  // namespace pellucid::methods
