/// WebAssembly SIMD: vectors of four floats. With -mrelaxed-simd, products and sums are fused.
#include "pellucid/simd/table.hpp"
#include "pellucid/simd/tables.hpp"

#include <wasm_simd128.h>

namespace pellucid::simd {

struct Wasm : XsimdLanes<xsimd::wasm> {
    // V8 puts all loads of a block before its arithmetic: sums, weights and inputs of one step must fit the 15 registers
    // that it uses, and unrolling makes it spill.
    static constexpr std::size_t conv_unroll = 1;
    static constexpr bool unroll_taps = false;
    static constexpr std::size_t conv_group = 4;
    template <std::size_t V>
    static constexpr std::size_t conv_positions = V == 1 ? 7 : V == 2 ? 4 : 2;
    static constexpr std::size_t small_group = 4;
    static constexpr std::size_t winograd_tiles = 16;
    static constexpr bool winograd_unpooled = true;
    static constexpr std::size_t narrow_positions = 6;
    static constexpr std::size_t outer_group = 2;
    static constexpr std::size_t outer_inputs = 4;
    static constexpr std::size_t sparse_rows = 1;
    static constexpr std::size_t sparse_group = 2;
    static constexpr std::size_t sparse_percent = 40;

    /// As x86 has it, one instruction; the other maximum of WebAssembly takes eight for the sake of NaN.
    static PELLUCID_INLINE Vector max(const Vector& a, const Vector& b) { return wasm_f32x4_pmax(b, a); }
    static PELLUCID_INLINE Vector min(const Vector& a, const Vector& b) { return wasm_f32x4_pmin(b, a); }

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
