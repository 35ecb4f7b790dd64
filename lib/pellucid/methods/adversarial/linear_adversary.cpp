/// linear_adversary: what a change of ε in every pixel does to a linear classifier. Goodfellow et al. 2015, section 3.
///
/// f is the lead of the target's class over the best other one (of a contrast, over that one), θ = ∂f/∂x. Of all
/// changes with |η_i| ≤ ε, η = −ε·sign θ lowers f the most: by θᵀη = −ε‖θ‖₁, which grows with the number of pixels
/// while no pixel changes by more than ε. Of a linear network that is exact until the range cuts η; of any other θ is
/// its tangent. Targeted, f is raised.
///   closed_form   ±ε‖θ‖₁
///   within_range  θᵀ(x' − x), after clipping to the range
///   measured      f(x') − f(x)
///   needed        |f(x)| / ‖θ‖₁: the ε at which the linear answer turns, without the range
///   by_side       ε‖θ_s‖₁ against the side s, where η must be constant on s × s blocks (θ_s: θ summed over each):
///                 the same classifier with fewer numbers to change. Sides: rows over the common divisors of rows and
///                 columns
/// Shapes: map = the changed images; by_side (N, 1, 1, sides). Cost: three forward passes and a backward pass.
#include "pellucid/methods/adversarial/attack.hpp"

#include <cmath>
#include <numeric>

namespace pellucid::methods {

namespace {

struct LinearAdversaryParams {
    double epsilon = 0.1;
    bool targeted = false;
};

void describe(Fields& f, LinearAdversaryParams& p) {
    describe_epsilon(f, p.epsilon, "change of a pixel");
    describe_targeted(f, p.targeted);
}

/// The other class of f, for each sample.
std::vector<std::size_t> rivals(const Request& request, const Victim& victim, const Tensor& z, const Attacked& as) {
    std::vector<std::size_t> others;
    for (std::size_t n = 0; n < as.labels.size(); ++n) {
        const bool named = request.target.kind == TargetKind::contrast;
        others.push_back(named ? request.target.other : victim.best_other(sample(z, n), as.labels[n]));
    }
    return others;
}

/// Divisors of rows and columns, the largest first: sides of the blocks.
std::vector<std::size_t> blocks(const Shape& shape) {
    std::vector<std::size_t> sides;
    for (std::size_t block = std::gcd(shape[1], shape[2]); block > 0; --block) {
        if (shape[1] % block == 0 && shape[2] % block == 0) sides.push_back(block);
    }
    return sides;
}

/// Σ |θ summed over each block of each channel|.
double block_norm(std::span<const float> theta, const Shape& shape, std::size_t block) {
    const auto [samples, height, width, channels] = shape;
    std::vector<double> sums((height / block) * (width / block) * channels, 0.0);
    for (std::size_t i = 0; i < theta.size(); ++i) {
        const std::size_t place = i / channels, row = place / width / block, column = place % width / block;
        sums[(row * (width / block) + column) * channels + i % channels] += static_cast<double>(theta[i]);
    }
    return std::accumulate(sums.begin(), sums.end(), 0.0, [](double sum, double v) { return sum + std::abs(v); });
}

Result run_linear_adversary(const Request& request, const LinearAdversaryParams& p) {
    const Tensor& x = request.input;
    const Network& network = request.explainer.network();
    check_epsilon(p.epsilon, Norm::linf, network);
    const Attacked as = attacked(request, p.targeted);
    Victim victim(network);
    const Tensor z = victim.logits(x);
    const std::vector<std::size_t> others = rivals(request, victim, z, as);
    Tensor seed = zeros(z.shape());
    for (std::size_t n = 0; n < as.labels.size(); ++n) {
        victim.add_score(as.labels[n], 1.0F, sample(seed, n));
        victim.add_score(others[n], -1.0F, sample(seed, n));
    }
    const Tensor theta = victim.gradient(seed);
    const Box box = box_around(x, network, p.epsilon);
    Tensor changed(x.shape());
    const double way = as.targeted ? 1 : -1;
    for (std::size_t i = 0; i < x.size(); ++i) {
        const float t = theta.data()[i];
        const double sign = t > 0.0F ? way : t < 0.0F ? -way : 0.0;
        changed.data()[i] = box.nearest(i, static_cast<float>(static_cast<double>(x.data()[i]) + p.epsilon * sign));
    }
    const Tensor moved = victim.logits(changed);
    Result result = attack_result(request, changed, as);
    Scalar closed, within, measured, needed;
    const std::vector<std::size_t> sides = blocks(x.shape());
    Series by_side{{}, Tensor(Shape{x.shape()[0], 1, 1, sides.size()})};
    for (const std::size_t side : sides) by_side.at.push_back(static_cast<float>(x.shape()[1] / side));
    for (std::size_t n = 0; n < as.labels.size(); ++n) {
        const auto t = sample(theta, n);
        check_gradient(t, n);
        const auto lead = [&](const Tensor& logits) {
            return victim.score(sample(logits, n), as.labels[n]) - victim.score(sample(logits, n), others[n]);
        };
        const double norm = block_norm(t, x.shape(), 1);
        double product = 0;
        for (std::size_t i = 0; i < t.size(); ++i)
            product += static_cast<double>(t[i]) * static_cast<double>(sample(changed, n)[i] - sample(x, n)[i]);
        closed.per_sample.push_back(way * p.epsilon * norm);
        within.per_sample.push_back(product);
        measured.per_sample.push_back(lead(moved) - lead(z));
        needed.per_sample.push_back(std::abs(lead(z)) / norm);
        for (std::size_t k = 0; k < sides.size(); ++k)
            by_side.values(n, 0, 0, k) = static_cast<float>(p.epsilon * block_norm(t, x.shape(), sides[k]));
    }
    result.add("closed_form", std::move(closed));
    result.add("within_range", std::move(within));
    result.add("measured", std::move(measured));
    result.add("needed", std::move(needed));
    result.add("by_side", std::move(by_side));
    return result;
}

std::vector<Output> linear_adversary_outputs() {
    const Output by_side = series_output(
        "by_side", "score", "what ε can do where the change must be constant on blocks, that many to a side", "side");
    return attack_outputs(
        {scalar_output("closed_form", "score", "ε‖θ‖₁: what the linear answer changes by, without the range"),
         scalar_output("within_range", "score", "the same for the change that the range allows"),
         scalar_output("measured", "score", "what the answer's lead did change by"),
         scalar_output("needed", "", "the ε at which the linear answer turns"), by_side});
}

}  // namespace

Method linear_adversary() {
    return define<LinearAdversaryParams, run_linear_adversary>(
        {.id = "linear_adversary",
         .family = "adversarial",
         .title = "Linear adversary",
         .question = "Why do many tiny changes, one in every pixel, add up to another answer?",
         .formula =
             R"(\theta^\top\eta = \varepsilon\lVert\theta\rVert_1,\quad \eta = \varepsilon\,\mathrm{sign}\,\theta)",
         .reference = {"Goodfellow, Shlens, Szegedy", "Explaining and Harnessing Adversarial Examples", 2015, "ICLR"},
         .targets = {TargetKind::logit, TargetKind::predicted, TargetKind::contrast},
         .outputs = linear_adversary_outputs(),
         .caveat = "Exact for linear classifiers; of any other network it is the tangent, which soon leaves it.",
         .pace = Pace::rest});
}

}  // namespace pellucid::methods
