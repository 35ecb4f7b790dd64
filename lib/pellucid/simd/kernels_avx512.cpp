/// The table of AVX-512, and those of its kernels that are instantiated nowhere else: dense layers, pools, the rest.
#include "pellucid/simd/avx512.hpp"
#include "pellucid/simd/tables.hpp"

namespace pellucid::simd {

const Kernels avx512_kernels = table<Avx512>();

}  // namespace pellucid::simd
