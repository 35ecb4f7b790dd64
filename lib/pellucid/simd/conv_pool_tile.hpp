/// A first layer with its 2×2 max-pool in one register tile.
///
/// A tile computes P outputs of two neighbouring rows, keeps all 2·P sums in registers, and stores only the P/2 maxima.
/// An input row between the two output rows contributes to both of them and is loaded once. The results equal those of
/// conv_small_tile followed by pool_row.
#pragma once

#include "pellucid/simd/conv_rows.hpp"
#include "pellucid/simd/pool.hpp"

namespace pellucid::simd {

/// Where a pooled tile writes the positions of the maxima, and how they are counted.
struct PooledJob {
    std::uint32_t* switches;  ///< of the tile's first cell and channel, or null
    std::uint32_t first;      ///< index of the upper row's first position in the convolution's output
    std::uint32_t row;        ///< positions in a row
};

/// A row of tiles: 2 × P positions, one vector of output channels, Rows × Run taps over one channel, stride 1.
template <class Isa, std::size_t P, std::size_t Rows, std::size_t Run, bool Switches>
PELLUCID_TILE void conv_pool_tile(const TileJob& row_job, const PooledJob& pooled_job) {
    using Vector = typename Isa::Vector;
    static_assert(P % 2 == 0);
    TileJob job = row_job;  // copies, so that the loops need not read them again after each store
    PooledJob pooled = pooled_job;
    const Vector bias = job.bias == nullptr ? Isa::zero() : load_lanes<Isa>(job.bias, job.last);
    for (; job.tiles > 0; --job.tiles) {
        Vector acc[2][P];
        repeat<2 * P>([&]<std::size_t i>() PELLUCID_INLINE_LAMBDA { acc[i / P][i % P] = bias; });
        repeat<Rows + 1>([&]<std::size_t row>() PELLUCID_INLINE_LAMBDA {
            const float* in = job.in + row * job.row_step;
            repeat<Run>([&]<std::size_t t>() PELLUCID_INLINE_LAMBDA {
                PELLUCID_KEEP(in);  // else the compiler keeps the inputs of neighbouring taps and moves sums to memory
                const auto weight = [&](std::size_t of) PELLUCID_INLINE_LAMBDA {
                    return Isa::load(job.weights + (of * Run + t) * pack_block);
                };
                const Vector upper = row < Rows ? weight(row) : Isa::zero();
                const Vector lower = row > 0 ? weight(row - 1) : Isa::zero();
                repeat<P>([&]<std::size_t p>() PELLUCID_INLINE_LAMBDA {
                    const Vector x = Isa::splat(in[p + t]);
                    if constexpr (row < Rows) acc[0][p] = Isa::multiply_add(x, upper, acc[0][p]);
                    if constexpr (row > 0) acc[1][p] = Isa::multiply_add(x, lower, acc[1][p]);
                });
            });
        });
        repeat<P / 2>([&]<std::size_t cell>() PELLUCID_INLINE_LAMBDA {
            Vector z[4];
            repeat<4>([&]<std::size_t i>() PELLUCID_INLINE_LAMBDA {
                z[i] = acc[i / 2][2 * cell + i % 2];
                // The ReLU comes before the comparison: if no value is above 0 they are all equal, and the first one
                // counts.
                if (Switches && job.relu) z[i] = Isa::max(z[i], Isa::zero());
            });
            float* const to = job.out + cell * job.out_step;
            if constexpr (Switches) {
                const Largest<Isa> best = largest_of<Isa>(z, pooled.first + 2 * cell, pooled.row);
                store_lanes<Isa>(to, best.value, job.last);
                store_lanes<Isa>(pooled.switches + cell * job.out_step, best.place, job.last);
            } else {
                Vector best = Isa::max(Isa::max(z[0], z[1]), Isa::max(z[2], z[3]));
                if (job.relu) best = Isa::max(best, Isa::zero());
                store_lanes<Isa>(to, best, job.last);
            }
        });
        job.in += P;
        job.out += P / 2 * job.out_step;
        if constexpr (Switches) pooled.switches += P / 2 * job.out_step;
        pooled.first += static_cast<std::uint32_t>(P);
    }
}

/// Computes all pooled outputs of a first layer's plan.
template <class Isa, std::size_t Rows, std::size_t Run, bool Switches>
PELLUCID_INLINE void conv_pool_small(const ConvPlan& plan, float* out, std::uint32_t* switches) {
    const ConvSizes& s = plan.sizes;
    const std::size_t cells = s.out_w / 2;
    TileJob job{};
    job.row_step = s.in_w;
    job.out_step = s.out_c;
    job.relu = plan.relu;
    for (std::size_t channel = 0; channel < s.out_c; channel += Isa::width) {
        job.last = s.out_c - channel < Isa::width ? s.out_c - channel : Isa::width;
        job.weights = plan.weights + channel / pack_block * plan.block_floats + channel % pack_block;
        job.bias = plan.bias == nullptr ? nullptr : plan.bias + channel;
        for (std::size_t y = 0; y + 1 < s.out_h; y += 2) {
            std::size_t x = 0;
            const auto cover = [&](auto positions) PELLUCID_INLINE_LAMBDA {
                constexpr std::size_t p = decltype(positions)::value;
                job.tiles = (2 * cells - x) / p;
                if (job.tiles == 0) return;
                const std::size_t to = (y / 2 * cells + x / 2) * s.out_c + channel;
                job.in = plan.image + y * job.row_step + x;
                job.out = out + to;
                const PooledJob pooled{Switches ? switches + to : nullptr, static_cast<std::uint32_t>(y * s.out_w + x),
                                       static_cast<std::uint32_t>(s.out_w)};
                conv_pool_tile<Isa, p, Rows, Run, Switches>(job, pooled);
                x += job.tiles * p;
            };
            cover(std::integral_constant<std::size_t, Isa::pooled_positions>{});
            if constexpr (Isa::pooled_positions > 4) cover(std::integral_constant<std::size_t, 4>{});
            cover(std::integral_constant<std::size_t, 2>{});
        }
    }
}

}  // namespace pellucid::simd
