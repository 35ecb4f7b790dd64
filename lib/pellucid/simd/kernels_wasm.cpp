/// WebAssembly SIMD: vectors of four floats. With -mrelaxed-simd, products and sums are fused.
#include "pellucid/simd/table.hpp"
#include "pellucid/simd/tables.hpp"

#include <wasm_simd128.h>

namespace pellucid::simd {

// Ends of rows that are no whole vector: functions of their own, since every kernel has some and each would be another
// copy of these loops to download.
namespace {

__attribute__((noinline)) v128_t load_some(const void* from, std::size_t count) {
    alignas(16) std::uint32_t lanes[4] = {};
    __builtin_memcpy(lanes, from, 4 * count);
    return wasm_v128_load(lanes);
}

__attribute__((noinline)) void store_some(void* to, v128_t v, std::size_t count) {
    alignas(16) std::uint32_t lanes[4];
    wasm_v128_store(lanes, v);
    __builtin_memcpy(to, lanes, 4 * count);
}

}  // namespace

struct Wasm : XsimdLanes<xsimd::wasm> {
    // V8 puts all loads of a block before its arithmetic: sums, weights and inputs of one step must fit the 15
    // registers that it uses, and unrolling makes it spill.
    static constexpr std::size_t conv_unroll = 1;
    static constexpr bool unroll_taps = false;
    static constexpr std::size_t conv_group = 4;
    template <std::size_t V>
    static constexpr std::size_t conv_positions = V == 1   ? 7
                                                  : V == 2 ? 4
                                                           : 2;
    static constexpr std::size_t small_group = 4;
    static constexpr std::size_t winograd_tiles = 16;
    static constexpr std::size_t winograd4_tiles = 16;
    static constexpr bool winograd_unpooled = true;
    static constexpr bool winograd_places = true;
    static constexpr bool winograd4_places = false;
    static constexpr std::size_t pooled_positions = 0;
    static constexpr std::size_t narrow_positions = 6;
    static constexpr std::size_t outer_group = 2;
    static constexpr std::size_t outer_inputs = 4;
    static constexpr std::size_t sparse_percent = 45;
    static constexpr std::size_t sparse_pool_percent = 0;

    /// As x86 has it, one instruction; the other maximum of WebAssembly takes eight for the sake of NaN.
    static PELLUCID_INLINE Vector max(const Vector& a, const Vector& b) { return wasm_f32x4_pmax(b, a); }
    static PELLUCID_INLINE Vector min(const Vector& a, const Vector& b) { return wasm_f32x4_pmin(b, a); }

    /// The sums of the lanes of four vectors.
    static PELLUCID_INLINE Vector sum_four(const Vector (&v)[4]) {
        const auto halves = [](const Vector& a, const Vector& b) PELLUCID_INLINE_LAMBDA {
            return Vector(Vector(wasm_i32x4_shuffle(a, b, 0, 4, 1, 5)) + Vector(wasm_i32x4_shuffle(a, b, 2, 6, 3, 7)));
        };
        const Vector low = halves(v[0], v[1]);
        const Vector high = halves(v[2], v[3]);
        return Vector(wasm_i32x4_shuffle(low, high, 0, 1, 4, 5)) + Vector(wasm_i32x4_shuffle(low, high, 2, 3, 6, 7));
    }

    static PELLUCID_INLINE Vector load_first(const float* from, std::size_t count) { return load_some(from, count); }
    static PELLUCID_INLINE Index load_first(const std::uint32_t* from, std::size_t count) {
        return load_some(from, count);
    }
    static PELLUCID_INLINE void store_first(float* to, const Vector& v, std::size_t count) {
        store_some(to, v.data, count);
    }
    static PELLUCID_INLINE void store_first(std::uint32_t* to, const Index& v, std::size_t count) {
        store_some(to, v.data, count);
    }
    /// Around calls, the compiler would unroll the loops of tiles that hold few sums.
    using InTiles = XsimdLanes;

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
