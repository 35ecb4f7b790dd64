#include "pellucid/methods/perturbation/pyramid.hpp"

#include "pellucid/methods/attribution/baseline.hpp"

#include <algorithm>
#include <cmath>

namespace pellucid::methods {

Pyramid::Pyramid(const Tensor& image, Perturbing kind, std::size_t levels, double sigma, const InputRange& range)
    : channels_(image.shape()[3]) {
    if (kind == Perturbing::fade) {
        levels_ = {filled_within(image.shape(), range, 0.0F), image};
        return;
    }
    for (std::size_t l = 0; l < levels; ++l) {
        levels_.push_back(
            blurred(image, range, sigma * (1 - static_cast<double>(l) / static_cast<double>(levels - 1))));
    }
}

Pyramid::Place Pyramid::place(double mask) const {
    const double height = mask * static_cast<double>(levels_.size() - 1);
    // ⌈height⌉ − 1, from 0 to the last level but one; a call of std::ceil would take longer than all else here.
    const auto whole = static_cast<std::ptrdiff_t>(height);
    const std::ptrdiff_t below = static_cast<double>(whole) < height ? whole : whole - 1;
    const auto level = std::clamp<std::ptrdiff_t>(below, 0, static_cast<std::ptrdiff_t>(levels_.size()) - 2);
    return {static_cast<std::size_t>(level), height - static_cast<double>(level)};
}

void Pyramid::apply(std::span<const double> mask, std::span<float> out) const {
    for (std::size_t i = 0; i < out.size(); ++i) {
        const Place at = place(mask[i / channels_]);
        const auto low = static_cast<double>(levels_[at.level].data()[i]);
        const auto high = static_cast<double>(levels_[at.level + 1].data()[i]);
        out[i] = static_cast<float>(low + at.share * (high - low));
    }
}

std::vector<double> Pyramid::backward(std::span<const double> mask, std::span<const float> incoming) const {
    std::vector<double> gradient(mask.size(), 0.0);
    const auto steps = static_cast<double>(levels_.size() - 1);
    for (std::size_t i = 0; i < incoming.size(); ++i) {
        const Place at = place(mask[i / channels_]);
        const double slope =
            static_cast<double>(levels_[at.level + 1].data()[i]) - static_cast<double>(levels_[at.level].data()[i]);
        gradient[i / channels_] += steps * slope * static_cast<double>(incoming[i]);
    }
    return gradient;
}

}  // namespace pellucid::methods
