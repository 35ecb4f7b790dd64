/// jsma: pairs of pixels that most raise the wanted class and most lower the others, set one pair after another.
/// Papernot et al. 2016, algorithms 2 and 3.
///
///   pair (p, q) of the search domain with the greatest −α·β, where α = ∂z_t/∂x_p + ∂z_t/∂x_q > 0 and
///   β = Σ_{k≠t} (∂z_k/∂x_p + ∂z_k/∂x_q) < 0;  both are moved by θ; θ < 0: α < 0 and β > 0, pixels go down
/// F are the logits z (of probabilities, which sum to 1, β would be −α and say nothing new). The domain starts with
/// every value that can still move by θ's sign and loses those that reach the end of the range. It ends when the answer
/// is the wanted one (untargeted: any other than the target's class), when no pair is left, or when a share γ of the
/// values has been spent: ⌊γ·values/2⌋ pairs. Wanted: targeted the target's class, else the best answer other than it.
/// Of equal pairs the first in reading order.
/// Shapes: map = the changed images. Cost of a pair: a forward and two backward passes, and values²/2 products.
#include "pellucid/methods/adversarial/attack.hpp"

#include "pellucid/error.hpp"
#include "pellucid/gather.hpp"

#include <algorithm>
#include <numeric>

namespace pellucid::methods {

namespace {

struct JsmaParams {
    double theta = 1.0;
    double gamma = 0.1;
    bool targeted = false;
};

void describe(Fields& f, JsmaParams& p) {
    f.real("theta", p.theta, {-1e6, 1e6}, "θ: what a pixel of a pair changes by; below 0 pixels go down")
        .share_of_range();
    f.real("gamma", p.gamma, {0, 1}, "γ: the share of the values that may change");
    describe_targeted(f, p.targeted);
}

struct Pair {
    std::size_t p = 0, q = 0;
    bool found = false;
};

/// The pair of the domain with the greatest −α·β. `own`: ∂z_t/∂x, `others`: Σ_{k≠t} ∂z_k/∂x, `sign` that of θ.
Pair most_salient(std::span<const float> own, std::span<const float> others, std::span<const std::size_t> domain,
                  float sign) {
    std::vector<float> a, b;
    for (const std::size_t i : domain) {
        a.push_back(sign * own[i]);
        b.push_back(sign * others[i]);
    }
    Pair best;
    float most = 0;
    std::vector<float> score(domain.size());
    for (std::size_t p = 0; p + 1 < domain.size(); ++p) {
        // All q of one p first, without branches, then whether there is a better one among them.
        float highest = 0;
        for (std::size_t q = p + 1; q < domain.size(); ++q) {
            const float alpha = a[p] + a[q], beta = b[p] + b[q];
            score[q] = alpha > 0.0F && beta < 0.0F ? -alpha * beta : 0.0F;
            highest = std::max(highest, score[q]);
        }
        if (highest <= most) continue;
        most = highest;
        const auto at = std::find(score.begin() + static_cast<std::ptrdiff_t>(p) + 1, score.end(), highest);
        best = {domain[p], domain[static_cast<std::size_t>(at - score.begin())], true};
    }
    return best;
}

class JsmaRun final : public Run {
public:
    JsmaRun(const Request& request, const JsmaParams& p)
        : request_(request),
          params_(p),
          attacked_(attacked(request, p.targeted)),
          wanted_(wanted_answers(request, attacked_)),
          victim_(request.explainer.network()),
          box_(box_around(request.input, victim_.network())),
          place_(request.input),
          allowed_(static_cast<std::size_t>(p.gamma * static_cast<double>(sample_size(request.input)) / 2)),
          open_(request.input.shape()[0]),
          domains_(open_.size()) {
        std::iota(open_.begin(), open_.end(), std::size_t{0});
        for (std::size_t n = 0; n < domains_.size(); ++n) {
            for (std::size_t i = 0; i < sample_size(place_); ++i) {
                if (can_move(n, i)) domains_[n].push_back(i);
            }
        }
    }

