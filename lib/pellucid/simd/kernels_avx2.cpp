/// AVX2 with fused multiply-add: 16 registers of eight floats.
#include "pellucid/simd/table.hpp"
#include "pellucid/simd/tables.hpp"

#include <immintrin.h>

namespace pellucid::simd {

struct Avx2 : XsimdLanes<xsimd::fma3<xsimd::avx2>> {
    static constexpr const char* name = "avx2";
    static constexpr std::size_t conv_unroll = 2;
    static constexpr bool unroll_taps = true;
    static constexpr std::size_t conv_group = 2;
    template <std::size_t V>
    static constexpr std::size_t conv_positions = V == 1 ? 12 : 6;
    static constexpr std::size_t small_group = 2;
    static constexpr std::size_t winograd_tiles = 16;
    static constexpr std::size_t winograd4_tiles = 16;
    static constexpr bool winograd_unpooled = true;
    /// With the places of maxima to find as well, the direct form takes no longer than the smaller tiles.
    static constexpr bool winograd_places = false;
    static constexpr bool winograd4_places = true;
    static constexpr std::size_t pooled_positions = 4;
    static constexpr std::size_t narrow_positions = 12;
    static constexpr std::size_t outer_group = 2;
    static constexpr std::size_t outer_inputs = 6;
    static constexpr std::size_t used_percent = 75;
    static constexpr std::size_t sparse_percent = 60;
    static constexpr std::size_t sparse_pool_percent = 45;

    static PELLUCID_INLINE __m256i first(std::size_t count) {
        const __m256i lane = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
        return _mm256_cmpgt_epi32(_mm256_set1_epi32(static_cast<int>(count)), lane);
    }
    static PELLUCID_INLINE Vector load_first(const float* from, std::size_t count) {
        return _mm256_maskload_ps(from, first(count));
    }
    static PELLUCID_INLINE Index load_first(const std::uint32_t* from, std::size_t count) {
        return _mm256_maskload_epi32(reinterpret_cast<const int*>(from), first(count));
    }
    static PELLUCID_INLINE void store_first(float* to, const Vector& v, std::size_t count) {
        _mm256_maskstore_ps(to, first(count), v);
    }
    static PELLUCID_INLINE void store_first(std::uint32_t* to, const Index& v, std::size_t count) {
        _mm256_maskstore_epi32(reinterpret_cast<int*>(to), first(count), v);
    }
};

const Kernels avx2_kernels = table<Avx2>();

}  // namespace pellucid::simd
