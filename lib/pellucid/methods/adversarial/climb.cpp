#include "pellucid/methods/adversarial/climb.hpp"

#include "pellucid/ops.hpp"
#include "pellucid/random.hpp"

#include <algorithm>
#include <cmath>

namespace pellucid::methods {

namespace {

/// The box of the range alone where the norm is l2: the length is bounded afterwards.
Box box_of(const Tensor& original, const Network& network, Norm norm, std::span<const double> epsilons) {
    return norm == Norm::linf ? box_around(original, network, epsilons) : box_around(original, network);
}

}  // namespace

Climb::Climb(Victim& victim, Tensor original, Attacked attacked, const ClimbHow& how, std::vector<double> epsilons,
             std::vector<double> steps)
    : victim_(victim),
      original_(std::move(original)),
      attacked_(std::move(attacked)),
      how_(how),
      epsilons_(std::move(epsilons)),
      steps_(std::move(steps)),
      box_(box_of(original_, victim.network(), how.norm, epsilons_)),
      place_(original_) {
    if (how.momentum) gathered_ = zeros(original_.shape());
}

void Climb::start_at_random(std::uint32_t seed, std::size_t number) {
    for (std::size_t n = 0; n < attacked_.labels.size(); ++n) {
        Random random = stream(seed, Purpose::start, 0, number);
        const auto from = sample(original_, n);
        auto x = sample(place_, n);
        const auto epsilon = static_cast<float>(epsilons_[n]);
        const bool l2 = how_.norm == Norm::l2;
        std::vector<float> change(x.size());
        for (float& c : change) c = l2 ? random.normal() : random.uniform(-epsilon, epsilon);
        const double scale =
            l2 ? epsilons_[n] * static_cast<double>(random.uniform()) / std::max(ops::length(change), 1e-12) : 1.0;
        std::ranges::copy(from, x.begin());
        ops::add_scaled(x, static_cast<float>(scale), change);
        ops::clamp(x, sample(std::as_const(box_.low), n), sample(std::as_const(box_.high), n));
        if (l2) shorten(from, epsilons_[n], box_, n, x);
    }
    moved_ = true;
}

void Climb::step() {
    const std::size_t count = attacked_.labels.size();
    for (std::size_t first = 0; first < count; first += Victim::piece)
        step(first, std::min(Victim::piece, count - first));
    moved_ = true;
}

void Climb::step(std::size_t first, std::size_t count) {
    const Tensor& z = victim_.logits(batch_slice(place_, first, count));
    reshape_to(seed_, z.shape());
    for (std::size_t i = 0; i < count; ++i)
        victim_.climb(how_.loss, sample(z, i), attacked_.labels[first + i], attacked_.targeted, sample(seed_, i));
    const Tensor& gradient = victim_.gradient(seed_);
    for (std::size_t i = 0; i < count; ++i) {
        const std::size_t n = first + i;
        const auto g = sample(gradient, i);
        if (!moved_) check_gradient(g, n);
        if (how_.momentum) gather_momentum(n, g);
        move(n, how_.momentum ? sample(std::as_const(gathered_), n) : g);
    }
}

void Climb::gather_momentum(std::size_t n, std::span<const float> gradient) {
    const double size = how_.norm == Norm::l2 ? ops::length(gradient)
                                              : ops::sum_of_absolutes(gradient) / static_cast<double>(gradient.size());
    const auto share = size > 0 ? static_cast<float>(1 / size) : 0.0F;
    ops::mix(sample(gathered_, n), *how_.momentum, share, gradient);
}

void Climb::move(std::size_t n, std::span<const float> direction) {
    auto x = sample(place_, n);
    const auto low = sample(std::as_const(box_.low), n), high = sample(std::as_const(box_.high), n);
    const auto step = static_cast<float>(steps_[n]);
    if (how_.norm == Norm::linf) {
        ops::step_by_sign(x, step, direction);
        ops::clamp(x, low, high);
        return;
    }
    const double length = ops::length(direction);
    const auto scale = length > 0 ? static_cast<float>(steps_[n] / length) : 0.0F;
    const auto from = sample(std::as_const(original_), n);
    ops::add_scaled(x, scale, direction);
    // As the ball is met first and the range then, so that what the range takes away is not given back.
    const double away = distance(x, from);
    const auto share = away > epsilons_[n] ? static_cast<float>(epsilons_[n] / away) : 1.0F;
    ops::draw_to(x, from, share);
    ops::clamp(x, low, high);
    shorten(from, epsilons_[n], box_, n, x);
}

}  // namespace pellucid::methods
