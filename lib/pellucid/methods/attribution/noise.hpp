/// Normal noise for sampling methods: many numbers at once, the same bits on every platform.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace pellucid::methods {

/// Fills `out` with the standard normal numbers of noise `number`. Its element i depends on seed, number and i alone: a
/// hash of stream_bits(seed, Purpose::noise, 0, number) and i gives 23 bits, a uniform x in (−1, 1), and √2·erf⁻¹(x)
/// the number; so the largest is 5.2.
/// See simd/sampling.hpp.
void fill_normal(std::uint32_t seed, std::size_t number, std::span<float> out);

}  // namespace pellucid::methods
