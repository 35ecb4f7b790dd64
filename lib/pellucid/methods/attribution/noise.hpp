/// Normal noise for sampling methods: many numbers at once, the same bits on every platform.
#pragma once

#include <cstdint>
#include <span>

namespace pellucid::methods {

/// Fills `out` with standard normal numbers. Number i depends on seed, stream and i alone: a hash of the three gives 23
/// bits, a uniform x in (−1, 1), and √2·erf⁻¹(x) the number; so the largest is 5.2.
/// See simd/sampling.hpp.
void fill_normal(std::uint32_t seed, std::uint32_t stream, std::span<float> out);

}  // namespace pellucid::methods
