/// deepfool: to the nearest boundary of the network taken as linear, again and again until the answer changes.
/// Moosavi-Dezfooli et al. 2016.
///
/// The steps are those of boundary_walk.hpp, as in foolbox; a sample whose answer is another one already stays as it
/// is. Differs from the paper: the label is the target's class, and targeted the only class looked at is the wanted
/// one.
/// Shapes: map = the changed images, as the input. Cost of a step: a forward pass and a backward pass for each other
/// class. One part per step; it ends when all samples are over.
#include "pellucid/methods/adversarial/boundary_walk.hpp"

namespace pellucid::methods {

namespace {

struct DeepfoolParams {
    std::size_t steps = 50;
    BoundaryHow how = {};
    bool targeted = false;
};

void describe(Fields& f, DeepfoolParams& p) {
    f.integer("steps", p.steps, {1, 10000}, "most steps").at_most_while_drawing(5);
    f.real("overshoot", p.how.overshoot, {0, 10}, "share by which the boundary is overstepped");
    f.integer("classes", p.how.classes, {0, 10000}, "only so many other classes, those that lead; 0: all").rarely();
    f.choice("norm", p.how.norm, {"linf", "l2"}, "what is kept small");
    describe_targeted(f, p.targeted);
}

class DeepfoolRun final : public Run {
public:
    DeepfoolRun(const Request& request, const DeepfoolParams& p)
        : request_(request),
          steps_(p.steps),
          attacked_(attacked(request, p.targeted)),
          victim_(request.explainer.network()),
          walk_(victim_, request.input, attacked_, p.how) {}

    std::size_t most() const override { return steps_; }
    bool finished() const override { return Run::finished() || walk_.over(); }
    Result snapshot() override { return attack_result(request_, walk_.place(), attacked_); }

protected:
    void advance(std::size_t) override { walk_.step(); }

private:
    Request request_;
    std::size_t steps_;
    Attacked attacked_;
    Victim victim_;
    BoundaryWalk walk_;
};

std::unique_ptr<Run> start_deepfool(const Request& request, const DeepfoolParams& p) {
    return std::make_unique<DeepfoolRun>(request, p);
}

}  // namespace

Method deepfool() {
    return define<DeepfoolParams, start_deepfool>(
        {.id = "deepfool",
         .family = "adversarial",
         .title = "DeepFool",
         .question = "How far is the nearest drawing that the network takes for something else?",
         .formula =
             R"(\delta \mathrel{+}= \frac{|z_k - z_l|}{\lVert\nabla(z_k - z_l)\rVert_2^2}\,\nabla(z_k - z_l),\quad
k = \arg\min_k \frac{|z_k - z_l|}{\lVert\nabla(z_k - z_l)\rVert_2})",
         .reference = {"Moosavi-Dezfooli, Fawzi, Frossard",
                       "DeepFool: A Simple and Accurate Method to Fool Deep Neural Networks", 2016, "CVPR"},
         .targets = {TargetKind::logit, TargetKind::predicted},
         .outputs = attack_outputs(),
         .caveat = "The network is bent, not linear: what it finds is near, but nobody knows whether it is nearest.",
         .progressive = true,
         .pace = Pace::rest});
}

}  // namespace pellucid::methods
