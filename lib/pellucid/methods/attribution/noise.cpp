#include "pellucid/methods/attribution/noise.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstddef>

namespace pellucid::methods {

namespace {

/// Loops over a block have a length that the compiler knows, so that it can make vectors of them.
constexpr std::size_t block = 64;

std::uint32_t mix(std::uint32_t x) {
    x ^= x >> 16U;
    x *= 0x7FEB352DU;
    x ^= x >> 15U;
    x *= 0x846CA68BU;
    x ^= x >> 16U;
    return x;
}

/// ln of a positive, normal number.
float logarithm(float t) {
    constexpr std::uint32_t root_half = 0x3F3504F3;  // √½, where the mantissa's range begins
    const std::uint32_t bits = std::bit_cast<std::uint32_t>(t) - root_half;
    const auto exponent = static_cast<float>(static_cast<std::int32_t>(bits) >> 23);
    const float m = std::bit_cast<float>((bits & 0x007FFFFFU) + root_half);
    const float s = (m - 1.0F) / (m + 1.0F);
    const float s2 = s * s;
    const float series = 2.0F + s2 * (0.666666667F + s2 * (0.4F + s2 * (0.285714286F + s2 * 0.222222222F)));
    return exponent * 0.693147181F + s * series;
}

float middle(float w) {
    w -= 2.5F;
    float p = 2.81022636e-08F;
    for (const float c : {3.43273939e-07F, -3.5233877e-06F, -4.39150654e-06F, 0.00021858087F, -0.00125372503F,
                          -0.00417768164F, 0.246640727F, 1.50140941F}) {
        p = c + p * w;
    }
    return p;
}

float tail(float w) {
    w = std::sqrt(w) - 3.0F;
    float p = -0.000200214257F;
    for (const float c : {0.000100950558F, 0.00134934322F, -0.00367342844F, 0.00573950773F, -0.0076224613F,
                          0.00943887047F, 1.00167406F, 2.83297682F}) {
        p = c + p * w;
    }
    return p;
}

}  // namespace

void fill_normal(std::uint32_t seed, std::uint32_t stream, std::span<float> out) {
    constexpr float root_two = 1.41421356F;
    constexpr float tail_from = 5.0F;
    const std::uint32_t start = mix(mix(seed + 0x9E3779B9U) + stream);
    const std::uint32_t twist = mix(start ^ 0x85EBCA6BU);
    for (std::size_t first = 0; first < out.size(); first += block) {
        float x[block];
        float w[block];
        float value[block];
        const auto number = static_cast<std::uint32_t>(first);
        for (std::uint32_t i = 0; i < block; ++i) {
            const std::uint32_t bits = mix(mix((number + i) * 0x9E3779B9U + start) ^ twist) >> 9U;
            // Odd multiples of 2^−23: never 0 or ±1, as likely below as above.
            x[i] = static_cast<float>(2 * static_cast<std::int32_t>(bits) + 1 - (1 << 23)) * 0x1.0p-23F;
        }
        for (std::size_t i = 0; i < block; ++i) w[i] = -logarithm((1.0F - x[i]) * (1.0F + x[i]));
        for (std::size_t i = 0; i < block; ++i) value[i] = root_two * x[i] * middle(w[i]);
        for (std::size_t i = 0; i < block; ++i) {
            if (w[i] >= tail_from) value[i] = root_two * x[i] * tail(w[i]);
        }
        std::copy_n(value, std::min(block, out.size() - first), out.data() + first);
    }
}

}  // namespace pellucid::methods
