/// What a network that reads is trained to make small: cross-entropy, or the loss of evidential output
/// (optimise/evidential.hpp), with which it learns to say how much it does not know.
#pragma once

#include "pellucid/nn/evidence.hpp"

#include <cstdint>
#include <span>
#include <string_view>

namespace pellucid::train {

struct Loss {
    enum class Type : std::uint8_t { cross_entropy, evidential };

    Type type = Type::cross_entropy;
    Evidence evidence = Evidence::softplus;  ///< of evidential: relu or softplus
    float annealing_epochs = 10.0F;  ///< of evidential: over which the divergence's weight rises from 0 to 1; ≥ 0

    bool operator==(const Loss&) const = default;
    /// The weight of the divergence at a step.
    float weight_at(std::uint64_t step, std::uint64_t steps_per_epoch) const;
};

/// The names in recipes, in the order of the enumerators.
std::span<const std::string_view> loss_types();

/// Throws Error(bad_argument) that names the first member out of its bounds.
void check(const Loss& loss);

}  // namespace pellucid::train
