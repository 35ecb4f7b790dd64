/// AVX-512's kernels of the way back: gradients of weights, and what convolutions hand down.
#include "pellucid/simd/avx512.hpp"

namespace pellucid::simd {

template void conv_weight_gradient<Avx512>(const ConvSizes&, const float*, const float*, float*);
template void conv_sparse<Avx512>(const ConvSizes&, const float*, const PackedWeights&, const float*, float*, Fuse);
template void pooled_adjoint<Avx512>(const ConvSizes&, const std::uint32_t*, const float*, const PackedWeights&,
                                     float*);
template void dense_weight_gradient<Avx512>(std::size_t, std::size_t, std::size_t, const float*, const float*, float*);

}  // namespace pellucid::simd
