/// What sampling methods do to every number: normal noise, and running sums of powers.
///
/// Plain loops, of which the compiler makes vectors of each instruction set. The noise is made of sums, products,
/// quotients and square roots of floats alone, which round alike everywhere: the same bits on every platform.
#pragma once

#include "pellucid/simd/kernels.hpp"
#include "pellucid/simd/lanes.hpp"

#include <cassert>

namespace pellucid::simd {

/// A hash of 32 bits.
template <class Isa>
PELLUCID_INLINE std::uint32_t mix(std::uint32_t x) {
    x ^= x >> 16U;
    x *= 0x7FEB352DU;
    x ^= x >> 15U;
    x *= 0x846CA68BU;
    x ^= x >> 16U;
    return x;
}

/// ln of a positive, normal number.
template <class Isa>
PELLUCID_INLINE float logarithm(float t) {
    constexpr std::uint32_t root_half = 0x3F3504F3;  // √½, where the mantissa's range begins
    const std::uint32_t bits = __builtin_bit_cast(std::uint32_t, t) - root_half;
    const auto exponent = static_cast<float>(static_cast<std::int32_t>(bits) >> 23);
    const float m = __builtin_bit_cast(float, (bits & 0x007FFFFFU) + root_half);
    const float s = (m - 1.0F) / (m + 1.0F);
    const float s2 = s * s;
    const float series = 2.0F + s2 * (0.666666667F + s2 * (0.4F + s2 * (0.285714286F + s2 * 0.222222222F)));
    return exponent * 0.693147181F + s * series;
}

/// erf⁻¹(x)/x for w = −ln(1 − x²): Giles, Approximating the erfinv function, GPU Computing Gems Jade Edition, 2011
/// (single precision).
template <class Isa>
PELLUCID_INLINE float middle(float w) {
    w -= 2.5F;
    float p = 2.81022636e-08F;
    p = 3.43273939e-07F + p * w;
    p = -3.5233877e-06F + p * w;
    p = -4.39150654e-06F + p * w;
    p = 0.00021858087F + p * w;
    p = -0.00125372503F + p * w;
    p = -0.00417768164F + p * w;
    p = 0.246640727F + p * w;
    return 1.50140941F + p * w;
}

/// The same from w = 5 on.
template <class Isa>
PELLUCID_INLINE float tail(float w) {
    w = __builtin_sqrtf(w) - 3.0F;
    float p = -0.000200214257F;
    p = 0.000100950558F + p * w;
    p = 0.00134934322F + p * w;
    p = -0.00367342844F + p * w;
    p = 0.00573950773F + p * w;
    p = -0.0076224613F + p * w;
    p = 0.00943887047F + p * w;
    p = 1.00167406F + p * w;
    return 2.83297682F + p * w;
}

/// See Kernels::normal.
template <class Isa>
void normal(std::uint32_t seed, std::uint32_t twist, std::size_t count, float* out) {
    constexpr float root_two = 1.41421356F;
    constexpr float tail_from = 5.0F;
    // Loops over a block have a length that the compiler knows.
    constexpr std::size_t block = 64;
    for (std::size_t first = 0; first < count; first += block) {
        float x[block];
        float w[block];
        float value[block];
        const auto number = static_cast<std::uint32_t>(first);
        PELLUCID_SMALL
        for (std::uint32_t i = 0; i < block; ++i) {
            const std::uint32_t bits = mix<Isa>(mix<Isa>((number + i) * 0x9E3779B9U + seed) ^ twist) >> 9U;
            // Odd multiples of 2^−23: never 0 or ±1, as likely below as above.
            x[i] = static_cast<float>(2 * static_cast<std::int32_t>(bits) + 1 - (1 << 23)) * 0x1.0p-23F;
        }
        PELLUCID_SMALL
        for (std::size_t i = 0; i < block; ++i) w[i] = -logarithm<Isa>((1.0F - x[i]) * (1.0F + x[i]));
        PELLUCID_SMALL
        for (std::size_t i = 0; i < block; ++i) value[i] = root_two * x[i] * middle<Isa>(w[i]);
        // One in 300 is in the tail.
        for (std::size_t start = 0; start < block; start += Isa::width) {
            std::uint32_t in_tail = Isa::bits(Isa::load(w + start) >= Isa::splat(tail_from));
            for (; in_tail != 0; in_tail &= in_tail - 1) {
                const std::size_t i = start + static_cast<std::size_t>(__builtin_ctz(in_tail));
                value[i] = root_two * x[i] * tail<Isa>(w[i]);
            }
        }
        copy<Isa>(value, count - first < block ? count - first : block, out + first);
    }
}

/// See Kernels::add_powers.
template <class Isa>
void add_powers(std::size_t count, std::size_t powers, const float* __restrict values, double* __restrict sums) {
    assert(powers == 2 || powers == 4);
    double* __restrict const squares = sums + count;
    PELLUCID_SMALL
    for (std::size_t i = 0; i < count; ++i) {
        const double v = static_cast<double>(values[i]);
        sums[i] += v;
        squares[i] += v * v;
    }
    if (powers == 2) return;
    double* __restrict const cubes = squares + count;
    double* __restrict const fourth = cubes + count;
    PELLUCID_SMALL
    for (std::size_t i = 0; i < count; ++i) {
        const double v = static_cast<double>(values[i]);
        const double square = v * v;
        cubes[i] += square * v;
        fourth[i] += square * square;
    }
}

}  // namespace pellucid::simd
