/// A row of a convolution's outputs, cut into register tiles of nearly equal width.
#pragma once

#include "pellucid/simd/conv_tile.hpp"

#include <type_traits>
#include <utility>

namespace pellucid::simd {

/// Which tiles do the work.
enum class Taps : std::uint8_t { any, three_by_three, five_by_five };

/// One convolution of one image, ready to be computed in any order of rows.
struct ConvPlan {
    ConvSizes sizes;
    const float* image;
    const float* weights;
    const float* bias;
    std::size_t block_floats;  ///< of one block of 16 outputs' weights
    Taps taps;
    bool relu;
};

/// Columns and rows of padding after the image.
template <class Isa>
PELLUCID_INLINE std::size_t pad_right(const ConvSizes& s) {
    const std::size_t end = (s.out_w - 1) * s.stride_w + s.kernel_w;
    return end > s.in_w + s.pad_left ? end - s.in_w - s.pad_left : 0;
}
template <class Isa>
PELLUCID_INLINE std::size_t pad_bottom(const ConvSizes& s) {
    const std::size_t end = (s.out_h - 1) * s.stride_h + s.kernel_h;
    return end > s.in_h + s.pad_top ? end - s.in_h - s.pad_top : 0;
}

using Tile = void (*)(const TileJob&);

template <class Isa, std::size_t V, std::size_t... Ps>
PELLUCID_INLINE Tile inner_tile(std::size_t positions, std::index_sequence<Ps...>) {
    static constexpr Tile tiles[] = {&conv_tile<Isa, Ps + 1, V>...};
    return tiles[positions - 1];
}

template <class Isa, std::size_t V, std::size_t... Ps>
PELLUCID_INLINE Tile edge_tile(std::size_t positions, std::index_sequence<Ps...>) {
    static constexpr Tile tiles[] = {&conv_edge_tile<Isa, Ps + 1, V>...};
    return tiles[positions - 1];
}

/// Rows [first_row, first_row + count) for V vectors of output channels; `job.out` lies in the first of these rows.
template <class Isa, std::size_t V>
PELLUCID_INLINE void any_rows(const ConvPlan& plan, TileJob job, std::size_t first_row, std::size_t count) {
    constexpr std::size_t most = Isa::template conv_positions<V>;
    constexpr auto sequence = std::make_index_sequence<most>{};
    const ConvSizes& s = plan.sizes;
    // The tiles are nearly equal: a short last tile would have few independent sums, each of which waits for the
    // latency of its own last multiply-add.
    const std::size_t tiles = (s.out_w + most - 1) / most;
    const std::size_t shorter = s.out_w / tiles;
    const std::size_t longer_count = s.out_w % tiles;
    // Only the first and the last tile can reach into the padding. A single tile counts as the first one.
    const bool first_edge = s.pad_left > 0 || (tiles == 1 && pad_right<Isa>(s) > 0);
    const bool last_edge = tiles > 1 && pad_right<Isa>(s) > 0;
    const std::size_t inner = tiles - (first_edge ? 1 : 0) - (last_edge ? 1 : 0);
    const std::size_t long_inner = longer_count - (first_edge && longer_count > 0 ? 1 : 0);
    const std::size_t short_inner = inner - long_inner;
    const float* const weights = job.weights;
    for (std::size_t y = first_row; y < first_row + count; ++y) {
        // Rows and columns are counted from the first row and column of the padding, which is not stored.
        const std::size_t top = y * s.stride_h;
        const std::size_t above = top < s.pad_top ? s.pad_top - top : 0;
        const std::size_t bottom = top + s.kernel_h;
        const std::size_t below = bottom > s.in_h + s.pad_top ? bottom - s.in_h - s.pad_top : 0;
        job.rows = s.kernel_h - above - below;
        job.weights = weights + above * job.run * pack_block;
        const float* const row = plan.image + (top + above - s.pad_top) * job.row_step;
        std::size_t x = 0;
        const auto go = [&](std::size_t positions, std::size_t count_of_tiles, bool inside) PELLUCID_INLINE_LAMBDA {
            if (count_of_tiles == 0) return;
            job.tiles = count_of_tiles;
            job.in = row + (static_cast<std::ptrdiff_t>(x * s.stride_w) - static_cast<std::ptrdiff_t>(s.pad_left)) *
                               static_cast<std::ptrdiff_t>(s.in_c);
            (inside ? inner_tile<Isa, V>(positions, sequence) : edge_tile<Isa, V>(positions, sequence))(job);
            job.out += count_of_tiles * positions * job.out_step;
            x += count_of_tiles * positions;
        };
        const auto edge = [&](std::size_t positions) PELLUCID_INLINE_LAMBDA {
            const std::size_t left = x * s.stride_w;
            const std::size_t right = left + (positions - 1) * s.stride_w + s.kernel_w;
            job.without_first = left < s.pad_left ? s.pad_left - left : 0;
            job.without_last = right > s.in_w + s.pad_left ? right - s.in_w - s.pad_left : 0;
            go(positions, 1, false);
        };
        if (first_edge) edge(longer_count > 0 ? shorter + 1 : shorter);
        if (long_inner > 0) go(shorter + 1, long_inner, true);
        if (short_inner > 0) go(shorter, short_inner, true);
        if (last_edge) edge(shorter);
    }
}

/// The same for a kernel of Rows × Run over one input channel, stride 1, without padding.
template <class Isa, std::size_t V, std::size_t Rows, std::size_t Run>
PELLUCID_INLINE void small_rows(const ConvPlan& plan, TileJob job, std::size_t first_row, std::size_t count) {
    constexpr std::size_t most = Isa::template conv_positions<V>;
    for (std::size_t y = first_row; y < first_row + count; ++y) {
        job.in = plan.image + y * job.row_step;
        std::size_t x = 0;
        const auto cover = [&](auto tile_positions) PELLUCID_INLINE_LAMBDA {
            constexpr std::size_t positions = decltype(tile_positions)::value;
            job.tiles = (plan.sizes.out_w - x) / positions;
            if (job.tiles == 0) return;
            const std::size_t covered = job.tiles * positions;
            conv_small_tile<Isa, positions, V, Rows, Run>(job);
            job.in += covered;
            job.out += covered * job.out_step;
            x += covered;
        };
        cover(std::integral_constant<std::size_t, most>{});
        if constexpr (most > 4) cover(std::integral_constant<std::size_t, 4>{});
        cover(std::integral_constant<std::size_t, 1>{});
    }
}

/// Covers `channels` output channels with groups of at most `most` vectors, and calls use(number of vectors as a
/// compile-time constant, first channel, valid lanes of the last vector) for each group. A group must not cross the
/// border between two blocks of 16 outputs, so groups of three exist only where one vector is a whole block.
template <class Isa, std::size_t most, class F>
PELLUCID_INLINE void for_groups(std::size_t channels, const F& use) {
    constexpr std::size_t width = Isa::width;
    std::size_t channel = 0;
    while (channel < channels) {
        const std::size_t vectors = (channels - channel + width - 1) / width;
        const auto go = [&](auto group) PELLUCID_INLINE_LAMBDA {
            const std::size_t end = channel + decltype(group)::value * width;
            use(group, channel, end <= channels ? width : width - (end - channels));
            channel = end;
        };
        if constexpr (width == pack_block && most > 1) {
            if (vectors == 3) {
                go(std::integral_constant<std::size_t, 3>{});
                continue;
            }
        }
        if (vectors >= most) {
            go(std::integral_constant<std::size_t, most>{});
        } else if (most > 2 && vectors >= 2) {
            go(std::integral_constant<std::size_t, 2>{});
        } else {
            go(std::integral_constant<std::size_t, 1>{});
        }
    }
}

/// The same for first layers. In WebAssembly, where the size of the code matters, only layers whose number of channels
/// is a multiple of the block have tiles of their own.
template <class Isa>
PELLUCID_INLINE bool small_tiles_suit(std::size_t channels) {
    return Isa::unroll_taps || channels % pack_block == 0;
}
template <class Isa, class F>
PELLUCID_INLINE void for_small_groups(std::size_t channels, const F& use) {
    constexpr std::size_t count = Isa::small_group;
    if constexpr (Isa::unroll_taps) {
        for_groups<Isa, count>(channels, use);
    } else {
        static_assert(pack_block % (count * Isa::width) == 0);
        for (std::size_t channel = 0; channel < channels; channel += count * Isa::width) {
            use(std::integral_constant<std::size_t, count>{}, channel, Isa::width);
        }
    }
}

/// Computes output rows [first_row, first_row + count), all channels, to `out`. It is not inlined, so that convolutions
/// with and without pooling share one copy of its code.
template <class Isa>
PELLUCID_TILE void conv_rows(const ConvPlan& plan, std::size_t first_row, std::size_t count, float* out) {
    const ConvSizes& s = plan.sizes;
    TileJob job{};
    job.run = s.kernel_w * s.in_c;
    job.row_step = s.in_w * s.in_c;
    job.in_step = s.stride_w * s.in_c;
    job.out_step = s.out_c;
    job.weight_step = plan.block_floats;
    job.kernel_w = s.kernel_w;
    job.in_c = s.in_c;
    job.relu = plan.relu;
    const auto for_rows_of = [&](auto use) PELLUCID_INLINE_LAMBDA {
        return [&, use](auto group, std::size_t channel, std::size_t last) PELLUCID_INLINE_LAMBDA {
            job.out = out + channel;
            job.weights = plan.weights + channel / pack_block * plan.block_floats + channel % pack_block;
            job.bias = plan.bias == nullptr ? nullptr : plan.bias + channel;
            job.last = last;
            use(group);
        };
    };
    const auto any = [&](auto group)
                         PELLUCID_INLINE_LAMBDA { any_rows<Isa, decltype(group)::value>(plan, job, first_row, count); };
    const auto three = [&](auto group) PELLUCID_INLINE_LAMBDA {
        small_rows<Isa, decltype(group)::value, 3, 3>(plan, job, first_row, count);
    };
    const auto five = [&](auto group) PELLUCID_INLINE_LAMBDA {
        small_rows<Isa, decltype(group)::value, 5, 5>(plan, job, first_row, count);
    };
    switch (plan.taps) {
        case Taps::any: return for_groups<Isa, Isa::conv_group>(s.out_c, for_rows_of(any));
        case Taps::three_by_three: return for_small_groups<Isa>(s.out_c, for_rows_of(three));
        case Taps::five_by_five: return for_small_groups<Isa>(s.out_c, for_rows_of(five));
    }
}

}  // namespace pellucid::simd
