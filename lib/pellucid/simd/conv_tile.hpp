/// The register tiles of convolution and dense layers.
///
/// A tile is P neighbouring output positions of one row × V vectors of output channels, and its P·V sums live in
/// registers from the bias to the store:
///
///     acc[p, v] = bias[v] + Σ_row Σ_j in[row, p, j] · w[row, j, v]
///
/// where `row` runs over kernel rows and j over the `run` of kernel columns × input channels, which is contiguous in
/// NHWC. One step of j loads V vectors of weights and broadcasts P single inputs, and does P·V fused multiply-adds with
/// them. So there are V + P loads for P·V multiply-adds, and the arithmetic units, not the loads, are the limit. How
/// large P and V may be is decided by the number of vector registers (conv_positions in kernels_*.cpp).
#pragma once

#include "pellucid/simd/kernels.hpp"
#include "pellucid/simd/lanes.hpp"

namespace pellucid::simd {

/// What a tile reads and writes.
struct TileJob {
    const float* in;             ///< first input of the first position, which at an edge lies before the image
    float* out;                  ///< first channel of the tile at the first position
    const float* weights;        ///< first vector of the tile
    const float* bias;           ///< first channel of the tile, or null
    std::size_t tiles;           ///< number of tiles that follow one another in the row
    std::size_t rows;            ///< kernel rows that read stored input
    std::size_t run;             ///< kernel columns × input channels
    std::size_t row_step;        ///< floats from one input row to the next
    std::size_t in_step;         ///< floats from one position's input to the next's
    std::size_t out_step;        ///< floats from one position's output to the next's
    std::size_t weight_step;     ///< floats from one block of weights to the next
    std::size_t last;            ///< valid lanes of the last vector
    std::size_t kernel_w, in_c;  ///< edge tiles: run = kernel_w · in_c,
    std::size_t without_first;   ///< number of leading kernel columns that lie in the padding at the first position
    std::size_t without_last;    ///< number of trailing kernel columns that do so at the last position
    bool relu;
};

/// Floats from one weight vector of a tile to the next: a constant where a block of 16 outputs holds several vectors.
template <class Isa>
PELLUCID_INLINE std::size_t weight_step(const TileJob& job) {
    return Isa::width == pack_block ? job.weight_step : Isa::width;
}

/// The type whose functions load and store parts of vectors in tiles. An instruction set may name another one for tiles
/// than for the rest (kernels_wasm.cpp does).
template <class Isa>
struct InTiles {
    using type = Isa;
};
template <class Isa>
    requires requires { typename Isa::InTiles; }
struct InTiles<Isa> {
    using type = typename Isa::InTiles;
};

/// The sums of a tile, from the bias to the output.
template <class Isa, std::size_t P, std::size_t V>
struct TileSums {
    using Vector = typename Isa::Vector;
    using Lanes = typename InTiles<Isa>::type;
    Vector acc[P][V];

    PELLUCID_INLINE void fill(const Vector (&values)[V]) {
        repeat<P>([&]<std::size_t p>() PELLUCID_INLINE_LAMBDA {
            repeat<V>([&]<std::size_t v>() PELLUCID_INLINE_LAMBDA { acc[p][v] = values[v]; });
        });
    }

    PELLUCID_INLINE void clear() {
        repeat<P>([&]<std::size_t p>() PELLUCID_INLINE_LAMBDA {
            repeat<V>([&]<std::size_t v>() PELLUCID_INLINE_LAMBDA { acc[p][v] = Isa::zero(); });
        });
    }

    PELLUCID_INLINE void start(const TileJob& job) {
        Vector bias[V];
        repeat<V>([&]<std::size_t v>() PELLUCID_INLINE_LAMBDA {
            bias[v] = job.bias == nullptr
                          ? Isa::zero()
                          : load_lanes<Lanes>(job.bias + v * Isa::width, v + 1 < V ? Isa::width : job.last);
        });
        fill(bias);
    }

    /// One step of j: adds x(p) · w to the sums of positions First … Last − 1, where x(p) is one input of position p.
    template <std::size_t First, std::size_t Last, class X>
    PELLUCID_INLINE void tap(const float* weights, const TileJob& job, const X& x) {
        Vector w[V];
        repeat<V>([&]<std::size_t v>()
                      PELLUCID_INLINE_LAMBDA { w[v] = Isa::load(weights + v * weight_step<Isa>(job)); });
        repeat<Last - First>([&]<std::size_t i>() PELLUCID_INLINE_LAMBDA {
            const Vector splat = Isa::splat(x.template operator()<First + i>());
            repeat<V>([&]<std::size_t v>() PELLUCID_INLINE_LAMBDA {
                acc[First + i][v] = Isa::multiply_add(splat, w[v], acc[First + i][v]);
            });
        });
    }

    /// `taps` steps of j for positions First … Last − 1. Only every third position has a pointer; the two after it are
    /// addressed as pointer + step and pointer + 2·step, which x86 does in the load instruction. So 14 positions need 5
    /// address registers instead of 14.
    template <std::size_t First, std::size_t Last, std::size_t Unroll>
    PELLUCID_INLINE void add(const float* in, const float* weights, std::size_t taps, const TileJob& job) {
        constexpr std::size_t bases = (P + 2) / 3;
        const std::size_t in_step = job.in_step;
        const float* base[bases];
        repeat<bases>([&]<std::size_t b>() PELLUCID_INLINE_LAMBDA { base[b] = in + 3 * b * in_step; });
        for (std::size_t t = 0; t < taps; t += Unroll) {
            repeat<Unroll>([&]<std::size_t u>() PELLUCID_INLINE_LAMBDA {
                tap<First, Last>(weights + u * pack_block, job, [&]<std::size_t p>() PELLUCID_INLINE_LAMBDA {
                    return base[p / 3][(p % 3) * in_step + u];
                });
            });
            weights += Unroll * pack_block;
            repeat<bases>([&]<std::size_t b>() PELLUCID_INLINE_LAMBDA {
                base[b] += Unroll;
                PELLUCID_KEEP(base[b]);
            });
        }
    }

