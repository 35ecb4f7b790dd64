/// Rows of a matrix product, added where they belong: out[p][o] += Σ_i in[p, i] · w[i, o].
///
/// What changes of a convolution's input sends to its outputs, tap by tap, and to a dense layer's, pixel by pixel
/// (nn/patch_evaluator.hpp): the inputs are dense, the outputs lie anywhere. Sums start from what stands there, in the
/// registers of the convolution's tile. A last, shorter tile is filled up with whatever rows follow,
/// whose sums go nowhere.
/// Cost: count·in_c·out_c multiply-adds; each output is read and written once.
#pragma once

#include "pellucid/simd/conv_rows.hpp"
#include "pellucid/simd/scratch.hpp"

namespace pellucid::simd {

template <class Isa, std::size_t P, std::size_t V>
PELLUCID_TILE void scatter_tiles(const TileJob& row_job, float* const* to, std::size_t offset) {
    TileJob job = row_job;
    constexpr std::size_t unroll = Isa::conv_unroll;
    const std::size_t rest = job.run % unroll;
    const std::size_t whole = job.run - rest;
    const auto each = [&](const auto& use) PELLUCID_INLINE_LAMBDA {
        repeat<P>([&]<std::size_t p>() PELLUCID_INLINE_LAMBDA {
            float* const place = to[p] + offset;
            repeat<V>([&]<std::size_t v>() PELLUCID_INLINE_LAMBDA {
                use.template operator()<p, v>(place + v * Isa::width, v + 1 < V ? Isa::width : job.last);
            });
        });
    };
    for (; job.tiles > 0; --job.tiles, job.in += P * job.in_step, to += P) {
        TileSums<Isa, P, V> sums;
        each([&]<std::size_t p, std::size_t v>(float* place, std::size_t lanes)
                 PELLUCID_INLINE_LAMBDA { sums.acc[p][v] = load_lanes<Isa>(place, lanes); });
        sums.template add<0, P, unroll>(job.in, job.weights, whole, job);
        if constexpr (unroll > 1) {
            sums.template add<0, P, 1>(job.in + whole, job.weights + whole * pack_block, rest, job);
        }
        each([&]<std::size_t p, std::size_t v>(float* place, std::size_t lanes)
                 PELLUCID_INLINE_LAMBDA { store_lanes<Isa>(place, sums.acc[p][v], lanes); });
    }
}

/// One row after another, from wherever they are.
template <class Isa>
PELLUCID_TILE void gather_rows(const ScatteredProducts& s, float* to) {
    for (std::size_t p = 0; p < s.count; ++p, to += s.in_c) {
        const float* const from = s.in + s.rows[p] * s.in_c;
        std::size_t i = 0;
        PELLUCID_ROLLED
        for (; i + Isa::width <= s.in_c; i += Isa::width) Isa::store(to + i, Isa::load(from + i));
        if (i < s.in_c) Isa::store_first(to + i, Isa::load_first(from + i, s.in_c - i), s.in_c - i);
    }
}

/// All rows for V vectors of outputs.
template <class Isa, std::size_t V>
PELLUCID_INLINE void scatter_group(const ScatteredProducts& s, TileJob job, std::size_t offset, float* nowhere) {
    constexpr std::size_t P = Isa::template conv_positions<V>;
    job.tiles = s.count / P;
    if (job.tiles > 0) scatter_tiles<Isa, P, V>(job, s.out, offset);
    const std::size_t done = job.tiles * P;
    const std::size_t rest = s.count - done;
    if (rest == 0) return;
    float* to[P];
    PELLUCID_ROLLED
    for (std::size_t p = 0; p < P; ++p) to[p] = p < rest ? s.out[done + p] : nowhere - offset;
    job.in += done * job.in_step;
    job.tiles = 1;
    constexpr std::size_t half = (P + 1) / 2;
    if constexpr (P > 8) {
        if (rest <= half) return scatter_tiles<Isa, half, V>(job, to, offset);
    }
    scatter_tiles<Isa, P, V>(job, to, offset);
}

template <class Isa>
void scatter_products(const ScatteredProducts& s) {
    const std::size_t gathered = s.rows == nullptr ? 0 : s.count * s.in_c;
    float* const nowhere = scratch(Scratch::rows, 4 * pack_block + gathered + scatter_margin * s.in_c);
    float* const memory = nowhere + 4 * pack_block;
    if (gathered > 0) gather_rows<Isa>(s, memory);
    TileJob job{};
    job.in = s.rows == nullptr ? s.in : memory;
    job.run = job.in_step = s.in_c;
    job.weight_step = s.weight_step;
    for_groups<Isa, 2>(s.out_c, [&](auto group, std::size_t channel, std::size_t last) PELLUCID_INLINE_LAMBDA {
        job.weights = s.weights + channel / pack_block * s.weight_step + channel % pack_block;
        job.last = last;
        scatter_group<Isa, decltype(group)::value>(s, job, s.offset + channel, nowhere);
    });
}

}  // namespace pellucid::simd
