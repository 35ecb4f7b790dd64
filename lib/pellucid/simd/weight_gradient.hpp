/// Weight gradients of convolution and dense layers: outer products summed over positions.
///
/// dw[ky, j, o] += Σ_yx in[y·stride_h + ky, x·stride_w, j] · grad[y, x, o], j over kernel columns × input channels,
/// which is contiguous both in the input and in dw. A tile holds J inputs × V vectors of outputs in registers over all
/// positions: V gradient loads and J single inputs for J·V fused multiply-adds.
#pragma once

#include "pellucid/simd/kernels.hpp"
#include "pellucid/simd/lanes.hpp"

#include <cassert>
#include <utility>

namespace pellucid::simd {

struct OuterJob {
    const float* in;
    const float* grad;
    float* dw;
    std::size_t rows, columns;          ///< positions
    std::size_t in_row, in_column;      ///< floats between positions of the input
    std::size_t grad_row, grad_column;  ///< and of the gradient
    std::size_t dw_step;                ///< floats from one input's weights to the next's
    std::size_t last;                   ///< valid lanes of the last vector
};

/// U neighbouring positions have sums of their own where J·V sums alone would wait for one another.
template <class Isa, std::size_t J, std::size_t V, std::size_t U, bool Whole>
PELLUCID_TILE void outer_tile(const OuterJob& job) {
    using Vector = typename Isa::Vector;
    const auto load = [&job]<std::size_t v>(const float* from) PELLUCID_INLINE_LAMBDA {
        if constexpr (Whole || v + 1 < V) {
            return Isa::load(from + v * Isa::width);
        } else {
            return Isa::load_first(from + v * Isa::width, job.last);
        }
    };
    Vector acc[U][J][V];
    repeat<U>([&]<std::size_t u>() PELLUCID_INLINE_LAMBDA {
        repeat<J>([&]<std::size_t j>() PELLUCID_INLINE_LAMBDA {
            repeat<V>([&]<std::size_t v>() PELLUCID_INLINE_LAMBDA { acc[u][j][v] = Isa::zero(); });
        });
    });
    for (std::size_t row = 0; row < job.rows; ++row) {
        const float* in = job.in + row * job.in_row;
        const float* grad = job.grad + row * job.grad_row;
        const auto add = [&]<std::size_t u>() PELLUCID_INLINE_LAMBDA {
            Vector g[V];
            repeat<V>([&]<std::size_t v>() PELLUCID_INLINE_LAMBDA { g[v] = load.template operator()<v>(grad); });
            repeat<J>([&]<std::size_t j>() PELLUCID_INLINE_LAMBDA {
                const Vector x = Isa::splat(in[j]);
                repeat<V>([&]<std::size_t v>()
                              PELLUCID_INLINE_LAMBDA { acc[u][j][v] = Isa::multiply_add(x, g[v], acc[u][j][v]); });
            });
            in += job.in_column;
            grad += job.grad_column;
        };
        std::size_t left = job.columns;
        for (; left >= U; left -= U) repeat<U>(add);
        if constexpr (U > 1) {
            for (; left > 0; --left) add.template operator()<0>();
        }
    }
    repeat<J>([&]<std::size_t j>() PELLUCID_INLINE_LAMBDA {
        float* const dw = job.dw + j * job.dw_step;
        repeat<V>([&]<std::size_t v>() PELLUCID_INLINE_LAMBDA {
            Vector sum = load.template operator()<v>(dw) + acc[0][j][v];
            repeat<U - 1>([&]<std::size_t u>() PELLUCID_INLINE_LAMBDA { sum = sum + acc[u + 1][j][v]; });
            if constexpr (Whole || v + 1 < V) {
                Isa::store(dw + v * Isa::width, sum);
            } else {
                Isa::store_first(dw + v * Isa::width, sum, job.last);
            }
        });
    });
}

template <class Isa, std::size_t J, std::size_t V>
PELLUCID_INLINE void outer_any(const OuterJob& job) {
    constexpr std::size_t unroll = J * V >= 8 ? 1 : (8 + J * V - 1) / (J * V);
    if (job.last == Isa::width) {
        outer_tile<Isa, J, V, unroll, true>(job);
    } else {
        outer_tile<Isa, J, V, 1, false>(job);  // rare: not worth the room
    }
}

template <class Isa, std::size_t V, std::size_t... Js>
PELLUCID_INLINE void outer_rest(std::size_t inputs, const OuterJob& job, std::index_sequence<Js...>) {
    static constexpr void (*tiles[])(const OuterJob&) = {&outer_any<Isa, Js + 1, V>...};
    tiles[inputs - 1](job);
}

/// dw (inputs, out_c) for one row of taps.
template <class Isa>
void outer_product(std::size_t inputs, std::size_t out_c, OuterJob job) {
    constexpr std::size_t width = Isa::width;
    constexpr std::size_t most = Isa::outer_inputs;
    constexpr std::size_t group = Isa::outer_group;
    const std::size_t vectors = (out_c + width - 1) / width;
    const OuterJob start = job;
    const std::size_t tiles = (inputs + most - 1) / most;
    for (std::size_t t = 0, j = 0; t < tiles; ++t) {
        // Nearly equal tiles, for the same reason as in conv.hpp.
        const std::size_t count = inputs / tiles + (t < inputs % tiles ? 1 : 0);
        for (std::size_t v = 0; v < vectors;) {
            const std::size_t vector_count = vectors - v >= group ? group : 1;
            const std::size_t end = (v + vector_count) * width;
            job.in = start.in + j;
            job.grad = start.grad + v * width;
            job.dw = start.dw + j * out_c + v * width;
            job.dw_step = out_c;
            job.last = end <= out_c ? width : width - (end - out_c);
            if (vector_count == group) {
                outer_rest<Isa, group>(count, job, std::make_index_sequence<most>{});
            } else {
                outer_rest<Isa, 1>(count, job, std::make_index_sequence<most>{});
            }
            v += vector_count;
        }
        j += count;
    }
}

template <class Isa>
void conv_weight_gradient(const ConvSizes& s, const float* in, const float* grad, float* dw) {
    const std::size_t run = s.kernel_w * s.in_c;
    OuterJob job{};
    job.rows = s.out_h;
    job.columns = s.out_w;
    job.in_row = s.stride_h * s.in_w * s.in_c;
    job.in_column = s.stride_w * s.in_c;
    job.grad_row = s.out_w * s.out_c;
    job.grad_column = s.out_c;
    job.grad = grad;
    for (std::size_t ky = 0; ky < s.kernel_h; ++ky) {
        job.in = in + ky * s.in_w * s.in_c;
        job.dw = dw + ky * run * s.out_c;
        outer_product<Isa>(run, s.out_c, job);
    }
}

/// dw[i, o] += Σ_n in[n, i] · grad[n, o]: one row of n positions.
template <class Isa>
void dense_weight_gradient(std::size_t n, std::size_t in_c, std::size_t out_c, const float* in, const float* grad,
                           float* dw) {
    OuterJob job{};
    job.in = in;
    job.grad = grad;
    job.dw = dw;
    job.rows = 1;
    job.columns = n;
    job.in_column = in_c;
    job.grad_column = out_c;
    outer_product<Isa>(in_c, out_c, job);
}

/// db[o] += Σ_rows grad[row, o]; grad (rows, channels). Four rows at a time hide the addition's latency.
template <class Isa>
void sum_rows(std::size_t rows, std::size_t channels, const float* grad, float* db) {
    using Vector = typename Isa::Vector;
    constexpr std::size_t width = Isa::width;
    for (std::size_t c = 0; c < channels; c += width) {
        const std::size_t lanes = channels - c < width ? channels - c : width;
        const auto load = [lanes](const float* at) PELLUCID_INLINE_LAMBDA { return load_lanes<Isa>(at, lanes); };
        Vector sums[4] = {Isa::zero(), Isa::zero(), Isa::zero(), Isa::zero()};
        const float* from = grad + c;
        std::size_t row = 0;
        for (; row + 4 <= rows; row += 4, from += 4 * channels) {
            for (std::size_t u = 0; u < 4; ++u) sums[u] = sums[u] + load(from + u * channels);
        }
        for (; row < rows; ++row, from += channels) sums[0] = sums[0] + load(from);
        const Vector sum = load(db + c) + ((sums[0] + sums[1]) + (sums[2] + sums[3]));
        store_lanes<Isa>(db + c, sum, lanes);
    }
}

}  // namespace pellucid::simd