    PELLUCID_INLINE void finish(const TileJob& job) {
        if (job.relu) {
            repeat<P>([&]<std::size_t p>() PELLUCID_INLINE_LAMBDA {
                repeat<V>([&]<std::size_t v>()
                              PELLUCID_INLINE_LAMBDA { acc[p][v] = Isa::max(acc[p][v], Isa::zero()); });
            });
        }
        store(job.out, job);
    }

    PELLUCID_INLINE void store(float* out, const TileJob& job) const {
        const bool whole = job.last == Isa::width;
        repeat<P>([&]<std::size_t p>() PELLUCID_INLINE_LAMBDA {
            repeat<V - 1>([&]<std::size_t v>() PELLUCID_INLINE_LAMBDA { Isa::store(out + v * Isa::width, acc[p][v]); });
            float* const end = out + (V - 1) * Isa::width;
            whole ? Isa::store(end, acc[p][V - 1]) : Lanes::store_first(end, acc[p][V - 1], job.last);
            out += job.out_step;
        });
    }
};

/// A row of tiles whose taps all lie within the image.
template <class Isa, std::size_t P, std::size_t V>
PELLUCID_TILE void conv_tile(const TileJob& row_job) {
    TileJob job = row_job;  // a copy, so that the loops need not read it again after each store
    constexpr std::size_t unroll = Isa::conv_unroll;
    const std::size_t rest = job.run % unroll;
    const std::size_t whole = job.run - rest;
    for (; job.tiles > 0; --job.tiles, job.in += P * job.in_step, job.out += P * job.out_step) {
        TileSums<Isa, P, V> sums;
        sums.start(job);
        const float* in = job.in;
        const float* weights = job.weights;
        for (std::size_t row = 0; row < job.rows; ++row) {
            sums.template add<0, P, unroll>(in, weights, whole, job);
            weights += whole * pack_block;
            if constexpr (unroll > 1) {
                sums.template add<0, P, 1>(in + whole, weights, rest, job);
                weights += rest * pack_block;
            }
            in += job.row_step;
        }
        sums.finish(job);
    }
}

/// One tile at the left or right edge of the image: at its first position, its last position or both some kernel
/// columns lie in the padding and are left out. in_c must be a multiple of the unrolling.
template <class Isa, std::size_t P, std::size_t V>
PELLUCID_TILE void conv_edge_tile(const TileJob& job) {
    constexpr std::size_t unroll = Isa::conv_unroll;
    TileSums<Isa, P, V> sums;
    sums.start(job);
    const float* row = job.in;
    const float* weights = job.weights;
    for (std::size_t y = 0; y < job.rows; ++y, row += job.row_step) {
        const float* in = row;
        for (std::size_t kx = 0; kx < job.kernel_w; ++kx, in += job.in_c, weights += job.in_c * pack_block) {
            if (kx < job.without_first) {
                if constexpr (P > 1) sums.template add<1, P, unroll>(in, weights, job.in_c, job);
            } else if (kx + job.without_last >= job.kernel_w) {
                if constexpr (P > 1) sums.template add<0, P - 1, unroll>(in, weights, job.in_c, job);
            } else {
                sums.template add<0, P, unroll>(in, weights, job.in_c, job);
            }
        }
    }
    sums.finish(job);
}

/// A row of tiles of a 3×3 or 5×5 kernel over one input channel with stride 1, as in a first layer. The loop over the
/// Rows × Run kernel positions is unrolled where there are enough registers. V8 would move the sums to memory then, so
/// WebAssembly gets one rolled loop instead.
template <class Isa, std::size_t P, std::size_t V, std::size_t Rows, std::size_t Run>
PELLUCID_TILE void conv_small_tile(const TileJob& row_job) {
    TileJob job = row_job;  // a copy, so that the loops need not read it again after each store
    std::size_t offsets[Rows * Run];
    for (std::size_t t = 0; t < Rows * Run; ++t) offsets[t] = t / Run * job.row_step + t % Run;
    for (; job.tiles > 0; --job.tiles, job.in += P, job.out += P * job.out_step) {
        TileSums<Isa, P, V> sums;
        sums.start(job);
        const auto add = [&](const float* in, const float* weights) PELLUCID_INLINE_LAMBDA {
            sums.template tap<0, P>(weights, job, [in]<std::size_t p>() PELLUCID_INLINE_LAMBDA { return in[p]; });
        };
        if constexpr (Isa::unroll_taps) {
            repeat<Rows>([&]<std::size_t row>() PELLUCID_INLINE_LAMBDA {
                const float* in = job.in + row * job.row_step;
                repeat<Run>([&]<std::size_t t>()
                                PELLUCID_INLINE_LAMBDA { add(in + t, job.weights + (row * Run + t) * pack_block); });
            });
        } else {
            const float* weights = job.weights;
            PELLUCID_ROLLED
            for (const std::size_t offset : offsets) {
                add(job.in + offset, weights);
                weights += pack_block;
            }
        }
        sums.finish(job);
    }
}

}  // namespace pellucid::simd
