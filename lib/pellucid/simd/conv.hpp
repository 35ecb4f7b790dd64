/// Convolution: direct, over NHWC, in register tiles.
///
/// out[y, x, o] = bias[o] + Σ in[y·stride_h + ky − pad_top, x·stride_w + kx − pad_left, i] · w[ky, kx, i, o], then ReLU
/// where asked. in (in_h, in_w, in_c), out (out_h, out_w, out_c).
/// Cost: out_h·out_w·kernel_h·kernel_w·in_c·out_c multiply-adds, minus those with padding, which are skipped: for a 3×3
/// kernel on 7×7 positions these are a fifth of all.
#pragma once

#include "pellucid/simd/conv_narrow.hpp"
#include "pellucid/simd/conv_pool_tile.hpp"
#include "pellucid/simd/conv_rows.hpp"
#include "pellucid/simd/pool.hpp"
#include "pellucid/simd/scratch.hpp"
#include "pellucid/simd/winograd4.hpp"

#include <cassert>

namespace pellucid::simd {

/// Whether edge tiles (conv_edge_tile) can leave out the padding, so that the image need not be copied with its padding
/// around it. Three conditions: only the first and the last position of a row reach into the padding; no window lies
/// outside of the image altogether; and no kernel column lies in the padding at both of these positions, because for
/// one kernel column an edge tile can leave out its first or its last position, not both.
template <class Isa>
PELLUCID_INLINE bool edges_suffice(const ConvSizes& s) {
    const std::size_t right = pad_right<Isa>(s);
    return s.in_c % Isa::conv_unroll == 0 && s.pad_left <= s.stride_w && right <= s.stride_w &&
           s.pad_left < s.kernel_w && right < s.kernel_w && s.pad_left + right <= s.kernel_w &&
           s.pad_top < s.kernel_h && pad_bottom<Isa>(s) < s.kernel_h;
}

/// Copies the image with its padding into scratch memory, enlarged to at least `least_h` rows and `least_w` columns,
/// and changes `s` to the sizes of the copy.
template <class Isa>
const float* pad(ConvSizes& s, const float* in, std::size_t least_h, std::size_t least_w) {
    const auto at_least = [](std::size_t a, std::size_t b) { return a < b ? b : a; };
    const std::size_t rows = at_least(s.pad_top + s.in_h + pad_bottom<Isa>(s), least_h);
    const std::size_t columns = at_least(s.pad_left + s.in_w + pad_right<Isa>(s), least_w);
    const std::size_t row = columns * s.in_c;
    const std::size_t stored = s.in_w * s.in_c;
    const std::size_t before = s.pad_left * s.in_c;
    float* const image = scratch(Scratch::padded, rows * row);
    float* to = image;
    const auto zeros = [&to](std::size_t count) PELLUCID_INLINE_LAMBDA {
        clear<Isa>(to, count);
        to += count;
    };
    zeros(s.pad_top * row);
    for (std::size_t y = 0; y < s.in_h; ++y, in += stored) {
        zeros(before);
        copy<Isa>(in, stored, to);
        to += stored;
        zeros(row - before - stored);
    }
    zeros((rows - s.pad_top - s.in_h) * row);
    s.in_w = columns;
    s.in_h = rows;
    s.pad_top = s.pad_left = 0;
    return image;
}

/// Computes the convolution by Winograd's 3×3 form if weights and sizes allow it; returns whether it did.
template <class Isa, bool Pool>
PELLUCID_INLINE bool tried_winograd(ConvSizes s, const float* in, const PackedWeights& packed, const float* bias,
                                    float* out, std::uint32_t* switches, Fuse fuse) {
    if constexpr (Isa::winograd4_tiles > 0) {
        if ((switches == nullptr || Isa::winograd4_places) && winograd4_suits<Isa>(s, packed)) {
            conv_winograd4<Isa, Pool>(s, in, packed, bias, out, switches, fuse == Fuse::relu);
            return true;
        }
    }
    if (switches != nullptr && !Isa::winograd_places) return false;
    if (!winograd_suits<Isa, Pool>(s, packed)) return false;
    const std::size_t least_h = (s.out_h + 1) / 2 * 2 + 2;
    const std::size_t least_w = (s.out_w + 1) / 2 * 2 + 2;
    if (s.pad_top + s.pad_left != 0 || s.in_h < least_h || s.in_w < least_w) in = pad<Isa>(s, in, least_h, least_w);
    conv_winograd<Isa, Pool>(s, in, packed, bias, out, switches, fuse == Fuse::relu);
    return true;
}

/// Which tiles to use: those for first layers (conv_small_tile) where they fit.
template <class Isa>
PELLUCID_INLINE Taps taps_of(const ConvSizes& s) {
    const bool square = s.stride_h == 1 && s.stride_w == 1 && s.kernel_h == s.kernel_w;
    if (s.in_c != 1 || !square || !small_tiles_suit<Isa>(s.out_c)) return Taps::any;
    return s.kernel_h == 3 ? Taps::three_by_three : s.kernel_h == 5 ? Taps::five_by_five : Taps::any;
}

template <class Isa>
PELLUCID_INLINE bool has_padding(const ConvSizes& s) {
    return s.pad_left + s.pad_top + pad_right<Isa>(s) + pad_bottom<Isa>(s) != 0;
}

template <class Isa>
PELLUCID_INLINE ConvPlan plan_of(const ConvSizes& s, const float* image, const PackedWeights& packed, const float* bias,
                                 Taps taps, Fuse fuse) {
    const std::size_t block_floats = s.kernel_h * s.kernel_w * s.in_c * pack_block;
    return {s, image, packed.data.data(), bias, block_floats, taps, fuse == Fuse::relu};
}

/// Calls use(rows), where rows(first, count, out) computes `count` output rows from row `first` on to `out`.
template <class Isa, class F>
PELLUCID_INLINE void with_rows(ConvSizes s, const float* in, const PackedWeights& packed, const float* bias, Fuse fuse,
                               const F& use) {
    assert(packed.kernel_h == s.kernel_h && packed.kernel_w == s.kernel_w);
    assert(packed.in_c == s.in_c && packed.out_c == s.out_c);
    if (s.out_c < narrow_limit) {
        const bool relu = fuse == Fuse::relu;
        return use([&](std::size_t first, std::size_t count, float* out)
                       PELLUCID_INLINE_LAMBDA { conv_narrow<Isa>(s, in, packed, bias, relu, first, count, out); });
    }
    const Taps taps = taps_of<Isa>(s);
    if (has_padding<Isa>(s) && (taps != Taps::any || !edges_suffice<Isa>(s))) in = pad<Isa>(s, in, 0, 0);
    const ConvPlan plan = plan_of<Isa>(s, in, packed, bias, taps, fuse);
    use([&](std::size_t first, std::size_t count, float* out)
            PELLUCID_INLINE_LAMBDA { conv_rows<Isa>(plan, first, count, out); });
}

template <class Isa>
void conv(const ConvSizes& s, const float* in, const PackedWeights& packed, const float* bias, float* out, Fuse fuse) {
    if (s.out_h == 0 || s.out_w == 0 || tried_winograd<Isa, false>(s, in, packed, bias, out, nullptr, fuse)) return;
    with_rows<Isa>(s, in, packed, bias, fuse, [&](const auto& rows) PELLUCID_INLINE_LAMBDA { rows(0, s.out_h, out); });
}

/// A first layer with its max-pool in one tile (conv_pool_tile.hpp), if there are tiles for it; returns whether it did.
template <class Isa>
PELLUCID_INLINE bool tried_pooled_tiles(ConvSizes s, const float* in, const PackedWeights& packed, const float* bias,
                                        float* out, std::uint32_t* switches, Fuse fuse) {
    if constexpr (Isa::pooled_positions > 0) {
        const Taps taps = taps_of<Isa>(s);
        if (taps == Taps::any || s.out_c < narrow_limit) return false;
        if (has_padding<Isa>(s)) in = pad<Isa>(s, in, 0, 0);
        const ConvPlan plan = plan_of<Isa>(s, in, packed, bias, taps, fuse);
        const auto run = [&](auto size) PELLUCID_INLINE_LAMBDA {
            constexpr std::size_t kernel = decltype(size)::value;
            if (switches == nullptr) {
                conv_pool_small<Isa, kernel, kernel, false>(plan, out, nullptr);
            } else {
                conv_pool_small<Isa, kernel, kernel, true>(plan, out, switches);
            }
        };
        if (taps == Taps::three_by_three) {
            run(std::integral_constant<std::size_t, 3>{});
        } else {
            run(std::integral_constant<std::size_t, 5>{});
        }
        return true;
    }
    return false;
}

/// Computes two rows of outputs at a time into a small buffer that stays in the first-level cache, and pools them from
/// there. switches may be null.
template <class Isa>
PELLUCID_TILE void conv_pool_rows(const ConvSizes& s, const float* in, const PackedWeights& packed, const float* bias,
                                  float* out, std::uint32_t* switches, Fuse fuse) {
    if (tried_pooled_tiles<Isa>(s, in, packed, bias, out, switches, fuse)) return;
    const ConvSizes window{2, s.out_w, s.out_c, 1, s.out_w / 2, s.out_c, 2, 2, 2, 2};
    float* const pair = scratch(Scratch::rows, 2 * s.out_w * s.out_c);
    with_rows<Isa>(s, in, packed, bias, fuse, [&](const auto& rows) PELLUCID_INLINE_LAMBDA {
        const std::size_t step = window.out_w * s.out_c;
        for (std::size_t y = 0; y + 1 < s.out_h; y += 2) {
            rows(y, 2, pair);
            float* const to = out + y / 2 * step;
            if (switches == nullptr) {
                pool_row<Isa, 2, 2, false>(window, 0, pair, to, nullptr);
            } else {
                pool_row<Isa, 2, 2, true>(window, 0, pair, to, switches + y / 2 * step, y * s.out_w);
            }
        }
    });
}

template <class Isa>
void conv_pool(const ConvSizes& s, const float* in, const PackedWeights& packed, const float* bias, float* out,
               Fuse fuse) {
    if (s.out_h < 2 || s.out_w < 2 || tried_winograd<Isa, true>(s, in, packed, bias, out, nullptr, fuse)) return;
    conv_pool_rows<Isa>(s, in, packed, bias, out, nullptr, fuse);
}

}  // namespace pellucid::simd
