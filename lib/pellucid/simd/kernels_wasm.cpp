/// WebAssembly SIMD: vectors of four floats. With -mrelaxed-simd, products and sums are fused.
#include "pellucid/simd/table.hpp"
#include "pellucid/simd/tables.hpp"

#include <wasm_simd128.h>

namespace pellucid::simd {

struct Wasm : XsimdLanes<xsimd::wasm> {
    static constexpr std::size_t conv_unroll = 4;
    static constexpr std::size_t conv_group = 2;
    template <std::size_t V>
    static constexpr std::size_t conv_positions = V == 1 ? 8 : 4;
    static constexpr std::size_t narrow_positions = 6;
    static constexpr std::size_t outer_group = 2;
    static constexpr std::size_t outer_inputs = 4;

#ifdef __wasm_relaxed_simd__
    static constexpr const char* name = "relaxed";
    /// xsimd knows no relaxed instructions.
    static PELLUCID_INLINE Vector multiply_add(const Vector& a, const Vector& b, const Vector& c) {
        return wasm_f32x4_relaxed_madd(a, b, c);
    }
#else
    static constexpr const char* name = "simd128";
#endif
};

const Kernels wasm_kernels = table<Wasm>();

}  // namespace pellucid::simd
