#include "pellucid/methods/attribution/noise.hpp"

#include "pellucid/random.hpp"
#include "pellucid/simd/kernels.hpp"

namespace pellucid::methods {

void fill_normal(std::uint32_t seed, std::size_t number, std::span<float> out) {
    const std::uint64_t bits = stream_bits(seed, Purpose::noise, 0, number);
    simd::kernels().normal(static_cast<std::uint32_t>(bits), static_cast<std::uint32_t>(bits >> 32U), out.size(),
                           out.data());
}

}  // namespace pellucid::methods