    std::size_t most() const override { return std::max<std::size_t>(allowed_, 1); }
    bool finished() const override { return Run::finished() || open_.empty(); }
    Result snapshot() override { return attack_result(request_, place_, attacked_); }

protected:
    void advance(std::size_t part) override {
        if (allowed_ == 0) open_.clear();
        if (open_.empty()) return;
        const Tensor some = gather(place_, open_);
        const Tensor& z = victim_.logits(some);
        std::vector<char> reached;
        for (std::size_t i = 0; i < open_.size(); ++i)
            reached.push_back(victim_.fooled(sample(z, i), attacked_.labels[open_[i]], attacked_.targeted) ? 1 : 0);
        const Tensor own = gradients(z, true);
        const Tensor others = gradients(z, false);
        std::vector<std::size_t> still;
        for (std::size_t i = 0; i < open_.size(); ++i) {
            if (reached[i] == 0 && move(open_[i], sample(own, i), sample(others, i), part == 0))
                still.push_back(open_[i]);
        }
        open_ = std::move(still);
    }

private:
    bool can_move(std::size_t n, std::size_t i) const {
        const std::size_t j = n * sample_size(place_) + i;
        return params_.theta > 0 ? place_.data()[j] < box_.high.data()[j] : place_.data()[j] > box_.low.data()[j];
    }

    /// ∂z_t/∂x of every open sample, or the sum of ∂z_k/∂x of all others. Of one output alone yes has z and no has −z.
    Tensor gradients(const Tensor& z, bool own) {
        Tensor seed = zeros(z.shape());
        for (std::size_t i = 0; i < open_.size(); ++i) {
            if (sample_size(z) == 1) {
                sample(seed, i)[0] = (wanted_[open_[i]] == 1) == own ? 1.0F : -1.0F;
                continue;
            }
            for (std::size_t k = 0; k < victim_.answers(); ++k) {
                if ((k == wanted_[open_[i]]) == own) victim_.add_score(k, 1.0F, sample(seed, i));
            }
        }
        return victim_.gradient(seed);
    }

    /// Moves the best pair of a sample; false where there is none.
    bool move(std::size_t n, std::span<const float> own, std::span<const float> others, bool first) {
        if (first && std::ranges::all_of(others, [](float g) { return g == 0.0F; })) check_gradient(own, n);
        const Pair pair = most_salient(own, others, domains_[n], params_.theta > 0 ? 1.0F : -1.0F);
        if (!pair.found) return false;
        for (const std::size_t i : {pair.p, pair.q}) {
            const std::size_t j = n * sample_size(place_) + i;
            place_.data()[j] = box_.nearest(j, place_.data()[j] + static_cast<float>(params_.theta));
            if (!can_move(n, i)) std::erase(domains_[n], i);
        }
        return true;
    }

    Request request_;
    JsmaParams params_;
    Attacked attacked_;
    std::vector<std::size_t> wanted_;
    Victim victim_;
    Box box_;
    Tensor place_;
    std::size_t allowed_;                            // pairs
    std::vector<std::size_t> open_;                  // samples that have not reached the wanted answer
    std::vector<std::vector<std::size_t>> domains_;  // values of each sample that can still move, in reading order
};

std::unique_ptr<Run> start_jsma(const Request& request, const JsmaParams& p) {
    if (p.theta == 0)
        fail(ErrorCode::bad_argument, "jsma: theta must not be 0: a pair that does not change changes nothing");
    return std::make_unique<JsmaRun>(request, p);
}

}  // namespace

Method jsma() {
    return define<JsmaParams, start_jsma>(
        {.id = "jsma",
         .family = "adversarial",
         .title = "Saliency map attack",
         .question = "How few pixels must change, each by much, for another answer?",
         .formula = R"(\arg\max_{p,q}\; -\alpha_{pq}\,\beta_{pq},\quad
\alpha_{pq} = \sum_{i\in\{p,q\}}\frac{\partial z_t}{\partial x_i} > 0,\quad
\beta_{pq} = \sum_{i\in\{p,q\}}\sum_{k\neq t}\frac{\partial z_k}{\partial x_i} < 0)",
         .reference = {"Papernot, McDaniel, Jha, Fredrikson, Celik, Swami",
                       "The Limitations of Deep Learning in Adversarial Settings", 2016, "EuroS&P"},
         .targets = {TargetKind::logit, TargetKind::predicted},
         .outputs = attack_outputs(),
         .caveat = "It never takes a pair back: other, fewer pixels may do as well.",
         .progressive = true,
         .pace = Pace::rest});
}

}  // namespace pellucid::methods
