/// The register tile of convolution and dense layers: P neighbouring positions × V vectors of output channels.
///
/// What: acc[p, v] = bias[v] + Σ_row Σ_j in[row, p, j] · w[row, j, v], j over the `run` of kernel columns × input
/// channels, which is contiguous in NHWC. Each step loads V weight vectors and P single inputs for P·V fused
/// multiply-adds, so that loads stay below arithmetic and all sums stay in registers.
#pragma once

#include "pellucid/simd/kernels.hpp"
#include "pellucid/simd/lanes.hpp"

namespace pellucid::simd {

/// What a tile reads and writes; the same for all tiles of a row but `in` and `out`.
struct TileJob {
    const float* in;       ///< first input of the first position
    float* out;            ///< first channel of the tile at the first position
    const float* weights;  ///< first vector of the tile
    const float* bias;     ///< first channel of the tile, or null
    std::size_t rows;            ///< kernel rows
    std::size_t run;             ///< kernel columns × input channels
    std::size_t row_step;        ///< floats from one input row to the next
    std::size_t in_step;         ///< floats from one position's input to the next's
    std::size_t out_step;        ///< floats from one position's output to the next's
    std::size_t weight_step;     ///< floats from one weight vector of the tile to the next
    std::size_t last;            ///< valid lanes of the last vector
    bool relu;
};

template <class Isa, std::size_t P, std::size_t V>
PELLUCID_TILE void conv_tile(const TileJob& job) {
    using Vector = typename Isa::Vector;
    constexpr std::size_t width = Isa::width;
    Vector acc[P][V];
    for (std::size_t v = 0; v < V; ++v) {
        Vector start = Isa::zero();
        if (job.bias != nullptr) {
            start = load_lanes<Isa>(job.bias + v * width, v + 1 < V ? width : job.last);
        }
        for (std::size_t p = 0; p < P; ++p) acc[p][v] = start;
    }

    const float* weights = job.weights;
    const std::size_t in_step = job.in_step;
    const std::size_t weight_step = job.weight_step;
    for (std::size_t row = 0; row < job.rows; ++row) {
        const float* in = job.in + row * job.row_step;
        for (const float* const end = in + job.run; in != end; ++in, weights += pack_block) {
            Vector w[V];
            for (std::size_t v = 0; v < V; ++v) w[v] = Isa::load(weights + v * weight_step);
            for (std::size_t p = 0; p < P; ++p) {
                const Vector x = Isa::splat(in[p * in_step]);
                for (std::size_t v = 0; v < V; ++v) acc[p][v] = Isa::multiply_add(x, w[v], acc[p][v]);
            }
        }
    }

    if (job.relu) {
        for (std::size_t p = 0; p < P; ++p) {
            for (std::size_t v = 0; v < V; ++v) acc[p][v] = Isa::max(acc[p][v], Isa::zero());
        }
    }
    for (std::size_t p = 0; p < P; ++p) {
        float* out = job.out + p * job.out_step;
        for (std::size_t v = 0; v + 1 < V; ++v) Isa::store(out + v * width, acc[p][v]);
        store_lanes<Isa>(out + (V - 1) * width, acc[p][V - 1], job.last);
    }
}

}  // namespace pellucid::simd
