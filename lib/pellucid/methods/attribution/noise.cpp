#include "pellucid/methods/attribution/noise.hpp"

#include "pellucid/simd/kernels.hpp"

namespace pellucid::methods {

namespace {

std::uint32_t mixed(std::uint32_t x) {
    x = (x ^ x >> 16U) * 0x7FEB352DU;
    x = (x ^ x >> 15U) * 0x846CA68BU;
    return x ^ x >> 16U;
}

}  // namespace

void fill_normal(std::uint32_t seed, std::uint32_t stream, std::span<float> out) {
    const std::uint32_t start = mixed(mixed(seed + 0x9E3779B9U) + stream);
    simd::kernels().normal(start, mixed(start ^ 0x85EBCA6BU), out.size(), out.data());
}

}  // namespace pellucid::methods
