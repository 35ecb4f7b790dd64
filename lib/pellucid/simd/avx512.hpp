/// AVX-512 (foundation): 32 registers of sixteen floats. Its kernels take longer to compile than all others, so they
/// are instantiated in three files, side by side: kernels_avx512_conv.cpp, kernels_avx512_back.cpp and
/// kernels_avx512.cpp.
#pragma once

#include "pellucid/simd/table.hpp"

#include <immintrin.h>

namespace pellucid::simd {

struct Avx512 : XsimdLanes<xsimd::avx512f> {
    static constexpr const char* name = "avx512";
    static constexpr std::size_t conv_unroll = 2;
    static constexpr bool unroll_taps = true;
    static constexpr std::size_t conv_group = 2;
    template <std::size_t V>
    static constexpr std::size_t conv_positions = V == 3 ? 9 : 14;
    static constexpr std::size_t small_group = 1;
    static constexpr std::size_t winograd_tiles = 16;
    static constexpr std::size_t winograd4_tiles = 16;
    /// Two multiply-adds a cycle leave nothing to win, unless pooling makes the outputs few.
    static constexpr bool winograd_unpooled = false;
    /// With the places of maxima to find as well, the direct form takes no longer than the smaller tiles.
    static constexpr bool winograd_places = false;
    static constexpr bool winograd4_places = true;
    static constexpr std::size_t pooled_positions = 12;
    static constexpr std::size_t narrow_positions = 14;
    static constexpr std::size_t outer_group = 2;
    static constexpr std::size_t outer_inputs = 8;
    static constexpr std::size_t used_percent = 75;
    static constexpr std::size_t sparse_percent = 45;
    static constexpr std::size_t sparse_pool_percent = 45;

    /// Pairs of vectors are added half against half until one vector holds eight pairs of partial sums: two shuffles a
    /// vector instead of four.
    static PELLUCID_INLINE void sum_eight(const Vector (&v)[8], float (&sums)[8]) {
        const auto halves = [](const Vector& a, const Vector& b) PELLUCID_INLINE_LAMBDA {
            return Vector(_mm512_add_ps(_mm512_shuffle_f32x4(a, b, 0x44), _mm512_shuffle_f32x4(a, b, 0xEE)));
        };
        const auto quarters = [](const Vector& a, const Vector& b) PELLUCID_INLINE_LAMBDA {
            return Vector(_mm512_add_ps(_mm512_shuffle_f32x4(a, b, 0x88), _mm512_shuffle_f32x4(a, b, 0xDD)));
        };
        // Quarter q of `low` holds four partial sums of v[q], of `high` those of v[4 + q].
        const Vector low = quarters(halves(v[0], v[1]), halves(v[2], v[3]));
        const Vector high = quarters(halves(v[4], v[5]), halves(v[6], v[7]));
        const __m512 two = _mm512_add_ps(_mm512_shuffle_ps(low, high, 0x44), _mm512_shuffle_ps(low, high, 0xEE));
        const __m512 one = _mm512_add_ps(two, _mm512_permute_ps(two, 0xB1));
        // Lane 4q + 0 is the sum of v[q], lane 4q + 2 that of v[4 + q].
        const __m512i order = _mm512_setr_epi32(0, 4, 8, 12, 2, 6, 10, 14, 0, 0, 0, 0, 0, 0, 0, 0);
        _mm256_storeu_ps(sums, _mm512_castps512_ps256(_mm512_permutexvar_ps(order, one)));
    }

    /// The last eight lanes, then zeros.
    static PELLUCID_INLINE Vector second_half(const Vector& v) {
        return _mm512_maskz_shuffle_f32x4(0x00FF, v, v, 0xEE);
    }

    static PELLUCID_INLINE __mmask16 first(std::size_t count) { return static_cast<__mmask16>((1U << count) - 1U); }
    static PELLUCID_INLINE Vector load_first(const float* from, std::size_t count) {
        return _mm512_maskz_loadu_ps(first(count), from);
    }
    static PELLUCID_INLINE Index load_first(const std::uint32_t* from, std::size_t count) {
        return _mm512_maskz_loadu_epi32(first(count), from);
    }
    static PELLUCID_INLINE void store_first(float* to, const Vector& v, std::size_t count) {
        _mm512_mask_storeu_ps(to, first(count), v);
    }
    static PELLUCID_INLINE void store_first(std::uint32_t* to, const Index& v, std::size_t count) {
        _mm512_mask_storeu_epi32(to, first(count), v);
    }

    static PELLUCID_INLINE std::size_t list(const float* from, std::size_t count, std::uint32_t start, float* values,
                                            std::uint32_t* places) {
        const __m512 v = _mm512_maskz_loadu_ps(first(count), from);
        const __mmask16 there = _mm512_cmp_ps_mask(v, _mm512_setzero_ps(), _CMP_NEQ_UQ);
        const __m512i lane = _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
        _mm512_storeu_ps(values, _mm512_maskz_compress_ps(there, v));
        _mm512_storeu_si512(places, _mm512_add_epi32(_mm512_maskz_compress_epi32(there, lane),
                                                     _mm512_set1_epi32(static_cast<int>(start))));
        return static_cast<std::size_t>(__builtin_popcount(there));
    }
};

// In kernels_avx512_conv.cpp.
extern template void conv<Avx512>(const ConvSizes&, const float*, const PackedWeights&, const float*, float*, Fuse);
extern template void conv_pool<Avx512>(const ConvSizes&, const float*, const PackedWeights&, const float*, float*,
                                       Fuse);
extern template void conv_pool_traced<Avx512>(const ConvSizes&, const float*, const PackedWeights&, const float*,
                                              float*, std::uint32_t*, Fuse);
// In kernels_avx512_back.cpp.
extern template void conv_weight_gradient<Avx512>(const ConvSizes&, const float*, const float*, float*);
extern template void conv_sparse<Avx512>(const ConvSizes&, const float*, const PackedWeights&, const float*, float*,
                                         Fuse);
extern template void pooled_adjoint<Avx512>(const ConvSizes&, const std::uint32_t*, const float*, const PackedWeights&,
                                            float*);
extern template void dense_weight_gradient<Avx512>(std::size_t, std::size_t, std::size_t, const float*, const float*,
                                                   float*);

}  // namespace pellucid::simd
