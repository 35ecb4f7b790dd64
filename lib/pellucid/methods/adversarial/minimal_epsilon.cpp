/// minimal_epsilon: the smallest ε at which an attack succeeds, by bisection.
///
/// The attack is tried at `points` values of ε up to `most`, each sample until it first succeeds; between that value
/// and the one before, `bisections` halvings follow. Steps are 2.5·ε/steps long (Madry et al.), from the input itself;
/// fgsm is one step of ε. What succeeds within ε does so within every larger one, so held(ε) = [ε below the smallest
/// found] is a curve that only falls; its mean over a data set is accuracy under attack against ε.
/// Shapes: map = the images at the smallest ε, or at `most` where none succeeds; held (N, 1, 1, points + 1), from ε =
/// 0; epsilon NaN where none succeeds. Cost: (points + bisections)·steps forward and backward passes.
#include "pellucid/methods/adversarial/climb.hpp"

#include <cmath>
#include <limits>
#include <numeric>

namespace pellucid::methods {

namespace {

enum class BisectedAttack : std::uint8_t { fgsm, bim };

struct MinimalEpsilonParams {
    BisectedAttack attack = BisectedAttack::bim;
    double most = 0.5;
    std::size_t points = 10, bisections = 7, steps = 10;
    ClimbHow how = {};
    bool targeted = false;
};

void describe(Fields& f, MinimalEpsilonParams& p) {
    f.choice("attack", p.attack, {"fgsm", "bim"}, "the attack that is tried");
    f.real("most", p.most, {1e-9, 1e6}, "the largest ε that is tried").share_of_range();
    f.integer("points", p.points, {1, 1000}, "values of ε from 0 to the largest");
    f.integer("bisections", p.bisections, {0, 40}, "halvings between two of them");
    f.integer("steps", p.steps, {1, 10000}, "steps of the attack").when("attack", {"bim"});
    describe_norm(f, p.how.norm);
    f.choice("loss", p.how.loss, {"cross_entropy", "margin"},
             "what is climbed: the loss of the answer, or the lead of the best other class")
        .rarely();
    describe_targeted(f, p.targeted);
}

class MinimalEpsilonRun final : public Run {
public:
    MinimalEpsilonRun(const Request& request, const MinimalEpsilonParams& p)
        : request_(request),
          params_(p),
          attacked_((check_epsilon(p.most, p.how.norm, request.explainer.network()), attacked(request, p.targeted))),
          victim_(request.explainer.network()),
          best_(request.input),
          low_(request.input.shape()[0], 0.0),
          high_(low_.size(), std::numeric_limits<double>::quiet_NaN()) {
        const Tensor& z = victim_.logits(request.input);
        for (std::size_t n = 0; n < high_.size(); ++n) {
            if (victim_.fooled(sample(z, n), attacked_.labels[n], attacked_.targeted)) high_[n] = 0;
        }
    }

    std::size_t most() const override { return (params_.points + params_.bisections) * steps(); }

    Result snapshot() override {
        Result result = attack_result(request_, best_, attacked_);
        result.add("epsilon", Scalar{high_});
        Series held{{}, Tensor(Shape{high_.size(), 1, 1, params_.points + 1})};
        for (std::size_t k = 0; k <= params_.points; ++k) {
            held.at.push_back(static_cast<float>(at_point(k)));
            // Rounding must not bring ε to the other side of its own grid point.
            for (std::size_t n = 0; n < high_.size(); ++n)
                held.values(n, 0, 0, k) = at_point(k) >= high_[n] ? 0.0F : 1.0F;
        }
        result.add("held", std::move(held));
        return result;
    }

protected:
    void advance(std::size_t part) override {
        const std::size_t round = part / steps(), step = part % steps();
        if (step == 0) begin(round);
        if (open_.empty()) return;
        climb_->step();
        if (step + 1 == steps()) take(round);
    }

private:
    std::size_t steps() const { return params_.attack == BisectedAttack::fgsm ? 1 : params_.steps; }
    double at_point(std::size_t k) const {
        return params_.most * static_cast<double>(k) / static_cast<double>(params_.points);
    }

    /// The ε of a round for every sample that still needs one: on the grid first, then between.
    void begin(std::size_t round) {
        open_.clear();
        climb_.reset();
        Attacked as{{}, attacked_.targeted};
        tried_.clear();
        std::vector<double> step_sizes;
        for (std::size_t n = 0; n < high_.size(); ++n) {
            const bool found = !std::isnan(high_[n]);
            const bool on_grid = round < params_.points;
            if (found == on_grid || high_[n] == 0) continue;
            open_.push_back(n);
            as.labels.push_back(attacked_.labels[n]);
            tried_.push_back(on_grid ? at_point(round + 1) : (low_[n] + high_[n]) / 2);
            step_sizes.push_back(params_.attack == BisectedAttack::fgsm
                                     ? tried_.back()
                                     : 2.5 * tried_.back() / static_cast<double>(params_.steps));
        }
        if (!open_.empty())
            climb_.emplace(victim_, gather(request_.input, open_), as, params_.how, tried_, std::move(step_sizes));
    }

    void take(std::size_t round) {
        const Tensor& z = victim_.logits(climb_->place());
        for (std::size_t i = 0; i < open_.size(); ++i) {
            const std::size_t n = open_[i];
            const bool fooled = victim_.fooled(sample(z, i), attacked_.labels[n], attacked_.targeted);
            (fooled ? high_ : low_)[n] = tried_[i];
            if (fooled || (round < params_.points && std::isnan(high_[n])))
                std::ranges::copy(sample(climb_->place(), i), sample(best_, n).begin());
        }
    }

    Request request_;
    MinimalEpsilonParams params_;
    Attacked attacked_;
    Victim victim_;
    Tensor best_;
    std::vector<double> low_, high_;  // ε at which it failed last, and at which it succeeded; NaN: at none so far
    std::vector<std::size_t> open_;   // samples of this round
    std::vector<double> tried_;
    std::optional<Climb> climb_;
};

std::unique_ptr<Run> start_minimal_epsilon(const Request& request, const MinimalEpsilonParams& p) {
    return std::make_unique<MinimalEpsilonRun>(request, p);
}

}  // namespace

Method minimal_epsilon() {
    Output held{"held", ItemKind::series, MapKind::signed_values, "share",
                "whether the answer holds under the attack within ε"};
    held.along = "epsilon";
    return define<MinimalEpsilonParams, start_minimal_epsilon>(
        {.id = "minimal_epsilon",
         .family = "adversarial",
         .title = "Minimal ε",
         .question = "How much must every pixel be allowed to change before the answer does?",
         .formula = R"(\varepsilon^* = \min\{\varepsilon : \text{the attack succeeds within } \varepsilon\})",
         .reference = {"Carlini, Athalye, Papernot, Brendel, Rauber, Tsipras, Goodfellow, Madry, Kurakin",
                       "On Evaluating Adversarial Robustness", 2019, "arXiv"},
         .targets = {TargetKind::logit, TargetKind::predicted},
         .outputs = attack_outputs({scalar_output("epsilon", "", "the smallest ε at which the attack succeeds"), held}),
         .caveat =
             "It is what this attack needs; a stronger one may need less, and only a certificate bounds it from below.",
         .progressive = true,
         .pace = Pace::rest});
}

}  // namespace pellucid::methods
