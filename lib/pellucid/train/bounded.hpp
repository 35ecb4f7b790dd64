/// Whether numbers still are numbers: what a training checks at every step.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>

namespace pellucid::train {

/// Weights and gradients beyond this are those of a training that runs away. Within it neither an optimiser's state nor
/// an average of weights can overflow, so that these need no look of their own.
inline constexpr float largest_sound = 1e18F;

/// True where every value is a number from −limit to limit. Floats of one sign are ordered as their bits are, and what
/// is no number lies above infinity; blocks of a fixed size let the compiler take vectors.
inline bool bounded(std::span<const float> values, float limit = largest_sound) {
    constexpr std::size_t block = 64;
    constexpr std::uint32_t magnitude = 0x7fffffffU;
    const std::uint32_t most = std::bit_cast<std::uint32_t>(limit);
    const auto beyond = [&](float value) {
        return (most - (std::bit_cast<std::uint32_t>(value) & magnitude)) & ~magnitude;
    };
    std::uint32_t found = 0;
    std::size_t i = 0;
    for (; i + block <= values.size(); i += block) {
        for (std::size_t k = 0; k < block; ++k) found |= beyond(values[i + k]);
    }
    for (; i < values.size(); ++i) found |= beyond(values[i]);
    return found == 0;
}

}  // namespace pellucid::train
