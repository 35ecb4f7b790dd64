/// The tables that exist; a build links those of its target.
#pragma once

#include "pellucid/simd/kernels.hpp"

namespace pellucid::simd {

extern const Kernels scalar_kernels;
extern const Kernels sse4_2_kernels;
extern const Kernels avx2_kernels;
extern const Kernels avx512_kernels;
extern const Kernels wasm_kernels;  ///< simd128 or relaxed, whichever the file was built for

}  // namespace pellucid::simd
