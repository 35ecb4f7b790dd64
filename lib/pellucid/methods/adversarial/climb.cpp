#include "pellucid/methods/adversarial/climb.hpp"

#include "pellucid/random.hpp"

#include <algorithm>
#include <cmath>

namespace pellucid::methods {

namespace {

double length_of(std::span<const float> v) {
    double square = 0;
    for (const float e : v) square += static_cast<double>(e) * static_cast<double>(e);
    return std::sqrt(square);
}

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
            l2 ? epsilons_[n] * static_cast<double>(random.uniform()) / std::max(length_of(change), 1e-12) : 1.0;
        for (std::size_t i = 0; i < x.size(); ++i)
            x[i] = box_.nearest(n * x.size() + i, from[i] + static_cast<float>(scale) * change[i]);
        if (l2) shorten(from, epsilons_[n], box_, n, x);
    }
    moved_ = true;
}

void Climb::step() {
    const Tensor& z = victim_.logits(place_);
    reshape_to(seed_, z.shape());
    for (std::size_t n = 0; n < attacked_.labels.size(); ++n)
        victim_.climb(how_.loss, sample(z, n), attacked_.labels[n], attacked_.targeted, sample(seed_, n));
    const Tensor& gradient = victim_.gradient(seed_);
    for (std::size_t n = 0; n < attacked_.labels.size(); ++n) {
        const auto g = sample(gradient, n);
        if (!moved_) check_gradient(g, n);
        if (how_.momentum) gather_momentum(n, g);
        move(n, how_.momentum ? sample(std::as_const(gathered_), n) : g);
    }
    moved_ = true;
}

void Climb::gather_momentum(std::size_t n, std::span<const float> gradient) {
    double size = how_.norm == Norm::l2 ? length_of(gradient) : 0;
    if (how_.norm == Norm::linf) {
        for (const float g : gradient) size += std::abs(static_cast<double>(g));
        size /= static_cast<double>(gradient.size());
    }
    const auto share = size > 0 ? static_cast<float>(1 / size) : 0.0F;
    const auto gathered = sample(gathered_, n);
    for (std::size_t i = 0; i < gradient.size(); ++i) gathered[i] = *how_.momentum * gathered[i] + share * gradient[i];
}

void Climb::move(std::size_t n, std::span<const float> direction) {
    auto x = sample(place_, n);
    const float* const low = sample(box_.low, n).data();
    const float* const high = sample(box_.high, n).data();
    const auto step = static_cast<float>(steps_[n]);
    if (how_.norm == Norm::linf) {
        // Without branches, for the compiler to do in vectors.
        for (std::size_t i = 0; i < x.size(); ++i) {
            const float sign = static_cast<float>(direction[i] > 0.0F) - static_cast<float>(direction[i] < 0.0F);
            x[i] = std::min(std::max(x[i] + step * sign, low[i]), high[i]);
        }
        return;
    }
    const double length = length_of(direction);
    const auto scale = length > 0 ? static_cast<float>(steps_[n] / length) : 0.0F;
    const auto from = sample(std::as_const(original_), n);
    for (std::size_t i = 0; i < x.size(); ++i) x[i] += scale * direction[i];
    // As the ball is met first and the range then, so that what the range takes away is not given back.
    const double away = distance(x, from);
    const auto share = away > epsilons_[n] ? static_cast<float>(epsilons_[n] / away) : 1.0F;
    for (std::size_t i = 0; i < x.size(); ++i)
        x[i] = std::min(std::max(from[i] + share * (x[i] - from[i]), low[i]), high[i]);
    shorten(from, epsilons_[n], box_, n, x);
}

}  // namespace pellucid::methods
