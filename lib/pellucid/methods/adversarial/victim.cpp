#include "pellucid/methods/adversarial/victim.hpp"

#include "pellucid/nn/head.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace pellucid::methods {

const Tensor& Victim::logits(const Tensor& x) {
    const ValueId value = network_.logits();
    return pass_.forward(x, value).values[value];
}

std::size_t Victim::answer(std::span<const float> z) const { return decision(network_, z); }

double Victim::score(std::span<const float> z, std::size_t answer) const {
    if (z.size() == 1) return answer == 1 ? static_cast<double>(z[0]) : 0.0;
    return z[answer];
}

std::size_t Victim::best_other(std::span<const float> z, std::size_t label) const {
    if (z.size() == 1) return 1 - label;
    std::size_t best = label == 0 ? 1 : 0;
    for (std::size_t c = best + 1; c < z.size(); ++c) {
        if (c != label && z[c] > z[best]) best = c;
    }
    return best;
}

double Victim::lead(std::span<const float> z, std::size_t label, bool targeted) const {
    const double lead = score(z, best_other(z, label)) - score(z, label);
    return targeted ? -lead : lead;
}

void Victim::add_score(std::size_t answer, float weight, std::span<float> seed) const {
    if (seed.size() > 1) {
        seed[answer] += weight;
    } else if (answer == 1) {
        seed[0] += weight;
    }
}

namespace {

/// ∂L/∂z_k = σ(z_k) − y_k of the binary cross-entropies, over the largest of their sizes.
void climb_singly(std::span<const float> z, std::size_t label, std::span<float> seed) {
    const auto wanted = [&](std::size_t k) { return z.size() == 1 ? label == 1 : k == label; };
    // log σ(±z), which does not underflow.
    const auto log_size = [&](std::size_t k) {
        const double v = wanted(k) ? -static_cast<double>(z[k]) : static_cast<double>(z[k]);
        return std::min(v, 0.0) - std::log1p(std::exp(-std::abs(v)));
    };
    double largest = -std::numeric_limits<double>::infinity();
    for (std::size_t k = 0; k < z.size(); ++k) largest = std::max(largest, log_size(k));
    for (std::size_t k = 0; k < z.size(); ++k) {
        seed[k] = static_cast<float>((wanted(k) ? -1.0 : 1.0) * std::exp(log_size(k) - largest));
    }
}

/// ∂L/∂z = p − e_label of the cross-entropy, over 1 − p_label: the shares of the others among themselves, and −1.
void climb_together(std::span<const float> z, std::size_t label, std::size_t best_other, std::span<float> seed) {
    double sum = 0;
    for (std::size_t c = 0; c < z.size(); ++c) {
        if (c != label) sum += std::exp(static_cast<double>(z[c]) - static_cast<double>(z[best_other]));
    }
    for (std::size_t c = 0; c < z.size(); ++c) {
        const double share = std::exp(static_cast<double>(z[c]) - static_cast<double>(z[best_other])) / sum;
        seed[c] = c == label ? -1.0F : static_cast<float>(share);
    }
}

}  // namespace

void Victim::climb(AttackLoss loss, std::span<const float> z, std::size_t label, bool targeted,
                   std::span<float> seed) const {
    std::fill(seed.begin(), seed.end(), 0.0F);
    if (loss == AttackLoss::margin) {
        add_score(best_other(z, label), 1.0F, seed);
        add_score(label, -1.0F, seed);
    } else if (decides_singly(network_)) {
        climb_singly(z, label, seed);
    } else {
        climb_together(z, label, best_other(z, label), seed);
    }
    if (targeted) {
        for (float& v : seed) v = -v;
    }
}

}  // namespace pellucid::methods
