/// AVX-512 (foundation): 32 registers of sixteen floats.
#include "pellucid/simd/table.hpp"
#include "pellucid/simd/tables.hpp"

#include <immintrin.h>

namespace pellucid::simd {

struct Avx512 : XsimdLanes<xsimd::avx512f> {
    static constexpr const char* name = "avx512";
    static constexpr std::size_t conv_unroll = 2;
    static constexpr bool unroll_taps = true;
    static constexpr std::size_t conv_group = 2;
    template <std::size_t V>
    static constexpr std::size_t conv_positions = V == 3 ? 9 : 14;
    static constexpr std::size_t narrow_positions = 8;
    static constexpr std::size_t outer_group = 2;
    static constexpr std::size_t outer_inputs = 8;

    static PELLUCID_INLINE __mmask16 first(std::size_t count) {
        return static_cast<__mmask16>((1U << count) - 1U);
    }
    static PELLUCID_INLINE Vector load_first(const float* from, std::size_t count) {
        return _mm512_maskz_loadu_ps(first(count), from);
    }
    static PELLUCID_INLINE void store_first(float* to, const Vector& v, std::size_t count) {
        _mm512_mask_storeu_ps(to, first(count), v);
    }
    static PELLUCID_INLINE void store_first(std::uint32_t* to, const Index& v, std::size_t count) {
        _mm512_mask_storeu_epi32(to, first(count), v);
    }
};

const Kernels avx512_kernels = table<Avx512>();

}  // namespace pellucid::simd
