/// AVX-512's convolutions forward, with and without a pool behind them.
#include "pellucid/simd/avx512.hpp"

namespace pellucid::simd {

template void conv<Avx512>(const ConvSizes&, const float*, const PackedWeights&, const float*, float*, Fuse);
template void conv_pool<Avx512>(const ConvSizes&, const float*, const PackedWeights&, const float*, float*, Fuse);
template void conv_pool_traced<Avx512>(const ConvSizes&, const float*, const PackedWeights&, const float*, float*,
                                       std::uint32_t*, Fuse);

}  // namespace pellucid::simd
