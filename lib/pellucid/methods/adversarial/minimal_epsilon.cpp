/// minimal_epsilon: the smallest ε at which an attack succeeds, by bisection.
///
/// The attack is tried at `points` values of ε up to `most`, each sample until it first succeeds; between that value
/// and the one before, `bisections` halvings follow. Steps are 2.5·ε/steps long (Madry et al.), from the input itself;
/// fgsm is one step of ε, mi_fgsm gathers a direction with `decay`, and pgd can begin at `restarts` random places
/// within ε, of which the first that succeeds counts; without them it is bim. All are the attacks' own steps
/// (climb.hpp). What succeeds within ε does so within every larger one, so held(ε) = [ε below the smallest found] is a
/// curve that only falls; its mean over a data set is accuracy under attack against ε.
/// Shapes: map = the images at the smallest ε, or at `most` where none succeeds; held (N, 1, 1, points + 1), from ε =
/// 0; epsilon NaN where none succeeds. Cost: (points + bisections)·steps forward and backward passes, for each restart.
#include "pellucid/methods/adversarial/climb.hpp"

#include "pellucid/gather.hpp"

#include <cmath>
#include <limits>
#include <numeric>

namespace pellucid::methods {

namespace {

enum class BisectedAttack : std::uint8_t { fgsm, bim, pgd, mi_fgsm };

struct MinimalEpsilonParams {
    BisectedAttack attack = BisectedAttack::bim;
    double most = 0.5;
    std::size_t points = 10, bisections = 7, steps = 10;
    float decay = 1.0F;
    std::size_t restarts = 0;
    std::uint32_t seed = 0;
    ClimbHow how = {};
    bool targeted = false;
};

void describe(Fields& f, MinimalEpsilonParams& p) {
    f.choice("attack", p.attack, {"fgsm", "bim", "pgd", "mi_fgsm"}, "the attack that is tried");
    f.real("most", p.most, {1e-9, 1e6}, "the largest ε that is tried").share_of_range();
    f.integer("points", p.points, {1, 1000}, "values of ε from 0 to the largest");
    f.integer("bisections", p.bisections, {0, 40}, "halvings between two of them");
    f.integer("steps", p.steps, {1, 10000}, "steps of the attack").when("attack", {"bim", "pgd", "mi_fgsm"});
    f.real("decay", p.decay, {0, 10}, "μ: what is left of the gathered direction after a step")
        .when("attack", {"mi_fgsm"});
    f.integer("restarts", p.restarts, {0, 1000}, "random places within ε to begin at; 0: begin at the input itself")
        .when("attack", {"pgd"});
    f.random_seed("seed", p.seed, "seed of the random starts").when("attack", {"pgd"});
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
          high_(low_.size(), std::numeric_limits<double>::quiet_NaN()),
          tried_(low_.size(), 0.0) {
        if (p.attack == BisectedAttack::mi_fgsm) params_.how.momentum = p.decay;
        const Tensor& z = victim_.logits(request.input);
        for (std::size_t n = 0; n < high_.size(); ++n) {
            if (victim_.fooled(sample(z, n), attacked_.labels[n], attacked_.targeted)) high_[n] = 0;
        }
    }

    std::size_t most() const override { return (params_.points + params_.bisections) * starts() * steps(); }

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
        const std::size_t step = part % steps(), start = part / steps() % starts();
        const std::size_t round = part / steps() / starts();
        if (step == 0) {
            if (start == 0) choose(round);
            begin(start);
        }
        if (open_.empty()) return;
        climb_->step();
        if (step + 1 == steps()) settle(round, start);
    }

private:
    std::size_t steps() const { return params_.attack == BisectedAttack::fgsm ? 1 : params_.steps; }
    bool at_random() const { return params_.attack == BisectedAttack::pgd && params_.restarts > 0; }
    std::size_t starts() const { return at_random() ? params_.restarts : 1; }
    double at_point(std::size_t k) const {
        return params_.most * static_cast<double>(k) / static_cast<double>(params_.points);
    }

    /// The ε of a round for every sample that still needs one: on the grid first, then between.
    void choose(std::size_t round) {
        open_.clear();
        for (std::size_t n = 0; n < high_.size(); ++n) {
            const bool found = !std::isnan(high_[n]);
            const bool on_grid = round < params_.points;
            if (found == on_grid || high_[n] == 0) continue;
            open_.push_back(n);
            tried_[n] = on_grid ? at_point(round + 1) : (low_[n] + high_[n]) / 2;
        }
    }

    void begin(std::size_t start) {
        climb_.reset();
        if (open_.empty()) return;
        Attacked as{{}, attacked_.targeted};
        std::vector<double> epsilons, step_sizes;
        for (const std::size_t n : open_) {
            as.labels.push_back(attacked_.labels[n]);
            epsilons.push_back(tried_[n]);
            step_sizes.push_back(params_.attack == BisectedAttack::fgsm
                                     ? tried_[n]
                                     : 2.5 * tried_[n] / static_cast<double>(params_.steps));
        }
        climb_.emplace(victim_, gather(request_.input, open_), as, params_.how, std::move(epsilons),
                       std::move(step_sizes));
        if (at_random()) climb_->start_at_random(params_.seed, start);
    }

    /// Only the last start tells that an ε does not do.
    void settle(std::size_t round, std::size_t start) {
        const Tensor& z = victim_.logits(climb_->place());
        const bool last = start + 1 == starts();
        std::vector<std::size_t> still_open;
        for (std::size_t i = 0; i < open_.size(); ++i) {
            const std::size_t n = open_[i];
            const bool fooled = victim_.fooled(sample(z, i), attacked_.labels[n], attacked_.targeted);
            if (fooled)
                high_[n] = tried_[n];
            else if (last)
                low_[n] = tried_[n];
            else
                still_open.push_back(n);
            if (fooled || (last && round < params_.points))
                std::ranges::copy(sample(climb_->place(), i), sample(best_, n).begin());
        }
        open_ = std::move(still_open);
    }

    Request request_;
    MinimalEpsilonParams params_;
    Attacked attacked_;
    Victim victim_;
    Tensor best_;
    std::vector<double> low_, high_;  // ε at which it failed last, and at which it succeeded; NaN: at none so far
    std::vector<double> tried_;       // the ε of this round
    std::vector<std::size_t> open_;   // samples of this round that no start has fooled
    std::optional<Climb> climb_;
};

std::unique_ptr<Run> start_minimal_epsilon(const Request& request, const MinimalEpsilonParams& p) {
    return std::make_unique<MinimalEpsilonRun>(request, p);
}

}  // namespace

Method minimal_epsilon() {
    const Output held = series_output("held", "share", "whether the answer holds under the attack within ε", "epsilon");
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
