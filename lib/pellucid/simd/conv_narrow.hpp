/// Convolution with fewer than four outputs.
///
/// With so few output channels a vector of outputs would be nearly empty. So the lanes run over the inputs (kernel
/// columns × input channels) instead: each sum is a vector of partial sums, and its lanes are added up once at the end.
///
/// out[y, x, o] = bias[o] + Σ_row Σ_j in[row, x, j] · w[o, row, j], weights packed [out_c][kernel_h][kernel_w][in_c].
/// The input gradient of a first layer is such a convolution.
#pragma once

#include "pellucid/simd/kernels.hpp"
#include "pellucid/simd/lanes.hpp"

#include <cassert>

namespace pellucid::simd {

struct NarrowJob {
    const float* in;
    float* out;
    const float* weights;
    const float* bias;
    std::size_t rows, run;      ///< kernel rows, and kernel columns × input channels, that lie within the image
    std::size_t weight_row;     ///< floats from one kernel row's weights to the next's
    std::size_t weight_step;    ///< from one output's weights to the next's
    std::size_t row_step;       ///< from one input row to the next
    std::size_t in_step;        ///< from one position's input to the next's
    std::size_t in_c;           ///< edge tiles: run = kernel columns · in_c,
    std::size_t without_first;  ///< leading kernel columns that lie in the padding at the first position, at most 2
    std::size_t without_last;   ///< trailing ones at the last position; one tile never has both
    bool relu;
};

/// P positions × O outputs, with one vector of partial sums each. Edge: at the first two or the last two positions some
/// kernel columns may lie in the padding; in_c must then be a multiple of the vector's width. Step: the in_step if it
/// is known at compile time, else 0. With a constant step the addresses of all positions are one register and constant
/// offsets; with a variable step fourteen addresses do not fit into the registers.
template <class Isa, std::size_t P, std::size_t O, bool Edge = false, std::size_t Step = 0>
PELLUCID_TILE void narrow_tile(const NarrowJob& job) {
    using Vector = typename Isa::Vector;
    constexpr std::size_t width = Isa::width;
    Vector acc[O][P];
    repeat<O>([&]<std::size_t o>() PELLUCID_INLINE_LAMBDA {
        repeat<P>([&]<std::size_t p>() PELLUCID_INLINE_LAMBDA { acc[o][p] = Isa::zero(); });
    });
    const std::size_t in_step = Step != 0 ? Step : job.in_step;
    const auto add = [&]<std::size_t First, std::size_t Last>(const float* in, const float* weights,
                                                              auto load) PELLUCID_INLINE_LAMBDA {
        Vector w[O];
        repeat<O>([&]<std::size_t o>() PELLUCID_INLINE_LAMBDA { w[o] = load(weights + o * job.weight_step); });
        repeat<Last - First>([&]<std::size_t i>() PELLUCID_INLINE_LAMBDA {
            const Vector x = load(in + (First + i) * in_step);
            repeat<O>([&]<std::size_t o>() PELLUCID_INLINE_LAMBDA {
                acc[o][First + i] = Isa::multiply_add(x, w[o], acc[o][First + i]);
            });
        });
    };
    const auto load_all = [](const float* from) PELLUCID_INLINE_LAMBDA { return Isa::load(from); };
    for (std::size_t row = 0; row < job.rows; ++row) {
        const float* in = job.in + row * job.row_step;
        const float* weights = job.weights + row * job.weight_row;
        std::size_t left = job.run;
        if constexpr (Edge) {
            const std::size_t columns = left / job.in_c;
            for (std::size_t kx = 0; kx < columns; ++kx) {
                const auto some = [&]<std::size_t First, std::size_t Last>() PELLUCID_INLINE_LAMBDA {
                    const std::size_t channels = Step != 0 ? Step : job.in_c;
                    for (std::size_t i = 0; i < channels; i += width, in += width, weights += width) {
                        add.template operator()<First, Last>(in, weights, load_all);
                    }
                };
                // Kernel column kx lies in the padding at the first (without_first − kx) positions, and likewise at the
                // end.
                const std::size_t before = job.without_first > kx ? job.without_first - kx : 0;
                const std::size_t after = kx + job.without_last >= columns ? kx + job.without_last + 1 - columns : 0;
                if (before == 1) {
                    some.template operator()<1, P>();
                } else if (before == 2) {
                    some.template operator()<2, P>();
                } else if (after == 1) {
                    some.template operator()<0, P - 1>();
                } else if (after == 2) {
                    some.template operator()<0, P - 2>();
                } else {
                    some.template operator()<0, P>();
                }
            }
            continue;
        }
        for (; left >= width; left -= width, in += width, weights += width) {
            add.template operator()<0, P>(in, weights, load_all);
        }
        if (left != 0) {
            const auto load = [left](const float* from) PELLUCID_INLINE_LAMBDA { return Isa::load_first(from, left); };
            add.template operator()<0, P>(in, weights, load);
        }
    }
    repeat<O>([&]<std::size_t o>() PELLUCID_INLINE_LAMBDA {
        float sums[P];
        sum_each<Isa>(acc[o], sums);
        const float bias = job.bias == nullptr ? 0.0F : job.bias[o];
        for (std::size_t p = 0; p < P; ++p) {
            const float sum = sums[p] + bias;
            job.out[p * O + o] = job.relu && !(sum > 0.0F) ? 0.0F : sum;
        }
    });
}

/// Computes rows [first_row, first_row + count). If only the first two and the last two positions of a row reach into
/// the padding and there is one output, edge tiles leave the padding out. Otherwise positions that reach into the
/// padding are computed one by one, each with the part of the kernel that lies within the image.
template <class Isa, std::size_t O>
PELLUCID_INLINE void narrow_rows(const ConvSizes& s, const float* image, NarrowJob job, std::size_t first_row,
                                 std::size_t count) {
    // Two or three outputs are rare; in WebAssembly, where the size of the code matters, they have no tiles of several
    // positions.
    constexpr std::size_t most = O == 1 || Isa::unroll_taps ? Isa::narrow_positions / O : 1;
    const float* const all_weights = job.weights;
    const auto less = [](std::size_t a, std::size_t b) { return a > b ? a - b : 0; };
    const std::size_t right_most = s.out_w + s.kernel_w - 1;
    const bool edges = O == 1 && s.stride_w == 1 && s.in_c % Isa::width == 0 && s.out_w >= most + 2 &&
                       s.pad_left <= 2 && right_most <= s.in_w + s.pad_left + 2;
    for (std::size_t y = first_row; y < first_row + count; ++y) {
        const std::size_t top = y * s.stride_h;
        const std::size_t above = less(s.pad_top, top);
        const std::size_t end = less(s.in_h + s.pad_top, top);
        job.rows = less(end < s.kernel_h ? end : s.kernel_h, above);
        const float* const weights = all_weights + above * job.weight_row;
        const float* const row = image + (top + above - s.pad_top) * job.row_step;
        if (edges) {
            float* const out = job.out;
            job.run = s.kernel_w * s.in_c;
            job.weights = weights;
            for (std::size_t x = 0;; x = x + 2 * most < s.out_w ? x + most : s.out_w - most) {
                const std::size_t read = x + most + s.kernel_w - 1;  // stride 1
                job.without_first = less(s.pad_left, x);
                job.without_last = less(read, s.in_w + s.pad_left);
                job.in = row + x * s.in_c - s.pad_left * s.in_c;
                job.out = out + x * O;
                // Inner tiles use the edge tile's code as well (with nothing to leave out): one copy is enough.
                if constexpr (O == 1) {
                    constexpr std::size_t step = Isa::width == pack_block ? pack_block : 0;
                    (s.in_c == step ? narrow_tile<Isa, most, O, true, step> : narrow_tile<Isa, most, O, true>)(job);
                }
                if (x + most == s.out_w) break;
            }
            job.out = out + s.out_w * O;
            continue;
        }
        for (std::size_t x = 0; x < s.out_w;) {
            const std::size_t left = x * s.stride_w;
            const std::size_t before = less(s.pad_left, left);
            const std::size_t right = left + (most - 1) * s.stride_w + s.kernel_w;
            if (before == 0 && x + most <= s.out_w && right <= s.in_w + s.pad_left) {
                job.run = s.kernel_w * s.in_c;
                job.in = row + (left - s.pad_left) * s.in_c;
                job.weights = weights;
                narrow_tile<Isa, most, O>(job);
                job.out += most * O;
                x += most;
                continue;
            }
            const std::size_t stored = less(s.in_w + s.pad_left, left);
            job.run = less(stored < s.kernel_w ? stored : s.kernel_w, before) * s.in_c;
            job.in = job.run == 0 ? row : row + (left + before - s.pad_left) * s.in_c;
            job.weights = weights + before * s.in_c;
            narrow_tile<Isa, 1, O>(job);
            job.out += O;
            ++x;
        }
    }
}

template <class Isa>
PELLUCID_INLINE void conv_narrow(const ConvSizes& s, const float* in, const PackedWeights& packed, const float* bias,
                                 bool relu, std::size_t first_row, std::size_t count, float* out) {
    NarrowJob job{};
    job.out = out;
    job.weights = packed.data.data();
    job.bias = bias;
    job.weight_row = s.kernel_w * s.in_c;
    job.weight_step = s.kernel_h * job.weight_row;
    job.row_step = s.in_w * s.in_c;
    job.in_step = s.stride_w * s.in_c;
    job.in_c = s.in_c;
    job.relu = relu;
    switch (s.out_c) {
        case 1: return narrow_rows<Isa, 1>(s, in, job, first_row, count);
        case 2: return narrow_rows<Isa, 2>(s, in, job, first_row, count);
        case 3: return narrow_rows<Isa, 3>(s, in, job, first_row, count);
        default: assert(s.out_c < narrow_limit);
    }
}

}  // namespace pellucid::simd
