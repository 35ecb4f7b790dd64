/// Convolution: direct, over NHWC, in register tiles.
///
/// out[y, x, o] = bias[o] + Σ in[y·stride_h + ky, x·stride_w + kx, i] · w[ky, kx, i, o], then ReLU where asked.
/// in (in_h, in_w, in_c) padded, out (out_h, out_w, out_c). Cost: out_h·out_w·kernel_h·kernel_w·in_c·out_c
/// multiply-adds. A dense layer over a batch is the same with one row of n positions and a 1×1 kernel.
#pragma once

#include "pellucid/simd/conv_narrow.hpp"
#include "pellucid/simd/conv_tile.hpp"

#include <cassert>
#include <utility>

namespace pellucid::simd {

/// Tiles of V vectors for 1 … most positions.
template <class Isa, std::size_t V, std::size_t... Ps>
PELLUCID_INLINE auto conv_tile_for(std::size_t positions, std::index_sequence<Ps...>) -> void (*)(const TileJob&) {
    static constexpr void (*tiles[])(const TileJob&) = {&conv_tile<Isa, Ps + 1, V>...};
    return tiles[positions - 1];
}

/// All positions of all rows for V vectors of output channels. Rows are cut into tiles of nearly equal length, since
/// a short last tile would wait for the latency of its few sums.
template <class Isa, std::size_t V>
PELLUCID_INLINE void conv_vectors(const ConvSizes& s, TileJob job) {
    constexpr std::size_t most = Isa::template conv_positions<V>;
    constexpr auto sequence = std::make_index_sequence<most>{};
    const std::size_t tiles = (s.out_w + most - 1) / most;
    const std::size_t shorter = s.out_w / tiles;
    const std::size_t longer_count = s.out_w % tiles;
    const auto short_tile = conv_tile_for<Isa, V>(shorter, sequence);
    const auto long_tile = longer_count == 0 ? short_tile : conv_tile_for<Isa, V>(shorter + 1, sequence);

    const float* const in = job.in;
    float* out = job.out;
    for (std::size_t y = 0; y < s.out_h; ++y) {
        job.in = in + y * s.stride_h * job.row_step;
        for (std::size_t t = 0; t < tiles; ++t) {
            const bool longer = t < longer_count;
            const std::size_t positions = longer ? shorter + 1 : shorter;
            job.out = out;
            (longer ? long_tile : short_tile)(job);
            job.in += positions * job.in_step;
            out += positions * job.out_step;
        }
    }
}

template <class Isa>
void conv(const ConvSizes& s, const float* in, const PackedWeights& packed, const float* bias, float* out, Fuse fuse) {
    assert(packed.kernel_h == s.kernel_h && packed.kernel_w == s.kernel_w);
    assert(packed.in_c == s.in_c && packed.out_c == s.out_c);
    if (s.out_h == 0 || s.out_w == 0) return;
    if (s.out_c < narrow_limit) return conv_narrow<Isa>(s, in, packed, bias, out, fuse);

    constexpr std::size_t width = Isa::width;
    constexpr std::size_t group = Isa::conv_group;
    const std::size_t block_floats = s.kernel_h * s.kernel_w * s.in_c * pack_block;
    const std::size_t vectors = (s.out_c + width - 1) / width;

    TileJob job{};
    job.rows = s.kernel_h;
    job.run = s.kernel_w * s.in_c;
    job.row_step = s.in_w * s.in_c;
    job.in_step = s.stride_w * s.in_c;
    job.out_step = s.out_c;
    job.weight_step = width == pack_block ? block_floats : width;
    job.relu = fuse == Fuse::relu;

    for (std::size_t v = 0; v < vectors;) {
        const std::size_t first = v * width;
        job.in = in;
        job.out = out + first;
        job.weights = packed.data.data() + first / pack_block * block_floats + first % pack_block;
        job.bias = bias == nullptr ? nullptr : bias + first;
        const std::size_t count = vectors - v >= group ? group : 1;
        const std::size_t end = first + count * width;
        job.last = end <= s.out_c ? width : width - (end - s.out_c);
        if (count == group) {
            conv_vectors<Isa, group>(s, job);
        } else {
            conv_vectors<Isa, 1>(s, job);
        }
        v += count;
    }
}

}  // namespace pellucid::simd
